"""No number, tag or cursor tells a family how many events are kept from it."""

import re
from typing import Any

import pytest

from tests.support.life import Life
from tests.support.serving import Serving

CONSENT = {"by": "PARENT", "recipient": "A college", "givenOn": "2026-07-13"}
SAFEGUARDING = {"gateway": "CA04_16LA_SAFEGUARDING", "reasons": "More detrimental to the child"}


def _with_hidden_events(life: Life, times: int = 1) -> Life:
    """A plan of which some events aren't shown to the family, others behind them are."""
    life.finalised()
    for _ in range(times):
        life.do("decide-not-to-share", "2026-07-12", **SAFEGUARDING)
    life.do("record-consent", "2026-07-13", who=life.family(), consentId="consent-1", **CONSENT)
    return life


def _numbers(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every whole number of an answer, with the name of its member, and those in texts behind an @."""
    if isinstance(value, dict):
        return [found for key, member in value.items() for found in _numbers(member, key)]
    if isinstance(value, list):
        return [found for member in value for found in _numbers(member, name)]
    if isinstance(value, str):
        return [(name, text) for text in re.findall(r"@(\d{1,5})$", value)]
    return [(name, value)] if type(value) is int else []


def test_the_family_counts_what_it_is_shown_and_the_officer_everything(life: Life) -> None:
    _with_hidden_events(life)
    shown, every = life.history(life.family()), life.history()
    assert len(shown) < len(every)
    assert [event["number"] for event in shown] == list(range(1, len(shown) + 1))
    assert not any({"sequence", "position"} & event.keys() for event in shown)
    assert [event["sequence"] for event in every] == [event["number"] for event in every]
    assert {event["id"] for event in shown} < {event["id"] for event in every}


def test_pages_of_the_history_are_turned_by_the_same_numbers(life: Life) -> None:
    _with_hidden_events(life)
    family, found, after = life.family(), [], 0
    while after is not None:
        page = family.get(f"{life.path}/history", after=after, limit=2).json()
        found += page["events"]
        after = page.get("next")
        assert after is None or after == found[-1]["number"]
    assert found == life.history(family)


@pytest.mark.parametrize("part", ["", "/versions", "/history", "/clocks", "/diff?from=draft-1&to=1"])
def test_what_a_family_reads_is_the_same_however_much_is_kept_from_it(platform: Serving, part: str) -> None:
    few, many = (_with_hidden_events(Life(platform), times) for times in (1, 5))
    answers = [each.family().get(f"{each.path}{part}").json() for each in (few, many)]
    assert _numbers(answers[0]) == _numbers(answers[1])


def test_an_entry_is_named_by_its_number_in_the_readers_own_history(life: Life) -> None:
    _with_hidden_events(life)
    family = life.family()
    texts = [e for e in life.history(family) if e["type"] in ("ehcp.plan.draft-issued.v1", "ehcp.plan.finalised.v1")]
    older, newer = (f"event-{event['number']}" for event in texts)
    assert family.get(f"{life.path}/diff", **{"from": older, "to": newer}).status_code == 200
    far = f"event-{len(life.history()) + 1}"
    assert family.get(f"{life.path}/diff", **{"from": older, "to": far}).status_code == 404


def test_the_entity_tag_says_whether_and_not_how_often(life: Life) -> None:
    _with_hidden_events(life)
    family, officer = life.family(), life.officer
    tag = family.get(life.path).headers["ETag"]
    assert re.fullmatch(r'"p[0-9a-f]{32}"', tag)
    assert family.get(life.path).headers["ETag"] == tag
    life.do("decide-not-to-share", "2026-07-14", **SAFEGUARDING)
    changed = family.get(life.path)
    assert changed.headers["ETag"] == f'"{changed.json()["entityTag"]}"' != tag
    consent = {"consentId": "consent-2", **CONSENT, "givenOn": "2026-07-14"}
    count = officer.get(life.path).headers["ETag"]
    for stale in (tag, count):
        refused = family.act(life.plan_id, "record-consent", tag=stale, **consent)
        assert refused.status_code == 412
        assert refused.headers["ETag"] == changed.headers["ETag"]
    done = family.act(life.plan_id, "record-consent", tag=changed.headers["ETag"], **consent)
    assert done.status_code == 201, done.json()
    assert done.headers["ETag"] == family.get(life.path).headers["ETag"]
    assert "sequence" not in done.json()["event"]
