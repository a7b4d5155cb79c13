"""Subject access requests: what is held, gone through by an officer, reviewed by a second one, released as it was.

The decisions stand in the plan's own log; what is given is made of the log anew each time, so that its digest says
whether it is what was reviewed. If it isn't any more, the answer is taken back and prepared anew.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.access import Access, Entitlement, Question
from domain.calendar import london_date
from domain.errors import Breach, Refusal
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.opinions import Lacking
from domain.plan.state import Case, PlanState
from services.disclosures.values import EXPORTED, Showing, Withheld, runs
from services.errors import NotYours, TextUnknown
from services.plans import Plans
from services.subject_access.marks import KIND, prepared_by
from services.subject_access.packages import Packages, also_held, entries_of, sections_of
from services.subject_access.parts import Marked

GATEWAY: Final = "S_SUBJECT_ACCESS"
READY: Final = frozenset({"REVIEWED", "RELEASED"})
#: What is said when what would be given isn't what was released any more: to the council, and to who asked.
ANOTHER: Final = (
    "What would be given isn't what was released: something was hidden or changed. Take the answer back "
    "(reopen-subject-access), and prepare it again."
)
ANOTHER_FOR_FAMILY: Final = (
    "Something in this answer has been put right or taken out since it was released, so the council has to prepare it "
    "again. Ask the council when you will have it."
)


class AccessRequest(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subject access request and where it stands.

    Of one that was refused, on which ground and why; of one whose answer was taken back, `taken_back` says why.
    """

    access_id: str
    status: str
    requester: str
    standing: str
    received_on: str
    due_on: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    ground: str | UnsetType = UNSET
    reasons: str | UnsetType = UNSET
    taken_back: str | UnsetType = UNSET


class AccessMaterial(Struct, frozen=True, kw_only=True, rename="camel"):
    """What has to be decided about a request: the marked parts with their reasons, and which are undecided.

    `up_to` is the last entry that was gone through. `without_opinion` are parts that are decided about, but not on an
    opinion that counts on this day. `also_held` are records that were merged into this one, and are answered by
    themselves. `package_sha256` is there once nothing is left to decide and a second person has agreed;
    `released_sha256` says what was released: if it is another one, nothing is given until it is taken back.
    """

    request: AccessRequest
    up_to: int
    marked: tuple[Marked, ...]
    decisions: JsonObject
    undecided: tuple[str, ...]
    without_opinion: tuple[str, ...]
    restricted: bool
    also_held: tuple[str, ...] = ()
    package_sha256: str | UnsetType = UNSET
    released_sha256: str | UnsetType = UNSET


class AccessPackage(Struct, frozen=True, kw_only=True):
    """What is given: a ZIP, and its digest."""

    content: bytes
    sha256: str


class SubjectAccess:
    """Answers subject access requests."""

    def __init__(self, plans: Plans, access: Access, packages: Packages, now: Callable[[], datetime]) -> None:
        """Answer from these plans what `access` allows on the day of `now`, as `packages` makes it."""
        self._plans = plans
        self._access = access
        self._packages = packages
        self._now = now

    def requests(self, plan_id: UUID, actor: Actor) -> Withheld[tuple[AccessRequest, ...]]:
        """The plan's requests: all for the council and auditors, a member of the family's own for them.

        Raises PlanUnknown, NotYours.
        """
        state, allowed = self._seen(plan_id, actor)
        cases = [c for c in state.open_cases(KIND) if _is_shown(c, state, actor, allowed)]
        showing = Showing(what="subject-access-requests", plan=plan_id, relation=allowed.relation, gateway=GATEWAY)
        return Withheld(tuple(_request(state, case) for case in cases), showing)

    def material(self, plan_id: UUID, access_id: str, actor: Actor) -> Withheld[AccessMaterial]:
        """Everything that has to be decided about, for the council's staff. Raises PlanUnknown, NotYours."""
        state, allowed = self._seen(plan_id, actor)
        if actor.role == "family":
            raise NotYours("What has to be decided about is shown to the council's staff.")
        case = _case(state, access_id, actor, allowed)
        answer = self._packages.answer(state, case)
        ready = case.status in READY and answer.is_whole
        view = AccessMaterial(
            request=_request(state, case),
            up_to=answer.whole.then.sequence,
            marked=tuple(answer.marked),
            decisions=answer.decisions,
            undecided=answer.open_parts,
            without_opinion=tuple(dict.fromkeys(missing.part for missing in answer.lacking)),
            restricted=answer.whole.barred,
            also_held=tuple(also_held(answer.whole)),
            package_sha256=_digest(self._packages.packed(answer, case)) if ready else UNSET,
            released_sha256=case.data.get("packageSha256", UNSET) if case.status == "RELEASED" else UNSET,
        )
        entries = runs(entries_of(source for source, _ in answer.whole.sources))
        showing = Showing(
            what="subject-access", plan=plan_id, relation=allowed.relation, gateway=GATEWAY, entries=entries
        )  # fmt: skip
        return Withheld(view, showing)

    def package(self, plan_id: UUID, access_id: str, actor: Actor) -> Withheld[AccessPackage]:
        """What is given. For the council once a second person has agreed, for who asked once it is released.

        Raises PlanUnknown, NotYours; TextUnknown for a request that isn't theirs; Refusal while something is undecided
        or lacks an opinion, or when what would be given isn't what was released any more.
        """
        state, allowed = self._seen(plan_id, actor)
        case = _case(state, access_id, actor, allowed)
        if case.status not in (READY if actor.role != "family" else {"RELEASED"}):
            raise _refusal("not-reviewed", "This hasn't been reviewed and released.")
        if prepared_by(case) is None:
            raise _refusal("not-prepared", "Nothing was prepared here: the answer was given elsewhere.")
        answer = self._packages.answer(state, case)
        if answer.open_parts:
            raise _refusal("undecided", "There are parts about which nobody has decided: prepare it again.")
        if answer.lacking:
            raise Refusal(tuple(_breach_of(one) for one in answer.lacking))
        made = self._packages.packed(answer, case)
        if case.status == "RELEASED" and case.data.get("packageSha256") != _digest(made):
            raise _refusal("another-package", ANOTHER_FOR_FAMILY if actor.role == "family" else ANOTHER)
        left = answer.left()
        showing = Showing(
            what="subject-access-package", outcome=EXPORTED, plan=plan_id, relation=allowed.relation, gateway=GATEWAY,
            sections=sections_of(left), entries=runs(entries_of(left)),
        )  # fmt: skip
        return Withheld(AccessPackage(content=made, sha256=_digest(made)), showing)

    def _seen(self, plan_id: UUID, actor: Actor) -> tuple[PlanState, Entitlement]:
        state = self._plans.current(plan_id)
        allowed = self._access.decide_read(state, actor, Question(), london_date(self._now()))
        if not allowed.allowed:
            raise self._plans.refusal(plan_id)
        if not allowed.details and actor.role != "family":
            raise NotYours("Subject access requests are for the family, the maintaining council and auditors.")
        return state, allowed


def _case(state: PlanState, access_id: str, actor: Actor, allowed: Entitlement) -> Case:
    case = state.case(KIND, access_id)
    if case is None or not _is_shown(case, state, actor, allowed):
        raise TextUnknown
    return case


def _is_shown(case: Case, state: PlanState, actor: Actor, allowed: Entitlement) -> bool:
    """A request is its asker's and the council's; what a former identity's family asked is a guardian's alone."""
    theirs = actor.role != "family" or case.data.get("requester") == actor.contact_id
    return theirs and (allowed.before_sealing or case.opened_by >= state.sealed_from)


def _request(state: PlanState, case: Case) -> AccessRequest:
    clock, refused = state.last_clock(case), case.status == "REFUSED"
    return AccessRequest(
        access_id=case.id,
        status=case.status,
        requester=str(case.data.get("requester", "")),
        standing=str(case.data.get("standing", "")),
        received_on=str(case.data.get("receivedOn", "")),
        due_on=clock.due_on if clock and not clock.closed else UNSET,
        scope=case.data.get("scope", UNSET),
        ground=case.data.get("ground", UNSET) if refused else UNSET,
        reasons=case.data.get("reasons", UNSET) if refused else UNSET,
        taken_back=UNSET if refused else case.data.get("why", UNSET),
    )


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _breach_of(missing: Lacking) -> Breach:
    return Breach(rule=missing.rule, law=missing.law, text=f"Part {missing.part}: {missing.text}")


def _refusal(rule: str, text: str) -> Refusal:
    return Refusal((Breach(rule=rule, law="UK GDPR Art 15; DPA 2018 Sch 2 para 16, Sch 3", text=text),))
