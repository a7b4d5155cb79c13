"""`ehcp import`: plans that councils have as Word, JSON or NDJSON files become records.

Files are sent in slices through the import route, so that progress shows and an interruption costs one slice. Running
the same command again takes up where it was: what is on record is recognised and left alone.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.identity.tokens import Principal
from services.cli.account import account
from services.cli.import_sources import content_of, files_of
from services.cli.session import Place, problem_in_words, session
from services.cli.talk import MISUSE, REFUSED, console, result, say, stop
from services.importing.place_words import place_in_words
from services.importing.reading import JSON, MEDIA_TYPES, NDJSON
from services.importing.report import ImportReport, Reject, combined
from services.importing.slices import Slice, array_in_slices, lines_in_slices

LA_CODE = re.compile("[0-9]{3}")


def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Word (.docx), JSON or NDJSON files, or folders of them.")],
    council: Annotated[str, typer.Option(help="The LA code of the council whose plans these are, for example 855.")],
    json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
    rejects: Annotated[Path, typer.Option(help="Where plans that were turned away are listed.")] = Path(
        "import-rejects.ndjson"
    ),
) -> None:
    """Import plans. Law is never altered: a plan that is on record and differs gets a draft amendment."""
    if not LA_CODE.fullmatch(council):
        stop(f"'{council}' isn't an LA code: it has three digits, for example 855.", MISUSE)
    found = files_of(paths)
    principal = Principal(subject=_operator(), organisation=f"la:{council}", role="case-officer")
    with session(principal) as place, _progress() as progress:
        report = combined(_imported(place, each, council, progress) for each in found)
    _write_rejects(rejects, report)
    if json:
        result(_summary(report))
    else:
        _tell(report, rejects)
    if report.rejected and not report.plans:
        raise typer.Exit(REFUSED)


def _operator() -> str:
    """Who imports, as it goes on record: the person signed in to this machine."""
    return f"import-operator:{account()}"


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def _imported(place: Place, file: Path | Reject, council: str, progress: Progress) -> ImportReport:
    if isinstance(file, Reject):
        return ImportReport(rejected=1, rejects=(file,))
    content = content_of(file)
    if isinstance(content, Reject):
        return ImportReport(rejected=1, rejects=(content,))
    media_type, digest = MEDIA_TYPES[file.suffix.lower()], sha256(content).hexdigest()
    slices = list(_slices(content, media_type))
    task = progress.add_task(file.name, total=sum(part.lines for part in slices))
    reports = []
    for part in slices:
        reports.append(_sent(place, file, part, media_type, council, digest))
        progress.advance(task, part.lines)
    return combined(reports)


def _slices(content: bytes, media_type: str) -> Iterator[Slice]:
    if media_type == NDJSON:
        return lines_in_slices(content)
    return array_in_slices(content) if media_type == JSON else iter([Slice(content=content, first_line=1, lines=1)])


def _sent(place: Place, file: Path, part: Slice, media_type: str, council: str, digest: str) -> ImportReport:
    response = place.post(
        "/v1/imports",
        part.content,
        media_type,
        council=council,
        fileSha256=digest,
        firstLine=part.first_line,
    )
    if response.is_server_error or response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        stop(problem_in_words(response))
    if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and "report" in response.json():
        return _named(msgspec.convert(response.json()["report"], ImportReport), file.name)
    if not response.is_success:
        reason = problem_in_words(response)
        refused = Reject(file=file.name, line=part.first_line, pointer="", rule="refused", reason=reason)
        return ImportReport(rejected=1, rejects=(refused,))
    return _named(msgspec.json.decode(response.content, type=ImportReport), file.name)


def _named(report: ImportReport, name: str) -> ImportReport:
    """The report with the file's own name, which never travels in a URL or a log."""
    return replace(
        report,
        warnings=tuple(replace(notice, file=name) for notice in report.warnings),
        rejects=tuple(replace(reject, file=name) for reject in report.rejects),
    )


def _write_rejects(path: Path, report: ImportReport) -> None:
    """One line a reject: file, line, pointer, rule, reason. An empty run leaves no file behind."""
    if report.rejects:
        path.write_bytes(b"".join(msgspec.json.encode(reject) + b"\n" for reject in report.rejects))
    else:
        path.unlink(missing_ok=True)


def _summary(report: ImportReport) -> dict[str, object]:
    return {
        "plans": report.plans,
        "updated": report.updated,
        "unplaced": report.unplaced,
        "rejected": report.rejected,
        "planIds": report.plan_ids,
        "warnings": [{"file": n.file, "code": n.code, "path": n.path} for n in report.warnings],
    }


def _tell(report: ImportReport, rejects: Path) -> None:
    for notice in report.warnings:
        place = f", {place_in_words(notice.path)}" if notice.path else ""
        mark = "·" if notice.severity == "info" else "[yellow]![/]"
        say(f"{mark} {notice.file}{place}: {notice.message} [dim]({notice.code})[/]")
    for reject in report.rejects:
        say(f"[red]✗[/] {reject.file}, line {reject.line} {reject.pointer}: {reject.reason}")
    for plan_id in report.plan_ids[:20]:
        typer.echo(plan_id)
    more = len(report.plan_ids) - 20
    if more > 0:
        say(f"… and {more} more plans")
    say(
        f"{_counted(report.plans, 'plan')} on record ({report.created} new),"
        f" {_counted(report.updated, 'draft amendment')} opened,"
        f" {_counted(report.unplaced, 'note')} that no field could hold, {report.rejected} turned away"
        + (f" (listed in {rejects})." if report.rejects else ".")
    )


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
