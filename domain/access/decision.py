"""The one function that answers who may see and do what, by the matrix of the day and the plan's own log."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from domain.access.acting import COUNCIL_ROLES, KEEPERS, MACHINE, is_kept_from, is_own, may_go_on, may_write_down
from domain.access.directory import AS_WRITTEN, Directory
from domain.access.emergency import EMERGENCY
from domain.access.entitlement import EXISTENCE, SECTIONS, TEXT, Entitlement, Grant, Question
from domain.access.people import family, must_not_find
from domain.access.policy import EVERY_ACT, Policy, PolicySource, Reading, RelationRule
from domain.access.relation import PLATFORM, Relation
from domain.access.relations import organisations_of
from domain.access.texts import text_state
from domain.plan.acts import PERFORM, Actor
from domain.plan.catalogue import ActSpec, Catalogue
from domain.plan.events import JsonObject
from domain.plan.state import PlanState

#: The channels by which an organisation is told of plans unasked: of those that it could list, and no other.
FOLLOWING = frozenset({"list", "feed", "signal"})
STRANGER = "Nothing relates you to such a plan."


class Verdict(Struct, frozen=True, kw_only=True):
    """May this act be done by this caller, and why; without `visible` it must not learn that the plan exists."""

    visible: bool
    allowed: bool
    reason: str
    relation: str = ""
    policy: str = ""


class Access:
    """Answers every question of access. Pure: the plan's state, the matrix and the day are all it looks at."""

    def __init__(self, policies: PolicySource, catalogue: Catalogue, directory: Directory = AS_WRITTEN) -> None:
        """Answer by these editions of the matrix; `directory` says which identifiers name the same organisation."""
        self.policies = policies
        self.directory = directory
        self._catalogue = catalogue
        self._family_of: Mapping[str, str] = {
            spec.act: group.family for group in catalogue.families for spec in group.acts
        }

    def by(self, policies: PolicySource, directory: Directory | None = None) -> "Access":
        """The same with other editions of the matrix, or another directory too, as were known at an earlier moment."""
        return Access(policies, self._catalogue, directory or self.directory)

    def decide_read(
        self, state: PlanState, actor: Actor, question: Question, on: date, then: PlanState | None = None
    ) -> Entitlement:
        """May this caller see what is asked about, on this civil date? Always with the reason.

        `then` is the plan as known at an earlier moment, where that is read: texts that were withdrawn since are shown
        from it to those who are shown the details of the record.
        """
        policy = self.policies.on(on)
        held = self._reading(policy, state, actor, question, on)
        if not held:
            return Entitlement(allowed=False, policy=policy.version, reason=STRANGER)
        barred = actor.role == "family" and must_not_find(state, actor.contact_id)
        found = _entitlement(policy, held, (state, then or state), on, barred=barred)
        return _answering(found, question)

    def may_follow(self, state: PlanState, actor: Actor, channel: str, on: date) -> bool:
        """Whether the caller may be told by a channel that there is such a plan: as `decide_read` of EXISTENCE says."""
        question = Question(part=EXISTENCE, channel=channel)
        return bool(self._reading(self.policies.on(on), state, actor, question, on))

    def is_auditor(self, actor: Actor, on: date) -> bool:
        """Whether the caller's role is one in which logs are audited, on this civil date."""
        return actor.role in self.policies.on(on).relations["auditor"].roles

    def audits(self, actor: Actor, on: date, council: str = "") -> bool:
        """Whether the caller audits this council (LA code) on a civil date; without one, the whole platform."""
        return self.is_auditor(actor, on) and (
            actor.is_of_the_platform or bool(council and self._same(f"la:{council}", actor.organisation, on))
        )

    def decide_emergency(self, state: PlanState, actor: Actor, on: date) -> Entitlement:
        """What the caller may see in an emergency, on a stated reason alone: texts, none from before a sealing.

        Who must not be found isn't, and why is not told: a text in many hands is no help to a child in hiding.
        """
        policy = self.policies.on(on)
        rule = policy.relations.get(EMERGENCY)
        if rule is None or actor.role not in rule.roles:
            return Entitlement(allowed=False, policy=policy.version, reason=STRANGER)
        return _entitlement(policy, [Relation(name=EMERGENCY, party=PLATFORM)], (state, state), on, barred=False)

    def decide_act(
        self, state: PlanState, actor: Actor, spec: ActSpec, data: JsonObject, on: date, mode: str = PERFORM
    ) -> Verdict:
        """May this caller do this act on this plan, or write down that it was done (`mode`), on this civil date?"""
        policy = self.policies.on(on)
        held = self._held(policy, state, actor, on)
        if not held:
            return Verdict(visible=False, allowed=False, reason=STRANGER, policy=policy.version)
        refused = Verdict(visible=True, allowed=False, reason="", policy=policy.version)
        if policy.acting_role(actor.role) not in spec.by:
            return replace(refused, reason=f"'{spec.title}' is for {' or '.join(spec.by)}; you act as {actor.role}.")
        if reason := is_kept_from(state, actor, spec, mode):
            return replace(refused, reason=reason)
        group, same = self._family_of.get(spec.act, ""), partial(self._same, on=on)
        for relation in held:
            rule = policy.relations[relation.name]
            if EVERY_ACT in rule.acts and may_go_on(state, actor, spec, data):
                return replace(refused, allowed=True, reason=rule.reason, relation=relation.name)
            if {group, spec.act} & rule.acts and is_own(state, relation, rule, spec, data, same):
                return replace(refused, allowed=True, reason=rule.reason, relation=relation.name)
        return replace(refused, reason=f"'{spec.title}' is not open to you as {', '.join({r.name for r in held})}.")

    def decide_opening(self, actor: Actor, spec: ActSpec, council: str, mode: str = PERFORM) -> bool:
        """Whether the caller may open a record with this act, for this council (LA code)."""
        if actor.role not in spec.by or not may_write_down(actor, mode):
            return False
        if actor.role in COUNCIL_ROLES:
            return actor.organisation == f"la:{council}"
        return actor.role != MACHINE or actor.organisation in {f"la:{council}", PLATFORM}

    def held(self, state: PlanState, actor: Actor, on: date) -> list[Relation]:
        """The relations in which the caller stands to the plan on a day, in the order in which they count."""
        return self._held(self.policies.on(on), state, actor, on)

    def names_records(self, actor: Actor) -> bool:
        """Whether the caller gives a record its council's reference: another could try which ones there are."""
        return actor.role in KEEPERS

    def counts_entries(self, state: PlanState, actor: Actor, on: date) -> bool:
        """Whether the caller may be told how many entries the plan has: whoever is shown the details of each."""
        policy = self.policies.on(on)
        return any("details" in policy.relations[one.name].shows for one in self._held(policy, state, actor, on))

    def periods(self, state: PlanState, actor: Actor, on: date) -> Iterator[Relation]:
        """Every relation that the caller has or had, with its days; who is who is asked for a day."""
        return self._periods(self.policies.on(on), state, actor, on)

    def _reading(self, policy: Policy, state: PlanState, actor: Actor, question: Question, on: date) -> list[Relation]:
        """The relations by which the caller reads: told unasked, only those in which plans are listed."""
        held = self._held(policy, state, actor, on)
        if question.channel in FOLLOWING:
            return [relation for relation in held if policy.relations[relation.name].lists]
        return held

    def _held(self, policy: Policy, state: PlanState, actor: Actor, on: date) -> list[Relation]:
        order, day = list(policy.relations), on.isoformat()
        mine = [r for r in self._periods(policy, state, actor, on) if r.holds_on(day)]
        return sorted(mine, key=lambda relation: order.index(relation.name))

    def _periods(self, policy: Policy, state: PlanState, actor: Actor, on: date) -> Iterator[Relation]:
        for relation in self._all(state, actor):
            rule = policy.relations.get(relation.name)
            if rule and actor.role in rule.roles and self._is_party(relation, actor, on):
                yield relation

    def _all(self, state: PlanState, actor: Actor) -> Iterable[Relation]:
        if actor.role == "family":
            return family(state, actor.contact_id) if actor.plan_id == state.plan_id else ()
        return organisations_of(state)

    def _is_party(self, relation: Relation, actor: Actor, on: date) -> bool:
        if relation.party == f"contact:{actor.contact_id}":
            return actor.role == "family"
        if relation.party == PLATFORM:
            return actor.is_of_the_platform
        return self._same(relation.party, actor.organisation, on)

    def _same(self, one: str, other: str, on: date) -> bool:
        return one == other or self.directory.same_organisation(one, other, on)


def _entitlement(
    policy: Policy, held: list[Relation], states: tuple[PlanState, PlanState], on: date, *, barred: bool
) -> Entitlement:
    grants = [grant for relation in held for grant in _grants(policy.relations[relation.name], relation, states, on)]
    rules = [policy.relations[relation.name] for relation in held]
    shows = frozenset[str]().union(*(rule.shows for rule in rules))
    if barred:
        hidden = policy.location_sensitive
        grants = [replace(grant, withholds=grant.withholds | hidden.withholds) for grant in grants]
        shows -= hidden.hides
    opened = {name for rule in rules for name in rule.reads}
    first = held[0]
    return Entitlement(
        allowed=True,
        policy=policy.version,
        reason=rules[0].reason,
        relation=first.name,
        gateway=first.gateway or rules[0].gateway,
        sections=frozenset[str]().union(*(grant.sections for grant in grants)),
        drafts="draft" in opened,
        finals=bool(opened & {"final", "past", "earlier"}),
        masked_i=all("section-i" in grant.withholds for grant in grants) and bool(grants),
        details="details" in shows,
        history="history" in shows,
        duties="duties" in shows,
        workshop="workshop" in shows,
        before_sealing="sealed" in opened,
        hides_location=barred,
        told_until=max(r.held[1] for r in held if r.held) if all(r.held for r in held) else "",
        grants=tuple(grants),
    )


def _grants(rule: RelationRule, relation: Relation, states: tuple[PlanState, PlanState], on: date) -> Iterator[Grant]:
    """What a relation opens, a grant for each state of the texts."""
    now, then = states
    ahead, withdrawn_too = "workshop" in rule.shows, "details" in rule.shows
    stand = {version.sequence for version in now.versions}
    texts = [(now, version) for version in now.versions]
    texts += [(then, version) for version in then.versions if withdrawn_too and version.sequence not in stand]
    by_state: dict[str, set[int]] = {}
    for state, version in texts:
        by_state.setdefault(text_state(state, version, relation, on, ahead=ahead), set()).add(version.sequence)
    for name, reading in rule.reads.items():
        if name in by_state:
            yield _grant(relation, rule, reading, frozenset(by_state[name]))


def _grant(relation: Relation, rule: RelationRule, reading: Reading, texts: frozenset[int]) -> Grant:
    recorded = relation.sections if rule.as_recorded and relation.sections is not None else SECTIONS
    return Grant(
        relation=relation.name,
        gateway=relation.gateway or rule.gateway,
        reason=rule.reason,
        sections=reading.sections & recorded,
        own=reading.own,
        texts=texts,
        withholds=reading.withholds,
        items=relation.items,
        advice=relation.advice,
    )


def _answering(found: Entitlement, question: Question) -> Entitlement:
    """The entitlement narrowed to what was asked: refused where the relation doesn't open that."""
    if question.part not in {TEXT, EXISTENCE}:
        opened = {"history": found.history, "duties": found.duties, "workshop": found.workshop}[question.part]
        reason = found.reason if opened else f"As {found.relation} you aren't shown the {question.part}."
        return replace(found, allowed=opened, reason=reason)
    if question.version is None:
        return found
    grant = found.showing(question.version)
    if grant is None:
        return replace(found, allowed=False, reason=f"As {found.relation} you aren't shown this text.")
    return replace(
        found, reason=grant.reason, relation=grant.relation, gateway=grant.gateway, sections=grant.sections,
        masked_i="section-i" in grant.withholds,
    )  # fmt: skip
