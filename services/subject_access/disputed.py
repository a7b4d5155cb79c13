"""Statements of dispute in an answer: beside the part that they dispute, as whoever reads it elsewhere reads them."""

from collections.abc import Collection

from domain.plan.events import JsonObject
from domain.plan.redactions import hidden_in
from services.statements import KIND, Statement, Statements, each_once
from services.subject_access.collecting import Whole
from services.subject_access.parts import Source

#: The number of what is no entry: a working draft.
NO_ENTRY = 0


class Disputed:
    """The statements that stood when it was prepared, of those that are given themselves."""

    def __init__(self, whole: Whole, given: Collection[int]) -> None:
        """`given` are the entries of the answer: a statement that is withheld stands beside nothing either."""
        only_of = whole.asker.contact if whole.barred else None
        self._statements = Statements(whole.then, hidden_in(whole.now), only_of=only_of, since=whole.now.sealed_from)
        self._given = {case.id for case in whole.then.open_cases(KIND) if case.opened_by in given}

    def beside(self, source: Source) -> JsonObject:
        """What is disputed of a source and how; nothing where nothing is."""
        kind, _, number = source.name.partition("/")
        sequence = int(number) if kind == "entry" else NO_ENTRY
        text = source.content.get("plan", {})
        found = each_once(self._statements.with_text(sequence, text), self._statements.with_entry(sequence))
        told = [_told(statement) for statement in found if statement.dispute_id in self._given]
        return {"statements": told} if told else {}


def _told(statement: Statement) -> JsonObject:
    return {"about": statement.pointer, "statedOn": statement.stated_on, "statement": statement.statement}
