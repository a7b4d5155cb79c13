"""`ehcp keys backup|restore`: the wrapped keys in a file that is good for 30 days, and back past the erasures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from services.bootstrap import utc_now
from services.cli.own_record import own_record
from services.cli.talk import console, result, say, stop
from services.store import key_backup
from services.store.errors import StoreError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups are kept: not beside the record, nor the keyring.")],
    json: AsJson = False,
) -> None:
    """Write a backup of the wrapped keys, and remove those in the folder that are older than 30 days."""
    with own_record() as platform:
        try:
            with _counting("Backing up") as progress:
                path = key_backup.back_up(platform.store.keys, folder, utc_now(), progress)
        except (StoreError, OSError) as fault:
            stop(str(fault))
    if json:
        result({"backup": str(path), "keptDays": key_backup.KEPT.days})
    else:
        say(f"{path} can be restored for {key_backup.KEPT.days} days. It opens only with the keyring.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `ehcp keys backup` wrote.", exists=True, dir_okay=False)],
    json: AsJson = False,
) -> None:
    """Bring back keys that are missing. What was destroyed since the backup stays destroyed."""
    with own_record() as platform:
        try:
            with _counting("Restoring") as progress:
                number = key_backup.restore(platform.store.keys, file, utc_now(), progress)
            again = platform.key_work.catch_up()
        except (StoreError, OSError) as fault:
            stop(str(fault))
    if json:
        result({"restored": number, "destroyedAgain": again})
    else:
        say(f"{number:,} keys were brought back; what is certified as destroyed stays so.")


@contextmanager
def _counting(what: str) -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,} keys"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done: progress.update(task, completed=done)
