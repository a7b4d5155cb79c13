"""Which acts each relation may do in each role: a golden table, held to the one function and to the API's answers.

`tests/fixtures/access/acts.txt` is reviewed by eye; `python -m tests.tools.draw_access_tables` writes it anew.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from domain.access.acting import KEEPERS
from domain.plan.acts import PERFORM, RECORD
from tests.services.api.examples import Examples
from tests.support.access_acts import MATTERS, Acts, Cell, opening_lines, openings
from tests.support.access_tables import scenes
from tests.support.serving import Serving, serving
from tests.support.whole_life import TODAY

TABLE = Path(__file__).parents[2] / "fixtures" / "access" / "acts.txt"
SEED = 20261102
#: How many cells of each answer are sent in the fast suite.
OF_EACH = 120


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("acts"), day=TODAY) as served:
        yield served


@pytest.fixture(scope="module")
def acts(platform: Serving) -> Acts:
    found = list(scenes(platform))
    platform.clock.day = TODAY
    return Acts(platform, found)


@pytest.fixture(scope="module")
def table() -> list[str]:
    return TABLE.read_text().splitlines()


@pytest.fixture(scope="module")
def expected(acts: Acts, table: list[str]) -> dict[int, list[Cell]]:
    return acts.requests(table)


def test_every_relation_and_role_does_the_acts_that_the_reviewed_table_says(
    acts: Acts, platform: Serving, table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [*acts.lines(), *opening_lines(platform, acts.found)] == table
    callers, cells = sum(len(scene.callers) for scene in acts.found), sum(1 for _ in acts.cells())
    with capsys.disabled():
        print(f"\n{callers} callers in {len(acts.policy.roles)} roles and {len(MATTERS)} matters: ", end="")
        print(f"{cells} cells of {len(acts.specs)} acts")


def test_nobody_does_an_act_that_is_not_of_its_role(acts: Acts, table: list[str]) -> None:
    for row, open_to in acts.allowed_by([line for line in table if not line.startswith("opening ")]).items():
        assert open_to <= set(acts.of_role(row.split(" | ")[2])), row


def test_only_who_keeps_the_record_writes_down_what_happened_elsewhere(acts: Acts) -> None:
    """Broken rules are then findings and no refusals: nobody else may get round a rule by that."""
    asked = Counter[tuple[bool, bool]]()
    for cell in acts.cells():
        done, written = acts.decided(cell), acts.decided(cell, RECORD)
        keeps = cell.role in {"case-officer", "send-manager", "identity-guardian", "records-manager", "social-care"}
        assert written.allowed == (done.allowed and keeps), cell.row
        assert written.visible == done.visible, cell.row
        asked[done.allowed, written.allowed] += 1
    assert min(asked[True, True], asked[True, False], asked[False, False]) > 100


def test_the_api_answers_a_sample_of_the_acts_as_the_table_says(
    acts: Acts, platform: Serving, expected: dict[int, list[Cell]], capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(SEED)
    _send(acts, platform, {status: dice.sample(cells, OF_EACH) for status, cells in expected.items()}, capsys)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_api_answers_every_act_of_everybody_related_to_a_plan_as_the_table_says(
    acts: Acts, platform: Serving, expected: dict[int, list[Cell]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever nothing relates to the plan in a role is asked once; `make trial-matrix` asks about every act."""
    once = {(cell.scene.name, cell.name, cell.role): cell for cell in expected[404]}
    _send(acts, platform, {**expected, 404: list(once.values())}, capsys)


def _send(acts: Acts, platform: Serving, expected: dict[int, list[Cell]], capsys: pytest.CaptureFixture[str]) -> None:
    examples, before = Examples(platform), platform.platform.store.head()
    told, wrong = Counter[int](), []
    for status, cells in expected.items():
        for cell in cells:
            answer = acts.sent(cell, examples.body(cell.spec, cell.scene.life.plan_id))
            told[answer.status_code] += 1
            if answer.status_code != status:
                wrong.append(f"{cell.row} | {cell.spec.act}: {answer.status_code}, not {status}")
    with capsys.disabled():
        print(f"\n{told.total()} acts sent: {told[412]} open, {told[403]} refused, {told[404]} not found, ", end="")
        print(f"{len(wrong)} otherwise than the table says")
    assert wrong == []
    assert platform.platform.store.head() == before, "what was asked changed nothing"


def test_the_api_opens_records_for_whom_the_table_says(
    acts: Acts, platform: Serving, table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    examples, told, wrong = Examples(platform), Counter[int](), []
    open_to = {line.rsplit(" | ", 2)[0]: line.rsplit(" | ", 1)[1].split() for line in _of_openings(table)}
    for one in openings(platform, acts.found):
        named = {"council": one.council} if "council" in one.spec.body else {}
        body = examples.opening_body(one.spec) | named
        if one.role not in KEEPERS:  # others do it, and give it no reference of the council's
            body = {name: value for name, value in body.items() if name != "localReference"} | {"mode": PERFORM}
        answer = platform.as_(one.role, one.organisation).post(f"/v1/plans/opened-by/{one.spec.act}", body)
        told[answer.status_code] += 1
        refused = 403 if one.council else 422  # without a council there is nobody to ask about
        if answer.status_code != (201 if one.spec.act in open_to.get(one.row, ()) else refused):
            wrong.append(f"{one.row} | {one.spec.act}: {answer.status_code} {answer.text}")
    with capsys.disabled():
        print(f"\n{told.total()} records asked to be opened: {told[201]} opened, {told[403]} refused, ", end="")
        print(f"{told[422]} for no council, {len(wrong)} otherwise than the table says")
    assert wrong == []


def _of_openings(table: Iterable[str]) -> list[str]:
    return [line for line in table if line.startswith("opening ")]
