"""`ehcp keys`: which keys wrap the children's keys, exchanging them without a pause, and destroying old ones."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Final

import typer
from msgspec.structs import replace
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.directory import JsonOption
from services.cli.index_keys import rows_made
from services.cli.own_record import own_record
from services.cli.session import load_settings
from services.cli.talk import MISUSE, console, result, say, stop
from services.keyrings import open_keyring
from services.record_at_rest import keys_at_rest
from services.settings import Settings
from services.store.council_keys import KeyUse, children_by_key, usage_of
from services.store.errors import StoreError, StoreOwnedElsewhere
from services.store.keyring import COUNCIL, INDEX, KeyCustody, name_of

_LOOK_SECONDS: Final = 0.5
Council = Annotated[str, typer.Argument(help="LA code of the council, for example 855.")]


def list_keys(json: JsonOption = False) -> None:
    """List the keys: which is in use, how many children's keys a council's wraps, how many rows an index key made."""
    with ExitStack() as stack:
        settings = load_settings()
        platform = _mine(settings, stack)
        keyring = platform.keyring if platform else stack.enter_context(_keyring(settings))
        found = usage_of(platform.store.council_keys.children_by_key() if platform else _looked_up(settings), keyring)
        rows = rows_made(settings, platform)
        found = tuple(replace(use, rows=rows.get(use.key_id)) for use in found)
    if json:
        result(found)
        return
    table = Table("Key", "In use", "Children", "Rows", "Made", box=None, pad_edge=False)
    for use in found:
        made = f"{use.info.made:%Y-%m-%d}" if use.info and use.info.made else ""
        hashes = ", ".join(f"{count:,} {kind}" for kind, count in (use.rows or {}).items())
        table.add_row(use.key_id, _state(use), f"{use.children:,}", hashes, made)
    console.print(table)
    if not all(use.held for use in found):
        stop("Children's keys are wrapped with a key that the keyring doesn't have: bring it back from its backup.")


def rotate(
    council: Council,
    rewrap: Annotated[bool, typer.Option(help="Wrap the children's keys anew at once.")] = True,
) -> None:
    """Make a new key for a council, and wrap its children's keys anew. Nothing stands still meanwhile."""
    if not COUNCIL.fullmatch(council):
        stop(f"'{council}' isn't an LA code: it has three digits, for example 855.", MISUSE)
    with ExitStack() as stack:
        settings = load_settings()
        platform = _mine(settings, stack)
        keyring = platform.keyring if platform else stack.enter_context(_keyring(settings))
        key_id = keyring.rotate(council)
        say(f"{key_id} wraps for council {council} from now on; other processes use it within a second or so.")
        if rewrap:
            _rewrap(settings, platform, keyring, council)


def rewrap(council: Annotated[str | None, typer.Argument(help="Only this council's.")] = None) -> None:
    """Wrap the children's keys with their councils' newest keys. Can be stopped at any time; run it again to go on."""
    if council is not None and not COUNCIL.fullmatch(council):
        stop(f"'{council}' isn't an LA code: it has three digits, for example 855.", MISUSE)
    with ExitStack() as stack:
        settings = load_settings()
        platform = _mine(settings, stack)
        keyring = platform.keyring if platform else stack.enter_context(_keyring(settings))
        _rewrap(settings, platform, keyring, council)


def destroy(
    key_id: Annotated[str, typer.Argument(help="The key, as `ehcp keys list` names it: la-855.1.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="An index key: forget repeated requests, sessions and invitations of before."),
    ] = False,
) -> None:
    """Destroy an old key that nothing depends on any more. Backups that rest on it are then lost."""
    with own_record() as platform:
        if not yes:
            say(f"Backups that rest on {key_id} can never be opened or searched again.")
            typer.confirm("Destroy it?", abort=True)
        try:
            if name_of(key_id) == INDEX:
                platform.index_rotation.destroy(platform.keyring, key_id, at_once=at_once)
            else:
                platform.store.council_keys.destroy(platform.keyring, key_id)
        except StoreError as fault:
            stop(str(fault))
    say(f"{key_id} is destroyed.")


def _rewrap(settings: Settings, platform: Platform | None, keyring: KeyCustody, council: str | None) -> None:
    if platform is None:
        _watch(settings, keyring, council)
        return
    keys = platform.store.council_keys
    try:
        with _progress(keys.stale(keyring)) as done:
            number = keys.rewrap(keyring, council, progress=done)
    except StoreError as fault:
        stop(f"{fault}. What was done stays done; run `ehcp keys rewrap` to go on.")
    say(f"{number:,} children's keys were wrapped anew.")


def _watch(settings: Settings, keyring: KeyCustody, council: str | None) -> None:
    """Look on while the server that has the record wraps the keys anew."""

    def waiting() -> int:
        uses = usage_of(_looked_up(settings), keyring)
        return sum(
            use.children for use in uses if use.info and not use.info.current and council in (None, use.info.council)
        )

    total = left = waiting()
    with _progress(total) as done:
        while left := waiting() if left else 0:
            done(total - left)
            time.sleep(_LOOK_SECONDS)
    say(f"The server wrapped {total:,} children's keys anew.")


def _mine(settings: Settings, stack: ExitStack) -> Platform | None:
    """The platform opened by this process; None where a server has the embedded record. Ends the command when unfit."""
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        return None
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    stack.callback(platform.close)
    return platform


@contextmanager
def _keyring(settings: Settings) -> Iterator[KeyCustody]:
    try:
        keyring = open_keyring(settings)
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    yield keyring
    keyring.close()


def _looked_up(settings: Settings) -> dict[str, int]:
    """How many children's keys each key wraps, read beside the server that owns the file."""
    with keys_at_rest(settings) as connection:
        return children_by_key(connection)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Wrapping anew", total=total or None)
        yield lambda done: progress.update(task, completed=done)


def _state(use: KeyUse) -> str:
    if use.info is None:
        return "[red]missing[/]"
    return "yes" if use.info.current else "no"
