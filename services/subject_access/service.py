"""Subject access requests: what is held, gone through by an officer, reviewed by a second one, released as it was.

The decisions stand in the plan's own log; what is given is made of the log anew each time, by the same steps, so that
its digest says whether it is what was reviewed. Nothing that is marked and not decided about is ever given.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from domain.access import Access, Entitlement, Question
from domain.calendar import london_date
from domain.errors import Breach, Refusal
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.opinions import Lacking, lacking
from domain.plan.state import Case, PlanState
from services.disclosures.family import FamilyWords
from services.disclosures.listing import DisclosureLists
from services.disclosures.values import EXPORTED, Showing, Withheld, runs
from services.errors import NotYours, TextUnknown
from services.plans import Plans
from services.rules.in_force import RulesInForce
from services.subject_access.collecting import Whole, spared_texts
from services.subject_access.marks import DECIDED, KIND, Marks, asking, reasons_of
from services.subject_access.parts import Marked, Source
from services.subject_access.rendering import packed
from services.subject_access.withholding import blacked_out, blacking_out, given, released, undecided, withheld

GATEWAY: Final = "S_SUBJECT_ACCESS"
READY: Final = frozenset({"REVIEWED", "RELEASED"})
TITLE: Final = "What is held about you or your child"
RIGHTS: Final = (
    "Some of what is held may have been left out because it is about somebody else or because the law says so. You can "
    "complain to the council and to the Information Commissioner, ask a court for an order, ask for what is wrong to "
    "be put right, and attach a statement to what you disagree with. (UK GDPR Arts 12, 15, 16, 77, 79)"
)


class AccessRequest(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subject access request and where it stands."""

    access_id: str
    status: str
    requester: str
    standing: str
    received_on: str
    due_on: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET


class AccessMaterial(Struct, frozen=True, kw_only=True, rename="camel"):
    """What has to be decided about a request: the marked parts with their reasons, and which are undecided.

    `up_to` is the last entry that was gone through. `without_opinion` are parts that are decided about, but not on an
    opinion that counts on this day. `package_sha256` is there once nothing of either is left and a second person has
    agreed.
    """

    request: AccessRequest
    up_to: int
    marked: tuple[Marked, ...]
    decisions: JsonObject
    undecided: tuple[str, ...]
    without_opinion: tuple[str, ...]
    restricted: bool
    package_sha256: str | UnsetType = UNSET


class AccessPackage(Struct, frozen=True, kw_only=True):
    """What is given: a ZIP, and its digest."""

    content: bytes
    sha256: str


class SubjectAccess:
    """Answers subject access requests."""

    def __init__(
        self,
        plans: Plans,
        rules: RulesInForce,
        access: Access,
        lists: DisclosureLists,
        marks: Marks,
        now: Callable[[], datetime],
    ) -> None:
        """Answer from these plans what `access` allows on the day of `now`; readers come from `lists`."""
        self._plans = plans
        self._access = access
        self._lists = lists
        self._now = now
        self._words = FamilyWords(rules.code_sets)
        self._rules = rules
        self._marks = marks

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
        whole = self._marks.gathered(state, case)
        decisions: JsonObject = case.data.get("decisions", {}) if case.status in DECIDED else {}
        marked = self._marks.marked(whole)
        open_parts = tuple(part.id for part in undecided(marked, decisions))
        doubtful = tuple(dict.fromkeys(missing.part for missing in self._lacking(case, marked)))
        ready = case.status in READY and not open_parts and not doubtful
        view = AccessMaterial(
            request=_request(state, case),
            up_to=whole.then.sequence,
            marked=tuple(marked),
            decisions=decisions,
            undecided=open_parts,
            without_opinion=doubtful,
            restricted=whole.barred,
            package_sha256=self._packed(whole, case, marked).sha256 if ready else UNSET,
        )
        entries = runs(_entries(source for source, _ in whole.sources))
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
        whole = self._marks.gathered(state, case)
        marked = self._marks.marked(whole)
        if undecided(marked, case.data.get("decisions", {})):
            raise _refusal("undecided", "There are parts about which nobody has decided: prepare it again.")
        if missing := self._lacking(case, marked):
            raise Refusal(tuple(_breach_of(one) for one in missing))
        made = self._packed(whole, case, marked)
        if case.status == "RELEASED" and case.data.get("packageSha256") != made.sha256:
            text = "What would be given isn't what was released: something was hidden or changed. Prepare it again."
            raise _refusal("another-package", text)
        left = given((source for source, _ in whole.sources), withheld(marked, case.data.get("decisions", {})))
        showing = Showing(
            what="subject-access-package", outcome=EXPORTED, plan=plan_id, relation=allowed.relation, gateway=GATEWAY,
            sections=_sections(left), entries=runs(_entries(left)),
        )  # fmt: skip
        return Withheld(made, showing)

    def _seen(self, plan_id: UUID, actor: Actor) -> tuple[PlanState, Entitlement]:
        state = self._plans.current(plan_id)
        allowed = self._access.decide_read(state, actor, Question(), london_date(self._now()))
        if not allowed.allowed:
            raise self._plans.refusal(plan_id)
        if not allowed.details and actor.role != "family":
            raise NotYours("Subject access requests are for the family, the maintaining council and auditors.")
        return state, allowed

    def _lacking(self, case: Case, marked: list[Marked]) -> list[Lacking]:
        """What is missing of opinions on the day of the release, or today where it isn't released yet."""
        released_on = case.data.get("releasedOn") if case.status == "RELEASED" else None
        on = date.fromisoformat(released_on) if released_on else london_date(self._now())
        decisions = case.data.get("decisions", {})
        exemptions = self._rules.book.codes_on("access-exemptions", on)
        return list(lacking(decisions, reasons_of(released(marked, decisions)), exemptions, on))

    def _packed(self, whole: Whole, case: Case, marked: list[Marked]) -> AccessPackage:
        kept_back = withheld(marked, case.data.get("decisions", {}))
        left = given((source for source, _ in whole.sources), kept_back)
        pattern = blacking_out(kept_back, whole.hidden, spared_texts(whole), whole.places)
        content = {
            "about": {
                "title": TITLE,
                "plan": whole.now.plan_id,
                "request": case.id,
                "receivedOn": str(case.data.get("receivedOn", "")),
                "coversEntriesUpTo": whole.then.sequence,
                "rights": RIGHTS,
            },
            "person": next((s.content for s in left if s.name == "person"), {}),
            "record": [{**s.about, "said": s.content} for s in left if s.name.startswith("entry/")],
            "drafts": [{**s.about, **s.content} for s in left if s.name.startswith("draft/")],
            "duties": [] if whole.barred else _duties(whole.then, case),
            "readers": self._readers(whole, case),
        }
        made = packed(blacked_out(content, pattern))
        return AccessPackage(content=made, sha256=sha256(made).hexdigest())

    def _readers(self, whole: Whole, case: Case) -> list[JsonObject]:
        """Who has seen it, as far as this member of the family may be shown, up to the day of the last entry."""
        viewer = asking(whole.now, case)
        allowed = self._access.decide_read(whole.now, viewer, Question(), london_date(self._now()))
        found = [e for e in self._lists.entries(whole.now, viewer, allowed) if e.time <= whole.until]
        gateways = self._rules.codes("gateways", whole.on)
        shown = self._words.entries(found, whole.now, viewer, gateways, restricted=whole.barred)
        return [
            {"time": e.time.isoformat(), "who": e.who, "what": e.what, "why": e.why}
            | ({"organisation": e.organisation} if e.organisation is not UNSET else {})
            for e in shown
        ]


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
    running = [c for c in state.clocks.values() if c.matter == f"{KIND}/{case.id}" and not c.closed]
    return AccessRequest(
        access_id=case.id,
        status=case.status,
        requester=str(case.data.get("requester", "")),
        standing=str(case.data.get("standing", "")),
        received_on=str(case.data.get("receivedOn", "")),
        due_on=running[-1].due_on if running else UNSET,
        scope=case.data.get("scope", UNSET),
    )


def _duties(state: PlanState, case: Case) -> list[JsonObject]:
    """The statutory duties; another member of the family's request is nobody else's business."""
    shown = [c for c in state.clocks.values() if not c.matter.startswith(KIND) or c.matter == f"{KIND}/{case.id}"]
    return [{"title": c.title, "law": c.law, "startedOn": c.started_on, "dueOn": c.due_on} for c in shown]


def _entries(sources: Any) -> Iterator[int]:
    return (int(s.name.removeprefix("entry/")) for s in sources if s.name.startswith("entry/"))


def _sections(sources: list[Source]) -> tuple[str, ...]:
    found: set[str] = set()
    for source in sources:
        found |= source.content.get("plan", {}).get("sections", {}).keys()
    return tuple(sorted(found))


def _breach_of(missing: Lacking) -> Breach:
    return Breach(rule=missing.rule, law=missing.law, text=f"Part {missing.part}: {missing.text}")


def _refusal(rule: str, text: str) -> Refusal:
    return Refusal((Breach(rule=rule, law="UK GDPR Art 15; DPA 2018 Sch 2 para 16, Sch 3", text=text),))
