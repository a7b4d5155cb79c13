"""How much has happened in a plan is told to nobody who may not know of all of it: not by numbers, nor by tags."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.life import SCHOOL, Life
from tests.support.serving import Serving, serving

COUNTING = {"sequence", "updatedPosition"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as made:
        yield made


def test_a_list_tells_the_council_how_much_has_happened_and_no_school(served: Serving) -> None:
    life = Life(served).finalised()
    (mine,) = life.officer.get("/v1/plans").json()["plans"]
    (schools,) = served.as_("school", SCHOOL).get("/v1/plans").json()["plans"]
    assert mine.keys() >= COUNTING
    assert not schools.keys() & COUNTING
    assert schools["planId"] == mine["planId"]


def test_tags_of_earlier_moments_do_not_count_what_happened_between_them(served: Serving) -> None:
    life = Life(served).finalised()
    school, head = served.as_("school", SCHOOL), served.platform.store.head()[0]
    answers = [school.get(life.path, knownAt=position) for position in range(1, head + 1)]
    tags = {answer.headers["ETag"] for answer in answers if answer.status_code == 200}
    assert tags == {school.get(life.path).headers["ETag"]}
    assert sum(answer.status_code == 200 for answer in answers) > 1
    then = [life.officer.get(life.path, knownAt=position).headers["ETag"] for position in range(1, head + 1)]
    assert len(set(then)) == head
