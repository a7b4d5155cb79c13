"""What could they see on that day? Answered from the log, by the policy of the day, for whoever may ask.

There are two answers to it. What the platform would have shown is decided by what was on record at the end of that day;
what they were entitled to, as is known now, by all that has been recorded since.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.access import Access, Entitlement, Question, Relation
from domain.access.relation import day_before
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.state import PlanState
from services.disclosures.values import Showing, Withheld
from services.errors import NotYours, PlanErased, PlanUnknown
from services.plans import Known, Plans
from services.rules.in_force import RulesInForce
from services.seen import sealed_like
from services.views import VersionView

LONDON: Final = ZoneInfo("Europe/London")
#: The roles in which somebody may ask, by how their identifier begins.
ROLES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "la": ("case-officer", "social-care"),
    "urn": ("school",),
    "ukprn": ("school",),
    "ods": ("health", "designated-clinical-officer"),
    "regulator": ("regulator",),
    "contact": ("family",),
}
THEN, NOW, AS_ASKED = "asKnownThen", "asKnownNow", "asKnownAt"
NO_RECORD = "There was no record of this child on that day, as far as was known."


class TextShown(Struct, frozen=True, kw_only=True, rename="camel"):
    """A legal text that they could read: which sections, without what, in which relation and under which basis."""

    version: VersionView
    relation: str
    gateway: str
    sections: tuple[str, ...]
    own_items_of: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class RelationHeld(Struct, frozen=True, kw_only=True, rename="camel"):
    """A relation that the record knows of them, with its first and last day."""

    role: str
    relation: str
    since: str | UnsetType = UNSET
    until: str | UnsetType = UNSET


class RoleAnswer(Struct, frozen=True, kw_only=True, rename="camel"):
    """What somebody in one role of theirs could see, in which relation, and why."""

    role: str
    relation: str
    gateway: str
    reason: str
    history: bool
    duties: bool
    texts: tuple[TextShown, ...]


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """What they could see as known at a moment, by which edition of the policy, which its SHA-256 proves.

    `known` says which moment that is: the end of the day asked about, now, or the one that was asked for.
    """

    known: str
    allowed: bool
    reason: str
    policy: str
    policy_sha256: str
    roles: tuple[RoleAnswer, ...] = ()
    relations: tuple[RelationHeld, ...] = ()


class EntitlementsView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who was asked about, for which civil date, and the answers."""

    plan_id: str
    organisation: str
    on: str
    answers: tuple[Answer, ...]


class Entitlements:
    """Answers council staff and auditors about anybody's entitlement to a plan, on any day."""

    def __init__(self, plans: Plans, rules: RulesInForce, access: Access, now: Callable[[], datetime]) -> None:
        """Answer from these plans what `access` says by the rules as adopted; `now` gives an aware instant."""
        self._plans = plans
        self._rules = rules
        self._access = access
        self._now = now

    def of(
        self, plan_id: UUID, caller: Actor, organisation: str, on: date, known: Known | None = None
    ) -> Withheld[EntitlementsView]:
        """What an organisation ("urn:199101"), or a contact ("contact:contact-1"), could see of the plan on a day.

        Raises PlanUnknown for a caller who is a stranger, NotYours for one who isn't shown the details of the record.
        """
        current = self._plans.current(plan_id)
        may = self._access.decide_read(current, caller, Question(), london_date(self._now()))
        if not may.allowed:
            raise self._plans.refusal(plan_id)
        if not may.details:
            raise NotYours("The maintaining council and auditors are told who could see what.")
        answers = tuple(
            self._answer(name, self._state(current, moment, may), self._access_known(moment), organisation, on)
            for name, moment in self._moments(on, known)
        )
        view = EntitlementsView(plan_id=current.plan_id, organisation=organisation, on=on.isoformat(), answers=answers)
        showing = Showing(what="entitlements", plan=plan_id, relation=may.relation, gateway=may.gateway or None)
        return Withheld(view, showing)

    def _moments(self, on: date, known: Known | None) -> Iterator[tuple[str, Known | None]]:
        """What is known at the moment that was asked for; else at the end of that day, and now."""
        if known is not None:
            yield AS_ASKED, known
            return
        if on < london_date(self._now()):
            yield THEN, Known(instant=datetime.combine(on, time.max, LONDON))
        yield NOW, None

    def _state(self, current: PlanState, known: Known | None, may: Entitlement) -> PlanState | None:
        """The plan as known then; None when nothing was. Only a guardian is told of a time before a sealing."""
        if known is None:
            return current
        try:
            then = self._plans.as_known(UUID(current.plan_id), known)
        except (PlanUnknown, PlanErased):
            return None
        return sealed_like(then, current) if current.sealed_from and not may.before_sealing else then

    def _access_known(self, known: Known | None) -> Access:
        """Who may see what, by the editions of the policy that were adopted by then."""
        moment = self._plans.moment_of(known) if known else None
        return self._access.by(self._rules.policies_known(moment) if moment else self._rules.policies)

    def _answer(self, known: str, state: PlanState | None, access: Access, organisation: str, on: date) -> Answer:
        policy = access.policies.on(on)
        nothing = Answer(
            known=known, allowed=False, reason=NO_RECORD, policy=policy.version, policy_sha256=policy.sha256
        )
        if state is None or not state.phase_on(on):
            return nothing
        asked = [(actor, access.decide_read(state, actor, Question(), on)) for actor in _askers(state, organisation)]
        roles = tuple(_role_answer(state, actor, found) for actor, found in asked if found.allowed)
        relations = tuple(_held(actor, relation) for actor, _ in asked for relation in access.periods(state, actor, on))
        reason = roles[0].reason if roles else "Nothing related them to this plan on that day."
        return replace(nothing, allowed=bool(roles), reason=reason, roles=roles, relations=relations)


def _askers(state: PlanState, organisation: str) -> Iterator[Actor]:
    """Somebody in each role that people of the organisation have; for a contact, the contact."""
    kind, _, code = organisation.partition(":")
    for role in ROLES_OF.get(kind, ()):
        contact = code if kind == "contact" else ""
        whose = "family" if contact else organisation
        yield Actor(subject="", organisation=whose, role=role, plan_id=state.plan_id, contact_id=contact)


def _role_answer(state: PlanState, actor: Actor, found: Entitlement) -> RoleAnswer:
    return RoleAnswer(
        role=actor.role,
        relation=found.relation,
        gateway=found.gateway,
        reason=found.reason,
        history=found.history,
        duties=found.duties,
        texts=tuple(_texts(state, found)),
    )


def _texts(state: PlanState, found: Entitlement) -> Iterator[TextShown]:
    for version in state.versions:
        grant = found.showing(version)
        if grant is not None:
            yield TextShown(
                version=VersionView(
                    number=version.number,
                    kind=version.kind,
                    effective_on=version.effective_on,
                    sequence=version.sequence,
                    basis=version.basis,
                ),
                relation=grant.relation,
                gateway=grant.gateway,
                sections=tuple(sorted(grant.sections)),
                own_items_of=tuple(sorted(grant.own & grant.sections)),
                withheld=tuple(sorted(grant.withholds)),
            )


def _held(actor: Actor, relation: Relation) -> RelationHeld:
    return RelationHeld(
        role=actor.role,
        relation=relation.name,
        since=relation.since or UNSET,
        until=day_before(relation.ended) if relation.ended else UNSET,
    )
