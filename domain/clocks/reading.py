"""Reading the published tables into rule sets, and refusing a table that contradicts itself."""

from collections.abc import Iterable, Sequence

from msgspec import json
from msgspec.structs import replace

from domain.clocks.errors import ClockError
from domain.clocks.periods import IfThen, LaterOf, Period, SameAs
from domain.clocks.table import Clock, Relaxation, RuleSet, RuleSets, Start


def parse_rule_set(document: bytes, sha256: str = "") -> RuleSet:
    """Read a clock table from the bytes of its JSON file; ``sha256`` of those bytes is kept beside it.

    Raises:
        ValueError: the JSON is not of the published form, an id appears twice, or a clock uses a fact that it
            does not
            describe (`ClockError` and msgspec's errors are ValueErrors).
    """
    table = json.decode(document, type=RuleSet)
    if table.relaxations or table.sha256:
        raise ClockError(f"{table.id}: relaxations are separate files, and a file cannot hold its own hash")
    names = [clock.id for clock in table.clocks]
    if len(set(names)) != len(names):
        raise ClockError(f"{table.id}: a clock id appears twice")
    clocks = tuple(_bound(clock, table) for clock in table.clocks)
    return replace(table, clocks=clocks, starting=_starting(clocks), sha256=sha256)


def _starting(clocks: Sequence[Clock]) -> dict[str, tuple[tuple[Clock, tuple[Start, ...]], ...]]:
    """By event type the clocks that it can start, each with the entries that say how."""
    starting: dict[str, dict[str, tuple[Clock, tuple[Start, ...]]]] = {}
    for clock in clocks:
        for start in clock.starts:
            of_event = starting.setdefault(start.event, {})
            of_event[clock.id] = clock, (*of_event.get(clock.id, (clock, ()))[1], start)
    return {event: tuple(of_event.values()) for event, of_event in starting.items()}


def parse_relaxation(document: bytes, sha256: str = "") -> Relaxation:
    """Read a relaxation from the bytes of its JSON file.

    Raises:
        ValueError: the JSON is not of the published form.
    """
    return replace(json.decode(document, type=Relaxation), sha256=sha256)


def assemble(editions: Iterable[RuleSet], relaxations: Iterable[Relaxation]) -> RuleSets:
    """Lay the relaxations over the editions that they name.

    Raises:
        ClockError: two editions govern the same day, or a relaxation names an edition or a clock that does
            not exist.
    """
    tables, laid = tuple(editions), tuple(relaxations)
    known = {table.id for table in tables}
    for relaxation in laid:
        if relaxation.over not in known:
            raise ClockError(f"{relaxation.id} is laid over {relaxation.over}, which does not exist")
    _refuse_overlap(tables)
    return RuleSets(tuple(laid_over(table, laid) for table in tables))


def laid_over(table: RuleSet, relaxations: Iterable[Relaxation]) -> RuleSet:
    """A clock table with those of the relaxations that name it.

    Raises:
        ClockError: a relaxation names a clock that the table does not have.
    """
    mine = tuple(relaxation for relaxation in relaxations if relaxation.over == table.id)
    for clock_id in (clock_id for relaxation in mine for clock_id in relaxation.clocks):
        table.clock(clock_id)
    return replace(table, relaxations=mine) if mine else table


def _refuse_overlap(editions: tuple[RuleSet, ...]) -> None:
    for edition in editions:
        if any(other.governs(edition.valid_from) for other in editions if other is not edition):
            raise ClockError(f"{edition.id}: another rule set governs its first day too")


def _bound(clock: Clock, table: RuleSet) -> Clock:
    resolved = replace(
        clock, period=_resolved(clock, table), rule_set=table.id, extends=table.period_moves_to_working_day
    )
    described = set(resolved.facts)
    used = resolved.period.needs.union(*(p.needs for p in (resolved.headline, resolved.safe) if p is not None))
    used |= {start.fact for start in resolved.starts} | {other.fact for other in resolved.replaced_by}
    used |= resolved.applies_if.needs if resolved.applies_if is not None else frozenset()
    if used != described:
        raise ClockError(f"{clock.id}: facts used and facts described differ: {sorted(used ^ described)}")
    return resolved


def _resolved(clock: Clock, table: RuleSet) -> Period:
    period = clock.period
    if not isinstance(period, SameAs):
        return period
    return replace(period, periods={name: _reckoned_from(table.clock(name), period.of) for name in period.clocks})


def _reckoned_from(clock: Clock, fact: str) -> Period:
    if isinstance(clock.period, LaterOf | IfThen):
        raise ClockError(
            f"{clock.id}: its period is reckoned from more than one fact, so no other can be the same as it"
        )
    return replace(clock.period, of=fact)
