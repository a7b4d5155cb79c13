"""The queries behind lists and searches. Every one is bounded by who is asking: without a bound there is no query."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, exists, false, literal, select, true

from domain.access import Directory, Policy
from domain.plan.acts import Actor
from domain.plan.state import ENDED
from services.projection.generations import LIVE
from services.projection.tables import clocks, generations, names, organisations, worklist
from services.projection.worklist import MAINTAINING

#: In which relations a plan is found by a setting or a health body that is not the caller.
_SETTINGS: Final = frozenset({"named-setting", "consulted-setting"})
_BODIES: Final = frozenset({"responsible-health-body", "asked-health-body"})
#: The relations that list a council's own plans, and those that list every plan.
_COUNCILS: Final = frozenset({"maintaining-council", "identity-guardian"})


class Filters(Struct, frozen=True, kw_only=True):
    """What a list is narrowed to. `school` as "urn:199101", `icb` as an ODS code, `due_before` as a civil date."""

    phase: str | None = None
    status: str | None = None
    council: str | None = None
    school: str | None = None
    icb: str | None = None
    clock: str | None = None
    due_before: str | None = None

    @property
    def asks_for_duties(self) -> bool:
        """Whether it asks what is due: known to those who see a plan's history."""
        return self.clock is not None or self.due_before is not None


class Scope(Struct, frozen=True):
    """What a caller may list: a council's plans, those of every council, or those an organisation is related to.

    Councils (LA codes) and organisations are all that name the caller on the civil date `on`, on which relations count.
    `finals` are those relations in which the caller reads final plans.
    """

    on: str
    councils: frozenset[str] = frozenset()
    everything: bool = False
    organisations: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    finals: frozenset[str] = frozenset()

    @property
    def sees_duties(self) -> bool:
        """Whether the caller sees what is due in a plan."""
        return not self.organisations

    @property
    def counts_events(self) -> bool:
        """Whether the caller is told how much has happened in a plan: others mustn't know of all of it."""
        return not self.organisations


def scope_of(actor: Actor, policy: Policy, directory: Directory, on: date) -> Scope | None:
    """What the caller may list on a civil date, by the relations that the matrix lists plans for; None for nothing."""
    listed, day = policy.listed(actor.role), on.isoformat()
    kind, _, code = actor.organisation.partition(":")
    names = directory.known_as(actor.organisation, on) | {actor.organisation} if code else frozenset[str]()
    if kind == "la" and code and listed & {"auditor", *_COUNCILS}:
        return Scope(on=day, councils=frozenset(n.removeprefix("la:") for n in names if n.startswith("la:")))
    if "auditor" in listed and actor.is_of_the_platform:
        return Scope(on=day, everything=True)
    related = listed - {"auditor", *_COUNCILS}
    if related and names:
        finals = frozenset(name for name in related if "final" in policy.relations[name].reads)
        return Scope(on=day, organisations=names, relations=related, finals=finals)
    return None


def page_query(scope: Scope, filters: Filters, after: int, limit: int) -> Select[Any]:
    """At most `limit` plans opened behind a position, in the order of opening."""
    own = scope.organisations
    reads_finals = _related(scope, own, scope.finals) if own else literal(value=True)
    return (
        select(*(column for column in worklist.columns if column.name != "sealed"), reads_finals.label("reads_finals"))
        .where(_live(), _within(scope), worklist.c.opened_position > after, *_narrowed(scope, filters))
        .order_by(worklist.c.opened_position)
        .limit(limit)
    )


def name_query(
    scope: Scope, sought: Iterable[tuple[str, Collection[bytes]]], among: Collection[UUID] | None, limit: int
) -> Select[Any]:
    """At most `limit` plans of a child of whom all of this is true: a kind of hash, in one of its forms, each.

    Only among these plans, unless any will do.
    """
    found = [
        exists().where(
            names.c.generation == worklist.c.generation,
            names.c.plan == worklist.c.plan,
            names.c.kind == kind,
            names.c.token.in_(sorted(forms)),
        )
        for kind, forms in sought
    ]
    return (
        select(worklist.c.plan)
        .where(_live(), _within(scope), true() if among is None else worklist.c.plan.in_(among), *found)
        .order_by(worklist.c.opened_position)
        .limit(limit)
    )


def _live() -> ColumnElement[bool]:
    live = select(generations.c.generation).where(generations.c.view == "worklist", generations.c.state == LIVE)
    return worklist.c.generation == live.scalar_subquery()


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    if scope.councils:
        return _related(scope, {f"la:{code}" for code in scope.councils}, {MAINTAINING})
    return _related(scope, scope.organisations, scope.relations) if scope.organisations else false()


def _related(scope: Scope, who: Collection[str], relations: Collection[str]) -> ColumnElement[bool]:
    return exists().where(
        organisations.c.generation == worklist.c.generation,
        organisations.c.plan == worklist.c.plan,
        organisations.c.organisation.in_(sorted(who)),
        organisations.c.relation.in_(sorted(relations)),
        organisations.c.since <= scope.on,
        organisations.c.ended > scope.on,
    )


def _narrowed(scope: Scope, filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.phase is not None:
        yield worklist.c.phase == filters.phase
    if filters.status is not None:
        ended = worklist.c.phase.in_(sorted(ENDED))
        yield ended if filters.status == "ended" else ~ended
    if filters.council is not None:
        yield worklist.c.council == filters.council
    if filters.school is not None:
        yield _other(scope, filters.school, _SETTINGS)
    if filters.icb is not None:
        yield _other(scope, f"ods:{filters.icb}", _BODIES)
    if filters.asks_for_duties:
        yield _due(filters) if scope.sees_duties else false()


def _other(scope: Scope, organisation: str, relations: Collection[str]) -> ColumnElement[bool]:
    """Plans related to an organisation; which others a plan is related to, is not for a school or a health body."""
    if scope.organisations and organisation not in scope.organisations:
        return false()
    return _related(scope, {organisation}, relations)


def _due(filters: Filters) -> ColumnElement[bool]:
    """A duty of that id runs, or without an id any that has a last day; due before the date if there is one."""
    wanted = [clocks.c.clock == filters.clock] if filters.clock else [clocks.c.kind == "deadline"]
    if filters.due_before:
        wanted.append(clocks.c.due_on < filters.due_before)
    return exists().where(and_(clocks.c.generation == worklist.c.generation, clocks.c.plan == worklist.c.plan, *wanted))
