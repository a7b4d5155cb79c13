"""`ehcp access`: ending what was given out to people and systems before a moment, and what was ended so far."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from connectors.identity.principal import ORGANISATION
from domain.directory.endings import EVERYBODY, REASONS, EndingRefused
from services.cli.directory import JsonOption
from services.cli.own_record import operator_id, own_record
from services.cli.session import load_settings
from services.cli.talk import MISUSE, console, result, say, stop
from services.directory.folded import Folded
from services.identity.ending import Endings
from services.record_at_rest import has_record, logs_at_rest
from services.settings import Settings
from services.store.errors import SequenceConflict, StoreError
from services.store.values import DIRECTORY_LOG


def end(
    reason: Annotated[str, typer.Option(help=f"Why: one of {', '.join(REASONS)}.")],
    organisation: Annotated[str, typer.Option(help='Everybody of an organisation: "la:855", "urn:199101".')] = "",
    client: Annotated[str, typer.Option(help="A system that is registered here, by its client id.")] = "",
    issuer: Annotated[str, typer.Option(help="A person, or a system of another issuer, by that ...")] = "",
    subject: Annotated[str, typer.Option(help="... and by its subject there.")] = "",
    everybody: Annotated[bool, typer.Option("--everybody", help="All people and systems.")] = False,
    before: Annotated[str, typer.Option(help="What began up to then, ISO 8601; now when it isn't stated.")] = "",
) -> None:
    """End sessions and tokens of people or systems: whoever is still entitled signs in again."""
    stated = [bool(organisation), bool(client), bool(issuer and subject), everybody]
    if sum(stated) != 1 or bool(issuer) != bool(subject):
        stop("Name one: --organisation, --client, --issuer with --subject, or --everybody.", MISUSE)
    if organisation and not ORGANISATION.fullmatch(organisation):
        stop(f"'{organisation}' isn't an organisation: write it as la:855.", MISUSE)
    moment = _moment(before)
    with own_record() as platform:
        scope = _scope(platform.endings, organisation, client, issuer, subject)
        try:
            platform.endings.end(scope, moment, reason, actor=operator_id(platform.keyring))
        except EndingRefused as refused:
            stop(str(refused), MISUSE)
        except SequenceConflict:
            stop("Somebody else ended the same just now: look at `ehcp access list`.")
        if subject:
            platform.signing_in.sessions.end_all_of(issuer, subject)
    say(f"What began up to {moment:%Y-%m-%d %H:%M:%S} UTC is ended. Running servers know within a second.")


def list_endings(json: JsonOption = False) -> None:
    """List whose access was ended, and up to when. A person is named by a keyed hash."""
    try:
        found = sorted(_endings(load_settings()).items())
    except StoreError as fault:
        stop(str(fault))
    if json:
        result([{"scope": scope, "before": moment} for scope, moment in found])
        return
    table = Table("Whose", "What began up to", box=None, pad_edge=False)
    for scope, moment in found:
        table.add_row(scope, f"{moment:%Y-%m-%d %H:%M:%S}")
    console.print(table)


def _endings(settings: Settings) -> dict[str, datetime]:
    """Read as they lie: a server may have the record."""
    folded = Folded()
    if has_record(settings):
        with logs_at_rest(settings) as logs:
            for event in logs.clear(DIRECTORY_LOG):
                folded.take(event)
    return folded.endings


def _scope(endings: Endings, organisation: str, client: str, issuer: str, subject: str) -> str:
    if organisation:
        return f"organisation:{organisation}"
    if client:
        return f"client:{client}"
    return endings.scope_of_person(issuer, subject) if subject else EVERYBODY


def _moment(stated: str) -> datetime:
    try:
        moment = datetime.fromisoformat(stated) if stated else datetime.now(UTC).replace(microsecond=0)
    except ValueError:
        stop(f"'{stated}' isn't a moment: write it as 2026-12-01 or 2026-12-01T09:00:00Z.", MISUSE)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
