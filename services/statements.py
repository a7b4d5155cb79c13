"""Statements of dispute (UK GDPR Art 16): whoever reads the part that is disputed reads the statement with it.

A statement about a part of a text goes with every text in which that part still stands, until it is withdrawn; one
about an entry goes with that entry. It is shown to nobody who isn't shown the part.
"""

from collections.abc import Iterator

from msgspec import UNSET, Struct, UnsetType

from domain.document.json_values import segments, value_at
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.redactions import Hidden, is_hidden
from domain.plan.state import Case, PlanState

KIND, SUBJECT_ACCESS = "dispute", "subject-access"
TEXT = "plan"


class Statement(Struct, frozen=True, kw_only=True, rename="camel"):
    """What somebody of the family says of a part of the record; `by` is their contact.

    `entry` is told to who is told the numbers of all entries.
    """

    dispute_id: str
    entry: int | UnsetType = UNSET
    pointer: str
    by: str
    stated_on: str
    statement: str


class Statements:
    """The statements of a plan for one reader: from whom the place is held back, only their own."""

    def __init__(
        self, state: PlanState, hidden: Hidden, *, only_of: str | None = None, since: int = 0, numbered: bool = True
    ) -> None:
        """`only_of` is the contact whose statements alone are shown, `since` the entry from which on any are.

        `numbered` says whether the reader is told the numbers of entries.
        """
        self._numbered = numbered
        stated = (case for case in state.open_cases(KIND, "STATED") if case.opened_by >= since)
        cases = (case for case in stated if not is_hidden(hidden, case.opened_by, "/statement"))
        self._cases = tuple(case for case in cases if only_of in {None, case.data.get("requester")})

    def with_text(self, sequence: int, text: JsonObject) -> tuple[Statement, ...]:
        """Those that go with a text as it is shown, carried by an entry."""
        return tuple(self._told(case) for case in self._cases if _goes_with(case, sequence, text))

    def with_entry(self, sequence: int) -> tuple[Statement, ...]:
        """Those about an entry of the history, or a part of it."""
        return tuple(self._told(case) for case in self._cases if case.data.get("entry") == sequence)

    def _told(self, case: Case) -> Statement:
        said = case.data
        return Statement(
            dispute_id=case.id,
            entry=int(said.get("entry", 0)) if self._numbered else UNSET,
            pointer=str(said.get("pointer", "")),
            by=str(said.get("requester", "")),
            stated_on=str(said.get("statedOn", "")),
            statement=str(said.get("statement", "")),
        )


def _goes_with(case: Case, sequence: int, text: JsonObject) -> bool:
    path = segments(str(case.data.get("pointer", "")))
    if not path:
        return case.data.get("entry") == sequence and bool(text)
    return path[0] == TEXT and value_at(text, path[1:]) not in (None, {})


def each_once(*groups: tuple[Statement, ...]) -> Iterator[Statement]:
    """The statements of several texts, each once."""
    yield from {statement.dispute_id: statement for group in groups for statement in group}.values()


def is_own_request(data: JsonObject, actor: Actor) -> bool:
    """Whether somebody of the family asked for it in their own name."""
    return actor.role == "family" and bool(actor.contact_id) and data.get("requester") == actor.contact_id
