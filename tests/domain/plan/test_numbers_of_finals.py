"""The number of a final plan is never used again, not even when the final was recorded by mistake."""

from tests.domain.plan.keeping.history import MANAGER, document, maintained

AMENDED = {"amendmentNoticeId": "n1", "purpose": "ANNUAL_REVIEW", "basis": "COUNCIL", "plan": document()}


def test_the_number_of_an_annulled_final_is_not_given_to_the_next() -> None:
    history = maintained()
    first = history.state.highest_final
    history.record("amend", "2026-05-20", sentOn="2026-05-20", **AMENDED)
    wrong = history.state.sequence
    history.perform("correct-entry", "2026-05-21", MANAGER, corrects=wrong, reason="Another child's plan")
    assert [v.number for v in history.state.versions if v.kind == "final"] == [first]
    history.record("amend", "2026-06-20", sentOn="2026-06-20", **AMENDED)
    assert [v.number for v in history.state.versions if v.kind == "final"] == [first, first + 2]
