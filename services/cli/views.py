"""`ehcp views`: how far the read models are, building one anew, and trying parked plans again.

Where a server owns the embedded record, its projector does the work: this command leaves word in the read models' file
and looks on.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Protocol
from uuid import UUID

import httpx
import msgspec
import typer
from msgspec.structs import replace
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.bootstrap import NOT_FIT, open_platform
from services.cli.session import load_settings, owner_address
from services.cli.talk import MISUSE, console, result, say, stop
from services.projection.database import VIEWS_FILE, ViewDatabase
from services.projection.generations import BUILDING, LANES, start_rebuild
from services.projection.log import PASSING
from services.projection.parking import ask_again, parked_plans
from services.projection.status import Status, ViewStatus
from services.projection.wiring import VIEW_NAMES, Projection
from services.settings import Settings
from services.store.errors import StoreOwnedElsewhere

_LOOK_SECONDS: Final = 0.1
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Place(Protocol):
    """Where the read models are kept up."""

    database: ViewDatabase

    def status(self) -> Status:
        """How far every view is."""

    def work(self) -> None:
        """See to it that somebody works."""


class Here:
    """This process has the record, or shares its database."""

    def __init__(self, projection: Projection) -> None:
        """Work with this projection."""
        self._projection = projection
        self.database = projection.database

    def status(self) -> Status:
        """How far every view is."""
        return self._projection.status()

    def work(self) -> None:
        """Start a projector beside those that may run already."""
        self._projection.running.start()


class There:
    """A server owns the embedded record; its projector works."""

    def __init__(self, settings: Settings, address: str) -> None:
        """Look at the server's address, and into its file of read models."""
        self._address = address
        self.database = ViewDatabase(settings.data_folder / VIEWS_FILE)

    def status(self) -> Status:
        """How far every view is, as the server says; parked plans stand in the file."""
        try:
            answer = httpx.get(f"{self._address}/views", trust_env=False)
            told = msgspec.json.decode(answer.content, type=Status)
        except (httpx.HTTPError, msgspec.DecodeError):
            stop("The server that has the record doesn't answer; try again.")
        with self.database.reading() as connection:
            return replace(told, parked=tuple(parked_plans(connection)))

    def work(self) -> None:
        """The server does."""


@contextmanager
def place() -> Iterator[Place]:
    """The place where the read models are. Ends the command when there is none."""
    settings = load_settings()
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        there = There(settings, owner_address(settings))
        yield there
        there.database.close()
        return
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    try:
        yield Here(platform.projection)
    finally:
        platform.close()


def status(json: JsonOption = False) -> None:
    """How far each view is, in events and seconds behind the log, lane by lane with --json."""
    with place() as here:
        found = here.status()
    if json:
        result(found)
        return
    table = Table("View", "Generation", "State", "Position", "Behind", "Seconds", box=None, pad_edge=False)
    for view in found.views:
        behind, seconds = f"{view.behind_events:,}", f"{view.behind_seconds:.1f}"
        table.add_row(view.view, str(view.generation), view.state, f"{view.position:,}", behind, seconds)
    console.print(table)
    say(f"The log holds {found.log_size:,} events.")
    for plan in found.parked:
        say(f"[red]✗[/] parked in {plan.view} since position {plan.position}: {plan.plan} ({plan.error})")


def rebuild(name: Annotated[str, typer.Argument(help=f"One of {', '.join(VIEW_NAMES)}.")]) -> None:
    """Build a view anew beside the live one, and swap it in when it is as far. Run it again to look on."""
    if name not in VIEW_NAMES:
        stop(f"There is no view '{name}'. Use one of {', '.join(VIEW_NAMES)}.", MISUSE)
    with place() as here:
        head = here.status().log_size
        with here.database.writing() as connection:
            generation = start_rebuild(connection, name, head)
        here.work()
        _watch(here, name, generation)
    say(f"The view {name} was built anew and is in use (generation {generation}).")


def unpark(
    plan: Annotated[UUID | None, typer.Argument(help="The plan; without it every parked plan.")] = None,
    view: Annotated[str | None, typer.Option(help="In this view only.")] = None,
) -> None:
    """Try parked plans again: their rows are made anew from the log."""
    with place() as here:
        with here.database.writing() as connection:
            asked = ask_again(connection, view, plan)
        here.work()
        while any(parked.retry for parked in here.status().parked):
            time.sleep(_LOOK_SECONDS)
        left = len(here.status().parked)
    say(f"{asked} parked plans were tried again; {left} are parked now.")


def _watch(here: Place, name: str, generation: int) -> None:
    """Show how far a generation is until it is live."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"Building {name}", total=None)
        while building := _generation(here, name, generation):
            done = sum(lane.position for lane in building.lanes)
            progress.update(
                task, total=max(1, (building.position + building.behind_events) * len(LANES)), completed=done
            )
            time.sleep(_LOOK_SECONDS)


def _generation(here: Place, name: str, generation: int) -> ViewStatus | None:
    """The generation while it is being built."""
    try:
        views = here.status().views
    except PASSING:
        stop("The read models can't be reached; run the command again to go on.")
    found = (view for view in views if (view.view, view.generation) == (name, generation))
    return next((view for view in found if view.state == BUILDING), None)
