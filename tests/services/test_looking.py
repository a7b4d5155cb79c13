"""Often while things happen, seldom while nothing does."""

from services.looking import ATTENTIVE_SECONDS, OFTEN_SECONDS, Looking


def test_it_is_looked_often_for_a_while_after_something_was_found() -> None:
    now = [100.0]
    looking = Looking(0.5, clock=lambda: now[0])
    assert looking.rest == 0.5
    looking.found()
    assert looking.rest == OFTEN_SECONDS
    now[0] += ATTENTIVE_SECONDS / 2
    looking.found()
    now[0] += ATTENTIVE_SECONDS / 2
    assert looking.rest == OFTEN_SECONDS
    now[0] += ATTENTIVE_SECONDS
    assert looking.rest == 0.5


def test_who_looks_often_anyway_does_not_look_more_seldom_when_something_was_found() -> None:
    looking = Looking(OFTEN_SECONDS / 2)
    looking.found()
    assert looking.rest == OFTEN_SECONDS / 2
