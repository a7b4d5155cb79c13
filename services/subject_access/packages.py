"""What a request gives, made anew from the log each time by the same steps, so that its digest says whether it changed.

Nothing that is marked and not decided about is ever given, nor anything that rests on no opinion that counts.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from domain.access import Access, Question
from domain.calendar import london_date
from domain.plan.events import JsonObject
from domain.plan.opinions import Lacking, lacking
from domain.plan.state import Case, PlanState
from services.disclosures.family import FamilyWords
from services.disclosures.listing import DisclosureLists
from services.rules.in_force import RulesInForce
from services.subject_access.collecting import Whole, spared_texts
from services.subject_access.disputed import Disputed
from services.subject_access.marks import KIND, Marks, asking, prepared_by, reasons_of
from services.subject_access.parts import Marked, Source
from services.subject_access.plain_words import PlainWords
from services.subject_access.rendering import packed
from services.subject_access.withholding import blacked_out, blacking_out, given, released, undecided, withheld

TITLE: Final = "What is held about you or your child"
RIGHTS: Final = (
    "Some of what is held may have been left out because it is about somebody else or because the law says so; where a "
    "word or a name was taken out of what is given it says [withheld]. You can "
    "complain to the council and to the Information Commissioner, ask a court for an order, ask for what is wrong to "
    "be put right, and attach a statement to what you disagree with. (UK GDPR Arts 12, 15, 16, 77, 79)"
)


class Answer(Struct, frozen=True, kw_only=True):
    """What is held for a request, what of it is marked, and what stands in the way of giving it.

    `open_parts` are those about which nobody has decided, `lacking` what is missing of opinions on the day.
    """

    whole: Whole
    marked: list[Marked]
    decisions: JsonObject
    open_parts: tuple[str, ...]
    lacking: tuple[Lacking, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything was decided, on opinions that count."""
        return not self.open_parts and not self.lacking

    def left(self) -> list[Source]:
        """What is given of it."""
        return given((source for source, _ in self.whole.sources), withheld(self.marked, self.decisions))


class Packages:
    """Makes answers to requests."""

    def __init__(
        self,
        rules: RulesInForce,
        access: Access,
        lists: DisclosureLists,
        marks: Marks,
        now: Callable[[], datetime],
    ) -> None:
        """Make them of what `marks` finds, with the readers of `lists`, as `access` allows on the day of `now`."""
        self._rules = rules
        self._access = access
        self._lists = lists
        self._marks = marks
        self._now = now
        self._words = FamilyWords(rules.code_sets)
        self._plain = PlainWords(
            {f"la:{council.code}": council.title for council in rules.code_sets["local-authorities"]}
        )

    def answer(self, state: PlanState, case: Case) -> Answer:
        """The answer as far as it has come: with the decisions that were made last, also before it was taken back."""
        whole, decisions = self._marks.gathered(state, case), case.data.get("decisions", {})
        marked = self._marks.marked(whole)
        return Answer(
            whole=whole,
            marked=marked,
            decisions=decisions,
            open_parts=tuple(part.id for part in undecided(marked, decisions)),
            lacking=tuple(self._lacking(case, marked, decisions)),
        )

    def packed(self, answer: Answer, case: Case) -> bytes:
        """The ZIP that is given."""
        whole, left = answer.whole, answer.left()
        kept_back = withheld(answer.marked, answer.decisions)
        pattern = blacking_out(kept_back, whole.hidden, spared_texts(whole), whole.places)
        disputed = Disputed(whole, frozenset(entries_of(left)))
        content = {
            "about": {
                "title": TITLE,
                "plan": whole.now.plan_id,
                "request": case.id,
                "receivedOn": str(case.data.get("receivedOn", "")),
                "coversEntriesUpTo": whole.then.sequence,
                "rights": RIGHTS,
                **({"alsoHeldIn": also_held(whole)} if also_held(whole) else {}),
            },
            "person": next((s.content for s in left if s.name == "person"), {}),
            "record": [_entry(s, disputed) for s in left if s.name.startswith(("entry/", "erased/"))],
            "drafts": [{**s.about, **s.content, **disputed.beside(s)} for s in left if s.name.startswith("draft/")],
            "duties": [] if whole.barred else _duties(whole.then, case),
            "readers": self._readers(whole, case),
        }
        return packed(blacked_out(content, pattern), self._plain)

    def digest(self, state: PlanState, access_id: str) -> str:
        """The digest of what would be given for a request; empty while there is something to decide about."""
        case = state.case(KIND, access_id)
        if case is None or prepared_by(case) is None or (answer := self.answer(state, case)).open_parts:
            return ""
        return sha256(self.packed(answer, case)).hexdigest()

    def _lacking(self, case: Case, marked: list[Marked], decisions: JsonObject) -> Iterable[Lacking]:
        """What is missing of opinions on the day of the release, or today where it isn't released yet."""
        released_on = case.data.get("releasedOn") if case.status == "RELEASED" else None
        on = date.fromisoformat(released_on) if released_on else london_date(self._now())
        exemptions = self._rules.book.codes_on("access-exemptions", on)
        return lacking(decisions, reasons_of(released(marked, decisions)), exemptions, on)

    def _readers(self, whole: Whole, case: Case) -> list[JsonObject]:
        """Who has seen it, as far as this member of the family could be shown when it was prepared.

        Named as they were then: what the plan says later, or a later review, changes nothing of what was released.
        """
        viewer = asking(whole.now, case)
        allowed = self._access.decide_read(whole.now, viewer, Question(), london_date(self._now()))
        listed = (e for e in self._lists.entries(whole.now, viewer, allowed) if e.time <= whole.until)
        found = [replace(e, review=None) if e.review and e.review.time > whole.until else e for e in listed]
        gateways = self._rules.codes("gateways", whole.on)
        shown = self._words.entries(found, whole.then, viewer, gateways, restricted=whole.barred)
        return [
            {"time": e.time.isoformat(), "who": e.who, "what": e.what, "why": e.why}
            | ({"organisation": e.organisation} if e.organisation is not UNSET else {})
            for e in shown
        ]


def also_held(whole: Whole) -> list[str]:
    """The records that were merged into this one, and still are: what they hold is asked for, and answered, there."""
    return [] if whole.barred else [other for other in whole.then.absorbed if other in whole.now.absorbed]


def _entry(source: Source, disputed: Disputed) -> JsonObject:
    said = {} if source.about.get("status") == "erased" else {"said": source.content}
    return {**source.about, **said, **disputed.beside(source)}


def entries_of(sources: Iterable[Source]) -> Iterator[int]:
    """The numbers of the entries among these sources."""
    return (int(s.name.removeprefix("entry/")) for s in sources if s.name.startswith("entry/"))


def sections_of(sources: Iterable[Source]) -> tuple[str, ...]:
    """The sections of the plan that these sources show."""
    found: set[str] = set()
    for source in sources:
        found |= source.content.get("plan", {}).get("sections", {}).keys()
    return tuple(sorted(found))


def _duties(state: PlanState, case: Case) -> list[JsonObject]:
    """The statutory duties; another member of the family's request is nobody else's business."""
    shown = [c for c in state.clocks.values() if not c.matter.startswith(KIND) or c.matter == f"{KIND}/{case.id}"]
    return [{"title": c.title, "law": c.law, "startedOn": c.started_on, "dueOn": c.due_on} for c in shown]
