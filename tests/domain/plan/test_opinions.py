"""How long an opinion counts, by the months that the rules say and by the calendar."""

from datetime import date
from typing import Any

import pytest

from domain.codesets import Code, CodeSet
from domain.plan.opinions import lacking


def exemptions(**facts: Any) -> CodeSet:
    asked = Code(code="HARM", title="Serious harm", facts={"law": "DPA 2018 Sch 3 para 5", **facts})
    codes = {"OTHER": Code(code="OTHER", title="Another"), "HARM": asked}
    return CodeSet(id="e", title="E", source="", source_date="", licence="", codes=codes)


ASKS = exemptions(opinion="The doctor", opinionMonths=6)


def rules(given_on: str, on: str, codes: CodeSet = ASKS) -> list[str]:
    decided = {"p-1": {"decision": "RELEASE", "consulted": "Dr Fernhollow", "opinionOn": given_on}}
    return [missing.rule for missing in lacking(decided, {"p-1": ("OTHER", "HARM")}, codes, date.fromisoformat(on))]


@pytest.mark.parametrize(
    ("given_on", "last"),
    [
        ("2026-01-21", "2026-07-20"),
        ("2026-01-01", "2026-06-30"),
        ("2026-02-28", "2026-08-27"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-30", "2028-02-29"),
    ],
)
def test_it_counts_up_to_the_last_day_of_six_months_that_begin_with_its_own(given_on: str, last: str) -> None:
    day = date.fromisoformat(last)
    assert rules(given_on, last) == []
    assert rules(given_on, date.fromordinal(day.toordinal() + 1).isoformat()) == ["opinion-too-old"]
    assert rules(given_on, given_on) == []


def test_for_how_many_months_is_said_by_the_rules() -> None:
    assert rules("2026-01-21", "2026-07-20", exemptions(opinion="The doctor", opinionMonths=3)) == ["opinion-too-old"]
    assert rules("2020-01-21", "2026-07-20", exemptions(opinion="The doctor")) == []
    assert rules("2020-01-21", "2026-07-20", exemptions()) == [], "and so is whether anybody has to be asked"


def test_only_what_is_marked_for_it_or_withheld_under_it_rests_on_an_opinion() -> None:
    on, undecided = date(2026, 7, 20), {"decision": "RELEASE"}
    assert not list(lacking({"p-1": undecided}, {"p-1": ("OTHER",)}, ASKS, on))
    assert not list(lacking({"p-1": undecided}, {"p-2": ("HARM",)}, ASKS, on))
    assert not list(lacking({"p-1": {"decision": "WITHHOLD", "exemption": "OTHER"}}, {}, ASKS, on))
    (who, when) = lacking({"p-1": {"decision": "WITHHOLD", "exemption": "HARM"}}, {}, ASKS, on)
    assert (who.part, who.member, when.member, who.law) == ("p-1", "consulted", "opinionOn", "DPA 2018 Sch 3 para 5")
