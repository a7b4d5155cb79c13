"""After an erasure: what was signalled before, what is sent again, and what a subscriber fetches later."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.webhooks.sending import NotDelivered
from domain.signals.types import WITHDRAWN
from services.signals.delivering import LONGEST_PAUSE, MOST_ATTEMPTS
from tests.services.retention.conftest import Ended
from tests.services.signals.test_feed import told, types
from tests.services.signals.test_webhooks import Endpoint, Virtual, subscribed
from tests.support.life import OTHER_SCHOOL, SCHOOL
from tests.support.serving import Caller, Serving


@pytest.fixture
def ended(platform: Serving) -> Ended:
    return Ended(platform).at_rest()


def fetched(who: Caller, signal: dict[str, Any], platform: Serving) -> Any:
    """The answer to a signal's `dataref`."""
    return who.get(signal["dataref"].removeprefix(platform.platform.settings.base_url))


def test_what_an_old_signal_leads_to_is_gone_and_a_party_is_told_by_which_certificate(
    platform: Serving, ended: Ended
) -> None:
    school, stranger = platform.as_("school", SCHOOL), platform.as_("school", OTHER_SCHOOL)
    before = next(signal for signal in told(school, 1) if "dataref" in signal)
    assert fetched(school, before, platform).status_code == 200
    ended.erased()
    gone = fetched(school, before, platform)
    assert (gone.status_code, gone.json()["certificate"]["planId"]) == (410, ended.plan_id)
    nothing = fetched(stranger, before, platform)
    assert nothing.status_code == 404
    assert "certificate" not in nothing.json()
    now = told(school, 2)
    assert set(types(now)) == {WITHDRAWN}
    assert now[0]["id"] == before["id"]
    assert not any("dataref" in signal for signal in now)
    assert "Quillfeather" not in str(now)


def test_a_dead_letter_that_is_sent_again_says_only_that_it_is_over(platform: Serving, ended: Ended) -> None:
    endpoint = Endpoint()
    virtual = Virtual(platform, endpoint)
    before = told(ended.officer, 1)
    made = subscribed(ended.officer)
    endpoint.fault = NotDelivered("status-500")
    long = timedelta(seconds=1.3 * LONGEST_PAUSE * MOST_ATTEMPTS * 3)
    virtual.pass_time(long, timedelta(minutes=30))
    letters = ended.officer.get(f"/v1/subscriptions/{made['id']}/dead-letters").json()["deadLetters"]
    assert {one["recipientsequence"] for one in before} <= {letter["recipientsequence"] for letter in letters}
    ended.erased()
    told(ended.officer, len(before) + 1)
    endpoint.fault = None
    ended.officer.post(f"/v1/subscriptions/{made['id']}/replays")
    virtual.pass_time(long, timedelta(minutes=30))
    assert {one["id"] for one in before} <= {one["id"] for one in endpoint.taken}
    assert set(types(endpoint.taken)) == {WITHDRAWN}
    assert not any("dataref" in one for one in endpoint.taken)
