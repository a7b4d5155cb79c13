"""`ehcp directory clients`: the systems that sign in for an organisation, and their public keys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from connectors.identity.tokens import ROLES
from domain.directory.clients import ClientRefused, register_client, revoke_client, rotate_keys
from domain.directory.events import ClientKeysRotated, ClientRegistered, Happening
from domain.directory.identifiers import parse_identifier
from domain.directory.organisation import organisation_id
from domain.identifiers import IdentifierError
from services.bootstrap import Platform
from services.cli.directory import JsonOption
from services.cli.own_record import operator_id, own_record
from services.cli.talk import MISUSE, console, result, say, stop
from services.directory.service import Entry

#: A person of a family never signs in by a machine's key.
MACHINE_ROLES = ROLES - {"family"}
ClientId = Annotated[str, typer.Argument(help="The client's id, given once and never again.")]
Jwks = Annotated[
    Path, typer.Option(help='File with the public keys: {"keys": [...]}, RSA or Ed25519, each with a kid.')
]
Certificates = Annotated[
    list[str] | None, typer.Option("--certificate", help="SHA-256 thumbprint (x5t#S256) of its TLS certificate.")
]


def add(
    client_id: ClientId,
    organisation: Annotated[str, typer.Option(help='For whom it signs in: "ods:QJK", "la:855", "urn:199101".')],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(sorted(MACHINE_ROLES))}.")],
    jwks: Jwks,
    certificate: Certificates = None,
    active_from: Annotated[str, typer.Option("--from", help="First moment, ISO 8601; else now.")] = "",
    active_until: Annotated[str, typer.Option("--until", help="When it ends, ISO 8601; else never.")] = "",
) -> None:
    """Register a system that signs in with a key of its own."""
    if role not in MACHINE_ROLES:
        stop(f"There is no role '{role}' for a machine. Use one of {', '.join(sorted(MACHINE_ROLES))}.", MISUSE)
    registered = ClientRegistered(
        client_id=client_id,
        organisation=_organisation(organisation),
        role=role,
        jwks=_keys(jwks),
        active_from=_moment(active_from) or _now(),
        active_until=_moment(active_until),
        certificates=tuple(certificate or ()),
    )
    with own_record() as platform:
        if platform.directory.find(registered.organisation, platform.directory.today()) is None:
            say(f"[yellow]![/] {registered.organisation} isn't in the directory yet.")
        _record(platform, client_id, lambda known: register_client(known, registered))
    say(f"{client_id} may sign in for {registered.organisation} as {role}.")


def list_clients(json: JsonOption = False) -> None:
    """List the systems, for whom they sign in, and whether they may now."""
    now = _now()
    with own_record() as platform:
        found = platform.directory.clients()
    if json:
        result([{**msgspec.to_builtins(client), "active": client.is_active(now)} for client in found])
        return
    table = Table("Client", "Organisation", "Role", "Active", "From", "Until", "Keys", box=None, pad_edge=False)
    for client in found:
        until = client.revoked_at or client.active_until
        table.add_row(
            client.client_id,
            client.organisation,
            client.role,
            "yes" if client.is_active(now) else "no",
            f"{client.active_from:%Y-%m-%d %H:%M}",
            f"{until:%Y-%m-%d %H:%M}" if until else "",
            ", ".join(key["kid"] for key in client.jwks(now)["keys"]),
        )
    console.print(table)


def rotate(
    client_id: ClientId,
    jwks: Jwks,
    keep_hours: Annotated[int, typer.Option(min=0, help="How long its keys so far are still accepted.")] = 24,
    certificate: Certificates = None,
) -> None:
    """Give a system new keys; those so far are accepted for a while, so that nothing stands still."""
    rotated = ClientKeysRotated(
        jwks=_keys(jwks),
        previous_until=_now() + timedelta(hours=keep_hours),
        certificates=tuple(certificate or ()),
    )
    with own_record() as platform:
        _record(platform, client_id, lambda known: rotate_keys(known, rotated))
    say(f"{client_id} has new keys; those before are accepted until {rotated.previous_until:%Y-%m-%d %H:%M} UTC.")


def revoke(client_id: ClientId) -> None:
    """End a system's access, for good."""
    with own_record() as platform:
        _record(platform, client_id, lambda known: revoke_client(known, _now()))
    say(
        f"{client_id} may not sign in any more. Running servers know within a second;"
        " tokens given out before run until they end."
    )


def _record(platform: Platform, client_id: str, decide: Any) -> None:
    known = platform.directory.client(client_id)
    try:
        happening: Happening = decide(known)
    except ClientRefused as refused:
        stop(str(refused))
    entry = Entry(
        stream=organisation_id(f"client:{client_id}"),
        sequence=known.sequence + 1 if known else 1,
        happening=happening,
    )
    platform.directory.record([entry], actor=operator_id(platform.keyring))


def _organisation(stated: str) -> str:
    try:
        return parse_identifier(stated)
    except IdentifierError as fault:
        stop(str(fault), MISUSE)


def _keys(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        stop(f"{file} can't be read as a JWKS.", MISUSE)


def _moment(stated: str) -> datetime | None:
    if not stated:
        return None
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        stop(f"'{stated}' isn't a moment: write it as 2026-12-01 or 2026-12-01T09:00:00Z.", MISUSE)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
