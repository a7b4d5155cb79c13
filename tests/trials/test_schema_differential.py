"""The differential trial in short; 10,000 rounds are run from the command line."""

import pytest

from tests.trials.schema_differential import VALID_SHARE, Result, trial


def test_60_documents_are_judged_alike_by_both_libraries_and_meet_every_keyword_both_ways() -> None:
    result = trial(seed=20260619, rounds=60)
    assert result.disagreements == []
    assert result.keywords_not_hit == []
    assert result.valid >= 60 * VALID_SHARE
    assert result.passed()
    assert all(passed and failed for passed, failed in result.coverage.values())


@pytest.mark.slow
def test_1000_documents_are_judged_alike_by_both_libraries() -> None:
    assert trial(seed=1, rounds=1000).passed()


def test_the_same_seed_makes_the_same_documents() -> None:
    assert trial(seed=5, rounds=12) == trial(seed=5, rounds=12)


@pytest.mark.parametrize(
    ("disagreements", "not_hit", "valid"),
    [([{"round": 1}], [], 10), ([], ["#/type never failed"], 10), ([], [], 2)],
)
def test_a_trial_fails_on_a_disagreement_a_keyword_not_met_or_too_few_valid_documents(
    disagreements: list[dict[str, object]], not_hit: list[str], valid: int
) -> None:
    result = Result(rounds=10, valid=valid, disagreements=disagreements, keywords_not_hit=not_hit, coverage={})
    assert not result.passed()
