"""No number, tag or cursor tells a family how many events are kept from it."""

import re
from typing import Any

import pytest

from tests.support.life import Life, text
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


def test_the_entity_tag_changes_with_what_is_shown_and_with_nothing_else(life: Life) -> None:
    """Who looks every minute must not see when somebody decided about the child's safety."""
    life.served()
    family, officer = life.family(), life.officer
    drafted = family.get(life.path).headers["ETag"]
    life.serving.clock.day = "2026-06-14"
    representation = {"receivedOn": "2026-06-14", "contactId": "contact-1"}
    assert officer.act(life.plan_id, "make-representation", **representation).status_code == 201
    assert family.get(life.path).headers["ETag"] == drafted
    served = life.do("serve-draft", "2026-06-15", **_served_again(life))
    changed = family.get(life.path)
    assert changed.headers["ETag"] == f'"{changed.json()["entityTag"]}"' != drafted
    assert re.fullmatch(r'"p[0-9a-f]{32}"', changed.headers["ETag"])
    for _ in range(3):
        life.do("decide-not-to-share", "2026-06-16", **SAFEGUARDING)
        assert family.get(life.path).headers["ETag"] == changed.headers["ETag"]
    assert officer.get(life.path).json()["sequence"] == served["event"]["sequence"] + 3
    count = officer.get(life.path).headers["ETag"]
    said = representation | {"receivedOn": "2026-06-16"}
    for stale in (drafted, count):
        refused = family.act(life.plan_id, "make-representation", tag=stale, **said)
        assert refused.status_code == 412
        assert refused.headers["ETag"] == changed.headers["ETag"]
    done = family.act(life.plan_id, "make-representation", tag=changed.headers["ETag"], **said)
    assert done.status_code == 201, done.json()
    assert done.headers["ETag"] == family.get(life.path).headers["ETag"] == changed.headers["ETag"]
    assert "sequence" not in done.json()["event"]


def _served_again(life: Life) -> dict[str, Any]:
    once_more = {
        "representationsUntil": "2026-06-30",
        "servedOn": {"contact-1": "2026-06-15", "contact-2": "2026-06-15"},
    }
    return life.serving_body(plan=text(life.reference)) | once_more
