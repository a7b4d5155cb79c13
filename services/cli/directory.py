"""`ehcp directory`: take in the extracts of GIAS and ODS, and look organisations up as they were on any day."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from connectors.identity.tokens import Principal
from services.bootstrap import Platform
from services.cli.own_record import operator_id, own_record
from services.cli.session import session
from services.cli.talk import MISUSE, REFUSED, console, result, say, stop
from services.directory import gias, ods, others
from services.directory.importing import DirectoryImporter, ImportOutcome
from services.directory.statements import Statement
from services.directory.tables import TableUnreadable
from services.store.errors import StoreError, WritesRefused

_READERS: Final = {
    "gias": gias.establishments,
    "gias-links": gias.links,
    "ods": ods.bodies,
    "ods-succ": ods.successions,
    others.LIST: others.listed,
}
SOURCES: Final = (*_READERS, others.COUNCILS)
_DAY_IN_NAME: Final = re.compile(r"(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def import_extract(
    source: Annotated[str, typer.Option(help=f"One of {', '.join(SOURCES)}.")],
    file: Annotated[Path | None, typer.Argument(help="The CSV file as published; none for councils.")] = None,
    as_of: Annotated[
        str, typer.Option(help="The day of the extract, YYYY-MM-DD; else the one in the file's name, else today.")
    ] = "",
    rejects: Annotated[Path, typer.Option(help="Where rows that were turned away are listed.")] = Path(
        "directory-rejects.ndjson"
    ),
    json: JsonOption = False,
) -> None:
    """Take an extract into the directory. Only differences are recorded: repeating a file records nothing."""
    if source not in SOURCES:
        stop(f"There is no source '{source}'. Use one of {', '.join(SOURCES)}.", MISUSE)
    if (file is None) != (source == others.COUNCILS):
        stop("Name the file; only the councils come with this release and need none.", MISUSE)
    content = _content(file)
    with own_record() as platform:
        day = _day(as_of, file) or platform.directory.today()
        importer = DirectoryImporter(platform.directory, operator_id(platform.keyring))
        try:
            with _progress(content.count(b"\n")) as reached:
                outcome = importer.take(_statements(platform, source, content, day), reached)
        except TableUnreadable as fault:
            stop(str(fault), MISUSE)
        except WritesRefused:
            raise
        except StoreError as fault:
            stop(f"The import stopped: {fault}. Run it again; it takes up where it was.")
    _write_rejects(rejects, file, outcome)
    _tell(outcome, rejects, json=json)
    if outcome.rejected and len(outcome.rejected) == outcome.rows:
        raise typer.Exit(REFUSED)


def show(
    identifier: Annotated[str, typer.Argument(help="Any identifier: urn:100001, ukprn:..., la:855, ods:QJK ...")],
    on: Annotated[str, typer.Option(help="As it was on this day, YYYY-MM-DD; else today.")] = "",
    json: JsonOption = False,
) -> None:
    """Show who an identifier named on a day, and who answers for them."""
    if on and _parsed(on) is None:
        stop("Give the day as YYYY-MM-DD, for example 2021-05-01.", MISUSE)
    principal = Principal(subject="operator", organisation="platform", role="auditor")
    with session(principal) as place:
        found = place.get(f"/v1/organisations/{identifier}", on=on or None)
    if json:
        result(found)
        return
    for line in _described(found):
        typer.echo(line)


def _content(file: Path | None) -> bytes:
    try:
        return b"" if file is None else file.read_bytes()
    except OSError as error:
        stop(f"{file} can't be read: {error.strerror}.", MISUSE)


def _day(stated: str, file: Path | None) -> date | None:
    if stated:
        return _parsed(stated) or stop("Give the day as YYYY-MM-DD, for example 2026-11-02.", MISUSE)
    named = _DAY_IN_NAME.search(file.name) if file else None
    return _parsed("-".join(named.groups())) if named else None


def _parsed(stated: str) -> date | None:
    try:
        return datetime.strptime(stated, "%Y-%m-%d").date()  # noqa: DTZ007 - a civil date has no zone
    except ValueError:
        return None


def _statements(platform: Platform, source: str, content: bytes, day: date) -> Iterator[Statement]:
    if source == others.COUNCILS:
        return others.councils(platform.rules.code_sets["local-authorities"])
    return _READERS[source](content, day)


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    """A bar over the lines of a file; what it gives is told the line that was reached."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Importing", total=lines or None)
        yield lambda line: progress.update(task, completed=line)


def _write_rejects(path: Path, file: Path | None, outcome: ImportOutcome) -> None:
    """One line a reject. A run without any leaves no file behind."""
    if not outcome.rejected:
        path.unlink(missing_ok=True)
        return
    name = file.name if file else ""
    lines = ({"file": name, **msgspec.to_builtins(reject)} for reject in outcome.rejected)
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def _tell(outcome: ImportOutcome, rejects: Path, *, json: bool) -> None:
    if json:
        result({**msgspec.to_builtins(outcome), "rejected": len(outcome.rejected)})
        return
    for reject in outcome.rejected[:20]:
        say(f"[red]✗[/] line {reject.line} {reject.column}: {reject.reason}")
    say(
        f"{outcome.registered:,} organisations registered, {outcome.changed:,} changed,"
        f" {outcome.unchanged:,} as they were, {outcome.skipped:,} rows passed over,"
        f" {len(outcome.rejected):,} turned away" + (f" (listed in {rejects})." if outcome.rejected else ".")
    )


def _described(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['name']} ({found['kind']}), on {found['on']}"
    yield f"  identifiers  {', '.join(found['identifiers'])}"
    yield f"  exists       {found.get('opened', 'always')} to {found.get('closed', 'now')}"
    for name, value in found["facts"].items():
        yield f"  {name:<12} {value}"
    for label, key in (("answers", "answering"), ("successor", "successors"), ("predecessor", "predecessors")):
        for other in found[key]:
            yield f"  {label:<12} {other['name']}: {', '.join(other['identifiers'])}"
