"""`ehcp replay`: the log of legal acts, an event a line, for whoever holds the record and its keys."""

import sys
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from msgspec import to_builtins
from rich.progress import Progress

from domain.plan.acts import Actor
from domain.plan.events import Erased, HistoryEntry
from services.cli.session import load_settings
from services.cli.talk import MISUSE, console, say, stop
from services.disclosures.values import EXPORTED, Reader, Showing
from services.errors import NotRecorded
from services.store.errors import StoreOwnedElsewhere, StoreUnavailable
from services.store.record_store import RecordStore

#: Whoever has the files and their keys.
OPERATOR = Reader(actor=Actor(subject="operator", organisation="operator", role="auditor"), channel="cli")


def replay(
    after: Annotated[int, typer.Option(min=0, help="Begin behind this position.")] = 0,
    upto: Annotated[int | None, typer.Option(min=1, help="End with this position.")] = None,
    since: Annotated[str, typer.Option(help="Begin behind this instant, such as 2026-11-02T09:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="End with this instant.")] = "",
    plan: Annotated[str, typer.Option(help="Only this plan's events.")] = "",
    event_type: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only events of this type, such as ehcp.plan.amended.v1; repeat it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, a line an event; else a line of words.")] = False,
) -> None:
    """Print the events of the log in order. An erased event is told in its place, without what it said."""
    from services.bootstrap import NOT_FIT, open_platform

    chosen = _plan_id(plan)
    try:
        platform = open_platform(load_settings())
    except StoreOwnedElsewhere as owner:
        stop(f"Another process has the record ({owner.base_url or 'a command'}): stop it first, or read over HTTP.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    store = platform.store
    begin = max(after, store.position_at(_instant(since)) if since else 0)
    head = store.head()[0]
    end = min(upto or head, store.position_at(_instant(until)) if until else head)
    write = _as_json if json else _in_words
    try:
        platform.disclosures.record_now(_copying(store, chosen, begin, end), OPERATOR)
        shown = _print(store, begin, end, chosen, tuple(event_type or ()), write)
    except NotRecorded:
        stop("It couldn't be recorded that the log is copied, so nothing was printed.")
    except StoreUnavailable as error:
        stop(str(error))
    finally:
        platform.close()
    say(f"{shown} events from position {begin + 1} to {end}.")


def _copying(store: RecordStore, plan: UUID | None, begin: int, end: int) -> Showing:
    """What the disclosure log says of this: a copy of a plan's history, or of a stretch of the log."""
    readable = plan if plan and store.keys.children((plan,)) else None
    stretch = f"positions {begin + 1} to {end}"
    return Showing(
        what="replay", outcome=EXPORTED, plan=readable, asked=str(plan or ""), relation="auditor", text=stretch
    )


def _print(store: RecordStore, begin: int, end: int, plan: UUID | None, types: tuple[str, ...], write: Any) -> int:
    shown = 0
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Replaying", total=max(end - begin, 1))
        for page in store.replay_pages(begin, upto=end, plan=plan, types=types):
            sys.stdout.buffer.write(b"".join(map(write, page)))
            shown += len(page)
            progress.update(task, completed=page[-1].position - begin)
    sys.stdout.buffer.flush()
    return shown


def _as_json(entry: HistoryEntry) -> bytes:
    """An event in CloudEvents terms with its position; what was sealed stands under `metadata` and `data`."""
    clear = {
        "specversion": "1.0",
        "id": str(entry.id),
        "type": entry.type,
        "subject": str(entry.plan),
        "sequence": entry.sequence,
        "position": entry.position,
        "time": entry.time,
    }
    if isinstance(entry, Erased):
        return orjson.dumps({**clear, "erased": True}, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
    content = {"metadata": to_builtins(entry.metadata), "data": entry.data}
    return orjson.dumps({**clear, **content}, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def _in_words(entry: HistoryEntry) -> bytes:
    when = entry.time.strftime("%Y-%m-%d %H:%M:%S")
    who = "erased" if isinstance(entry, Erased) else f"{entry.metadata.actorrole} {entry.metadata.actororg}"
    return f"{entry.position:>9}  {when}  {entry.plan}  {entry.sequence:>4}  {entry.type}  {who}\n".encode()


def _plan_id(stated: str) -> UUID | None:
    try:
        return UUID(stated) if stated else None
    except ValueError:
        stop(f"'{stated}' is not a plan's id.", MISUSE)


def _instant(stated: str) -> datetime:
    moment = _parsed(stated)
    if moment is None or moment.tzinfo is None:
        stop(f"'{stated}' is not an instant with its time zone, such as 2026-11-02T09:00:00Z.", MISUSE)
    return moment


def _parsed(stated: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stated)
    except ValueError:
        return None
