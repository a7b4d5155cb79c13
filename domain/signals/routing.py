"""To whom an event is told: the parties that may know of it at that position of the log, and those that no longer may.

Pure: the plan's state after the event, who was told of the plan before, the access matrix and the types of signals are
all that counts. Whether somebody may know is asked of the one function that decides on access; drafts in the making are
no events of a plan and are never told.

Entitlement also begins and ends with days, on which nothing happens to the plan. `next_change` is the next such day;
`of_day` says what is then told. And it changes when another edition of the matrix begins to count, or an organisation
is succeeded by another: `of_turn`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from domain.access import Access, Policies, Policy, Question, Relation, health_bodies, organisations_of
from domain.access.relation import PLATFORM, day_before
from domain.calendar import london_date
from domain.directory.register import Register
from domain.plan.acts import Actor
from domain.plan.catalogue import Catalogue
from domain.plan.events import HistoryEntry, PlanEvent
from domain.plan.state import PlanState, Version
from domain.rules import Timeline
from domain.signals.recipients import Recipients
from domain.signals.types import GRANTED, WITHDRAWN, SignalType, SignalTypes

CHANNEL: Final = "signal"
"""The channel of a question of access that is asked for a signal."""

ALL_SECTIONS: Final = ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")

Parties = Mapping[str, str]
"""Who is told of a plan: the relation of each recipient, the first where it has several."""

RecipientOf = Callable[[str, date], str]
"""The organisation that answers on a day for one that a plan names: a body that was merged has a successor."""


class Told(Struct, frozen=True, kw_only=True):
    """One signal to one recipient. `id` is that of the event, the same for all whom it is told to.

    `version` or `draft` is the number of the text that it is about, 0 for neither. `sections` are those that the text
    changed, of those that the recipient reads; they and `commissioners` (ODS codes) are what filters go by, never sent.
    """

    recipient: str
    type: str
    id: UUID
    relation: str
    version: int = 0
    draft: int = 0
    sections: tuple[str, ...] = ()
    commissioners: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """What is told, and who is told of the plan from then on."""

    told: tuple[Told, ...]
    parties: Parties


class Held(Struct, frozen=True):
    """A recipient that may know of the plan: its relations in the order in which they count, and its roles."""

    relations: tuple[Relation, ...]
    roles: tuple[str, ...]


class Routing:
    """Decides who is told what."""

    def __init__(
        self,
        types: SignalTypes,
        access: Access,
        catalogue: Catalogue,
        recipient_of: RecipientOf = lambda party, _on: party,
    ) -> None:
        """By these types, this matrix and this catalogue of acts."""
        self.types = types
        self._access = access
        self._catalogue = catalogue
        self._recipient_of = recipient_of

    def by(self, policy: Policy, directory: Register) -> "Routing":
        """The same by this one edition of the matrix, on whatever day, and by this directory."""
        always = Policies(Timeline([(date.min, policy)]))
        named = Recipients(directory).of
        return Routing(self.types, self._access.by(always, directory), self._catalogue, named)

    def of_event(
        self, before: Parties, state: PlanState, entry: HistoryEntry, changed: Callable[[Version], tuple[str, ...]]
    ) -> Outcome:
        """What is told of an event. `changed` says which sections a text changed; asked only when there is one."""
        on = london_date(entry.time)
        entitled = self.entitled(state, on)
        kind = self.types.by_event.get(entry.type)
        told: dict[str, Told] = {}
        if kind is not None and isinstance(entry, PlanEvent):
            version = next((v for v in state.versions if v.sequence == entry.sequence), None)
            sections = changed(version) if version else ()
            for recipient, held in entitled.items():
                if self._is_told(kind, state, entry, version, (recipient, held), on):
                    told[recipient] = self._of_text(
                        kind.type, entry.id, state, version, (recipient, held), sections, on
                    )
        return self._with_access(before, entitled, told, lambda _recipient, _type: entry.id, _commissioners(state))

    def of_day(self, before: Parties, state: PlanState, on: date) -> Outcome:
        """What is told because a day has come: a text takes effect, somebody's time begins or is over."""
        yesterday = date.fromisoformat(day_before(on.isoformat()))
        entitled = self.entitled(state, on)
        told: dict[str, Told] = {}

        def made(recipient: str, kind: str) -> UUID:
            return uuid5(UUID(state.plan_id), f"{kind} {recipient} {on.isoformat()}")

        for version in state.versions:
            kind = self.types.by_event.get(version.event_type)
            if kind is None or version.effective_on != on.isoformat():
                continue
            for recipient, held in entitled.items():
                new = self._reads(state, version, recipient, held, on) and not self._reads(
                    state, version, recipient, held, yesterday
                )
                if new and any(relation.name in kind.to for relation in held.relations):
                    told[recipient] = self._of_text(
                        kind.type, made(recipient, kind.type), state, version, (recipient, held), ALL_SECTIONS, on
                    )
        return self._with_access(before, entitled, told, made, _commissioners(state))

    def of_turn(self, before: Parties, state: PlanState, instant: datetime) -> Outcome:
        """What is told because another edition of the matrix, or another organisation, begins to count."""

        def made(recipient: str, kind: str) -> UUID:
            return uuid5(UUID(state.plan_id), f"{kind} {recipient} {instant.isoformat()}")

        return self._with_access(before, self.entitled(state, london_date(instant)), {}, made, _commissioners(state))

    def next_change(self, state: PlanState, on: date) -> str:
        """The first day after this one on which it may be another matter who is told what; "" when there is none."""
        day = on.isoformat()
        days = {version.effective_on for version in state.versions}
        days |= {end for relation in organisations_of(state) for end in (relation.since, relation.ended)}
        return min((one for one in days if one > day), default="")

    def entitled(self, state: PlanState, on: date) -> dict[str, Held]:
        """Every recipient that may know of the plan on a civil date, as the one function says."""
        rules = self._access.policies.on(on).relations
        order = list(rules)
        found: dict[str, list[Relation]] = {}
        day = on.isoformat()
        for relation in organisations_of(state) if state.phase else ():
            rule = rules.get(relation.name)
            stands = relation.party != PLATFORM and relation.held is None and relation.holds_on(day)
            if stands and rule is not None and rule.lists and relation.name in self.types.followed_in:
                found.setdefault(self._recipient_of(relation.party, on), []).append(relation)
        held = {
            recipient: Held(
                tuple(sorted(relations, key=lambda relation: order.index(relation.name))),
                tuple(sorted({role for relation in relations for role in rules[relation.name].roles})),
            )
            for recipient, relations in sorted(found.items())
        }
        return {recipient: one for recipient, one in held.items() if self._follows(state, recipient, one, on)}

    def _is_told(
        self,
        kind: SignalType,
        state: PlanState,
        entry: PlanEvent,
        version: Version | None,
        party: tuple[str, Held],
        on: date,
    ) -> bool:
        recipient, held = party
        matter = self._matter(entry)
        fitting = [relation for relation in held.relations if relation.name in kind.to]
        if matter:
            fitting = [relation for relation in fitting if not relation.matters or matter in relation.matters]
        return bool(fitting) and (version is None or self._reads(state, version, recipient, held, on))

    def _matter(self, entry: PlanEvent) -> str:
        """The matter that an event is about, as "consultation/c1"; "" for none."""
        spec = self._catalogue.events.get(entry.type)
        if spec is None or spec.case is None or not spec.case.id_field:
            return ""
        return f"{spec.case.kind}/{entry.data.get(spec.case.id_field, '')}"

    def _follows(self, state: PlanState, recipient: str, held: Held, on: date) -> bool:
        """Whether somebody of the recipient may be told that there is such a plan."""
        return any(self._access.may_follow(state, actor, CHANNEL, on) for actor in _actors(recipient, held))

    def _reads(self, state: PlanState, version: Version, recipient: str, held: Held, on: date) -> bool:
        """Whether somebody of the recipient reads a text."""
        return any(True for _ in self._answers(state, version, recipient, held, on))

    def _answers(
        self, state: PlanState, version: Version, recipient: str, held: Held, on: date
    ) -> Iterator[frozenset[str]]:
        """The sections of a text that each of the recipient's roles reads that reads it at all."""
        question = Question(channel=CHANNEL, version=version)
        for actor in _actors(recipient, held):
            found = self._access.decide_read(state, actor, question, on)
            if found.allowed:
                yield found.sections

    def _of_text(
        self,
        kind: str,
        made: UUID,
        state: PlanState,
        version: Version | None,
        party: tuple[str, Held],
        sections: tuple[str, ...],
        on: date,
    ) -> Told:
        recipient, held = party
        shown = self._sections(state, version, recipient, held, on) if version else frozenset()
        return Told(
            recipient=recipient,
            type=kind,
            id=made,
            relation=held.relations[0].name,
            version=version.number if version and version.kind == "final" else 0,
            draft=version.number if version and version.kind == "draft" else 0,
            sections=tuple(section for section in sections if section in shown),
            commissioners=_commissioners(state),
        )

    def _sections(self, state: PlanState, version: Version, recipient: str, held: Held, on: date) -> frozenset[str]:
        """The sections of a text that somebody of the recipient reads."""
        return frozenset[str]().union(*self._answers(state, version, recipient, held, on))

    def _with_access(
        self,
        before: Parties,
        entitled: Mapping[str, Held],
        told: Mapping[str, Told],
        made: Callable[[str, str], UUID],
        commissioners: tuple[str, ...],
    ) -> Outcome:
        """Beside what is told of the plan: who may follow it from now on, and who not any more."""
        parties = {recipient: held.relations[0].name for recipient, held in entitled.items()}
        changed = [
            Told(
                recipient=recipient,
                type=kind,
                id=made(recipient, kind),
                relation=relation_of[recipient],
                commissioners=commissioners if kind == GRANTED else (),
            )
            for kind, relation_of, recipients in (
                (GRANTED, parties, parties.keys() - before.keys() - told.keys()),
                (WITHDRAWN, before, before.keys() - parties.keys()),
            )
            for recipient in sorted(recipients)
        ]
        return Outcome((*told.values(), *changed), parties)


def _actors(recipient: str, held: Held) -> Iterator[Actor]:
    """Somebody of the recipient, in each role of those that its relations have."""
    return (Actor(subject="", organisation=recipient, role=role) for role in held.roles)


def _commissioners(state: PlanState) -> tuple[str, ...]:
    return tuple(sorted(body.removeprefix("ods:") for body in health_bodies(state)))


def sections_changed(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """The sections that differ between two texts."""
    return tuple(letter for letter in ALL_SECTIONS if before.get(letter, {}) != after.get(letter, {}))


def withdrawals(plan: UUID, before: Parties) -> Iterator[Told]:
    """What is told when nothing of the plan can be read any more: its key was destroyed."""
    for recipient, relation in sorted(before.items()):
        yield Told(recipient=recipient, type=WITHDRAWN, id=uuid5(plan, f"erased {recipient}"), relation=relation)
