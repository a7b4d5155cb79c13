"""The whole matrix as a golden table: what each relation reads by each way in which a text could leave.

The tables in `tests/fixtures/access` are reviewed by eye; `python -m tests.tools.draw_access_tables` writes them anew.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from domain.access import EMERGENCY, Policy
from domain.document import SECTION_KEYS
from tests.support.access_signals import route
from tests.support.access_tables import CHANNELS, Scene, reads, scenes
from tests.support.serving import Serving, serving
from tests.support.whole_life import TEXTS, TODAY

FOLDER = Path(__file__).parents[2] / "fixtures" / "access"
#: What the council recorded when it opened the plan to somebody, or somebody consented.
RECORDED = {"consented-recipient": "BF", "recorded-recipient": "CG", "inspectorate": "BEF"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("matrix"), day=TODAY) as served:
        yield served


@pytest.fixture(scope="module")
def found(platform: Serving) -> list[Scene]:
    made = list(scenes(platform))
    platform.clock.day = TODAY
    route(platform)  # or the feeds would be empty
    return made


@pytest.fixture(scope="module")
def policy(platform: Serving) -> Policy:
    return platform.platform.access.policies.on(date.fromisoformat(TODAY))


def test_everybody_reads_what_the_reviewed_table_says_and_nothing_leaks(
    found: list[Scene], policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for scene in found for line in reads(scene)]
    assert lines == (FOLDER / "reads.txt").read_text().splitlines()
    leaks = [leak for line in lines if (leak := _leak(line, policy))]
    callers = sum(len(scene.callers) for scene in found)
    with capsys.disabled():
        print(f"\n{callers} callers in {len(found)} scenes, {len(lines)} answers, ", end="")
        cells = callers * len(CHANNELS) * len(TEXTS) * len(SECTION_KEYS)
        print(f"{cells} cells of {len(CHANNELS)} channels, texts and sections, {len(leaks)} leaks")
    assert leaks == []


def test_every_relation_of_the_matrix_is_in_the_table(policy: Policy) -> None:
    shown = {line.split(" | ")[1] for line in (FOLDER / "reads.txt").read_text().splitlines()}
    assert set(policy.relations) - {EMERGENCY} <= shown, "an emergency rests on a reason, not on a relation"


def _leak(line: str, policy: Policy) -> str:
    """What a read shows beside what the matrix opens to that relation, or keeps back of it."""
    scene, who, way, label, cell = (part.strip() for part in line.split("|"))
    rule = policy.relations.get(who)
    label = "past" if (who, label) == ("former-council", "final") else label  # it was made in that council's time
    if way in {"feed", "disclosures"}:
        return line if cell not in {"-", "nothing"} else ""
    if way not in CHANNELS:
        return ""
    if rule is None or label not in rule.reads or (scene == "identity sealed" and label != "final"):
        hidden = rule is None or scene != "identity sealed" or who != "identity-guardian"
        return line if cell != "-" and hidden and not who.startswith(("the other", "maintaining", "parent")) else ""
    sections = set(rule.reads[label].sections) & set(RECORDED.get(who, SECTION_KEYS))
    read = {part.strip("()+") for part in cell.split()} - {"-", "nothing"}
    whole_report = "K+" in cell and "advice" in rule.reads[label].withholds
    return line if read - sections or whole_report else ""
