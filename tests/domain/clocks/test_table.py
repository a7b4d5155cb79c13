"""The published clock table: complete, consistent, and every clock computable from its own facts."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import (
    Clock,
    ClockDoesNotApply,
    ClockError,
    Fact,
    MissingFact,
    assemble,
    due,
    parse_relaxation,
    parse_rule_set,
    started_by,
)
from domain.clocks.periods import SameAs
from services.reference_data import SCHEMAS, load_reference_data

DATA = load_reference_data()
RULES = DATA.rule_set_for(date(2026, 3, 2))
DUTIES = [f"D{number}" for number in range(1, 44)]
BACKWARD = {"D9", "D10", "D16", "D17", "D18", "D43"}
CHOICES = {
    "D16": "secondary-to-post-16-institution",
    "D17": "primary-to-secondary",
    "D18": "post-16-to-post-16",
}


def facts_for(clock: Clock, start: date) -> dict[str, Fact]:
    """Facts with which a clock can be computed: every date is the start, unless the clock says otherwise."""
    facts: dict[str, Fact] = dict.fromkeys(clock.facts, start)
    for replacement in clock.replaced_by:
        del facts[replacement.fact]
    if "transferKind" in facts:
        facts["transferKind"] = CHOICES[clock.id]
    if "asClock" in facts:
        facts["asClock"] = "D35"
    if "schoolDays" in facts:
        facts["schoolDays"] = tuple(start + timedelta(days=n) for n in range(1, 40))
    if clock.id == "D19":
        facts["movedOn"] = start + timedelta(days=60)
    return facts


@pytest.mark.parametrize("duty", DUTIES)
def test_every_duty_of_the_law_is_in_the_table(duty: str) -> None:
    assert RULES.parts(duty)


@pytest.mark.parametrize("clock", RULES.clocks, ids=lambda clock: clock.id)
def test_every_clock_can_be_computed_from_the_facts_that_it_describes(clock: Clock) -> None:
    found = due(clock, facts_for(clock, date(2026, 3, 2)), DATA.holidays)
    assert found.rule_set == "england-2014"
    assert found.calendar_version == DATA.holidays.version
    assert found.law == "; ".join(clock.law)


@pytest.mark.parametrize("clock", RULES.clocks, ids=lambda clock: clock.id)
def test_every_clock_says_its_law_its_duty_and_who_owes_it(clock: Clock) -> None:
    assert clock.law
    assert all(clock.law)
    assert clock.title.strip()
    assert clock.duty.endswith(".")
    assert clock.owed_by


@pytest.mark.parametrize("clock", RULES.clocks, ids=lambda clock: clock.id)
def test_every_clock_is_started_and_ended_by_events(clock: Clock) -> None:
    assert clock.starts
    rules = [RULES.clock(name) for name in clock.period.clocks] if isinstance(clock.period, SameAs) else [clock]
    assert all(rule.met_by or rule.closed_by for rule in rules)


@pytest.mark.parametrize("clock", [c for c in RULES.clocks if c.id not in BACKWARD], ids=lambda clock: clock.id)
@given(start=st.dates(date(2014, 9, 1), date(2028, 6, 30)))
def test_no_duty_is_due_before_it_starts(clock: Clock, start: date) -> None:
    facts = facts_for(clock, start)
    assert due(clock, facts, DATA.holidays).due_on >= start


@pytest.mark.parametrize("clock", [c for c in RULES.clocks if c.id in BACKWARD], ids=lambda clock: clock.id)
@given(start=st.dates(date(2015, 9, 1), date(2028, 6, 30)))
def test_a_duty_before_a_day_has_a_safe_date_no_later_than_the_headline(clock: Clock, start: date) -> None:
    found = due(clock, facts_for(clock, start), DATA.holidays)
    dates = [found.safe_on, found.due_on, found.headline_on]
    known = [day for day in dates if day is not None]
    assert known == sorted(known)
    assert len(known) > 1


@pytest.mark.parametrize("clock", RULES.clocks, ids=lambda clock: clock.id)
def test_every_excuse_is_a_published_circumstance(clock: Clock) -> None:
    assert all(code in DATA.code_set("exceptions") for code in clock.excuse_codes)


def test_a_duty_in_parts_is_named_with_its_parts() -> None:
    with pytest.raises(ClockError, match="D32a, D32b, D32c"):
        RULES.clock("D32")
    with pytest.raises(ClockError, match="no clock D99"):
        RULES.clock("D99")


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(MissingFact) as caught:
        due(RULES.clock("D30"), {"certificateOn": date(2026, 7, 10)}, DATA.holidays)
    assert caught.value.fact == "letterOn"


def test_every_order_of_the_tribunal_starts_the_clocks_that_its_code_names() -> None:
    for order in DATA.code_set("tribunal-orders"):
        data = {"orders": [order.code]}
        started = started_by(RULES, "ehcp.plan.tribunal-ordered.v1", data, date(2026, 7, 1))
        assert [one.clock.id for one in started] == order.facts["clocks"]


def test_every_kind_of_phase_transfer_has_the_clock_that_its_code_names() -> None:
    for kind in DATA.code_set("phase-transfers"):
        facts = {"transferOn": date(2027, 9, 1), "transferKind": kind.code}
        applying = []
        for name in ("D16", "D17", "D18"):
            try:
                applying.append(due(RULES.clock(name), facts, DATA.holidays).clock)
            except ClockDoesNotApply:
                continue
        assert applying == ([kind.text("clock")] if kind.text("clock") else [])


def test_events_are_named_as_all_events_of_a_plan_are() -> None:
    named = {when.event for c in RULES.clocks for when in (*c.starts, *c.met_by, *c.closed_by)}
    named |= {when.event for when in RULES.closing_events}
    assert all(event.startswith("ehcp.plan.") and event.endswith(".v1") for event in named)


def test_due_dates_are_published_in_camel_case_with_their_list_and_rules() -> None:
    import msgspec  # noqa: PLC0415 - only to show the published form

    found = due(RULES.clock("D18"), facts_for(RULES.clock("D18"), date(2026, 9, 1)), DATA.holidays)
    assert msgspec.to_builtins(found) == {
        "clock": "D18",
        "dueOn": "2026-04-01",
        "headlineOn": "2026-04-01",
        "safeOn": "2026-03-31",
        "law": "SEND Regulations 2014 reg 18(2)",
        "calendarVersion": "england-bank-holidays-2026-11",
        "ruleSet": "england-2014",
    }


def table(**changes: object) -> bytes:
    """The published table with one clock, changed."""
    published = json.loads((SCHEMAS / "clocks" / "england-2014.json").read_bytes())
    first = published["clocks"][0] | changes.pop("clock", {})  # type: ignore[operator]
    return json.dumps(published | {"clocks": [first]} | changes).encode()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (table(clock={"facts": {}}), "facts used and facts described differ"),
        (table(clock={"period": {"rule": "weeks-after", "n": 6, "of": "elsewhere"}}), "facts used"),
        (
            table(clock={"period": {"rule": "fortnights-after", "n": 3, "of": "receivedOn"}}),
            "fortnights-after",
        ),
        (table(clock={"perod": {}}), "perod"),
        (table(sha256="00"), "cannot hold its own hash"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_rule_set(document)


def test_a_clock_id_used_twice_is_refused() -> None:
    published = json.loads(table())
    published["clocks"] *= 2
    with pytest.raises(ClockError, match="twice"):
        parse_rule_set(json.dumps(published).encode())


def test_two_editions_never_govern_the_same_request() -> None:
    first, second = parse_rule_set(table()), parse_rule_set(table(id="england-2029", validFrom="2029-09-01"))
    with pytest.raises(ClockError, match="governs its first day too"):
        assemble([first, second], [])


def test_the_edition_is_chosen_by_the_date_of_the_request() -> None:
    old = parse_rule_set(table(validTo="2029-08-31"))
    new = parse_rule_set(table(id="england-2029", validFrom="2029-09-01"))
    editions = assemble([old, new], [])
    assert editions.rule_set_for(date(2029, 8, 31)).id == "england-2014"
    assert editions.rule_set_for(date(2029, 9, 1)).id == "england-2029"
    assert editions.get("england-2029") == new
    with pytest.raises(ClockError, match="no rule set governs"):
        editions.rule_set_for(date(2014, 8, 31))
    with pytest.raises(ClockError, match="no rule set england-1996"):
        editions.get("england-1996")


def test_a_relaxation_names_an_edition_and_clocks_that_exist() -> None:
    relaxation = parse_relaxation((SCHEMAS / "clocks" / "england-2014-c20.json").read_bytes())
    with pytest.raises(ClockError, match="does not exist"):
        assemble([], [relaxation])
    with pytest.raises(ClockError, match="no clock D2 in"):
        assemble([parse_rule_set(table())], [relaxation])
