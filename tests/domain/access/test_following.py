"""Whoever may be told of a plan unasked is whoever may know by that channel that there is one."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.access import EXISTENCE, Question
from domain.plan.acts import Actor
from services.reference_data import load_policies
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.stages import SENT, consulted, finalised, served
from tests.support.access import access

ORGANISATIONS = ("la:855", "la:936", "urn:199101", "urn:199102", "ods:QJK", "ods:QK1", "family")
DAYS = [date.fromisoformat(SENT) + timedelta(days=days) for days in (-60, -1, 0, 400)]


@pytest.mark.parametrize("made", [served, consulted, finalised, Journey.maintained])
@pytest.mark.parametrize("channel", ["signal", "feed"])
def test_who_may_follow_is_who_may_know_of_the_plan(made: Callable[[], Journey], channel: str) -> None:
    state, asked, may = made().state, access(), 0
    roles = {role for rule in load_policies().on(DAYS[0]).relations.values() for role in rule.roles}
    for on in DAYS:
        for role in sorted(roles):
            for organisation in ORGANISATIONS:
                actor = Actor(
                    subject="", organisation=organisation, role=role, plan_id=state.plan_id, contact_id="contact-1"
                )
                alone = asked.decide_read(state, actor, Question(part=EXISTENCE, channel=channel), on)
                assert asked.may_follow(state, actor, channel, on) == alone.allowed
                may += alone.allowed
    assert may, "nobody may: nothing was compared"
