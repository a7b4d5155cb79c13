"""A short round of the trial of random acts, and proof that it would notice a rule of law that isn't kept."""

import json
from collections.abc import Iterator

import pytest

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards import GUARDS
from tests.trials.lives import rules
from tests.trials.random_acts import main, run

#: Guards without which the trial must find what the law forbids, each with the rule that finds it.
NOTICED = {
    "advice-sought": "decided_without_advice",
    "appeal-window-over": "ceased_too_early",
    "cease-consultation-whole": "end_untold",
    "draft-was-served": "final_inside_window",
    "draft-window": "short_window",
    "golden-thread-kept": "need_without_provision",
    "health-provision-agreed": "unagreed_health",
    "named-setting-consulted": "setting_not_asked",
    "notice-served-unless-ordered": "amended_without_notice",
    "order-on-record": "ordered_without_order",
    "reassessment-under-way": "final_again_without_reassessment",
    "rights-explained": "final_without_rights",
    "second-person": "done_alone",
    "nothing-substantial-changed": "correction_of_substance",
    "placement-settled": "unsettled_placement",
    "recipients-may-receive": "barred_recipient",
    "refusal-explained": "refusal_without_reasons",
    "section-i-of-draft": "draft_names_setting",
    "text-of-this-child": "another_childs_text",
    "window-over": "final_inside_window",
}
SEED, ROUNDS = 20140901, 60


def _lets_everything_pass(_context: Context) -> Iterator[Breach]:
    yield from ()


def test_random_acts_reach_nothing_that_the_law_forbids_and_every_record_is_storable() -> None:
    result = run(SEED, ROUNDS)
    assert result.violations == []
    assert {"ASSESSING", "DRAFTING", "DRAFT_ISSUED", "MAINTAINED", "CEASED"} <= result.phases.keys()
    assert result.recorded.total() > ROUNDS
    assert result.findings > ROUNDS


@pytest.mark.slow
def test_every_act_of_the_catalogue_is_an_aim_and_is_done_and_recorded() -> None:
    found = json.loads(run(SEED, 3 * len(rules().catalogue.acts)).summary())
    assert found["actsNeverRecorded"] == []
    assert found["actsDoneWithoutBreach"] >= 0.95 * found["actsInCatalogue"], found["actsNeverDone"]


def test_a_round_is_repeated_by_its_seed() -> None:
    assert run(7, 3).summary() == run(7, 3).summary()
    assert run(7, 3).summary() != run(8, 3).summary()


@pytest.mark.parametrize("guard", sorted(NOTICED))
def test_the_trial_notices_a_rule_that_is_not_kept(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GUARDS, guard, _lets_everything_pass)
    found = (what for seed in range(60) for what in run(seed, 10).violations)
    assert any(NOTICED[guard] in what for what in found)


def test_the_program_says_by_its_exit_code_whether_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--seed", "1", "--rounds", "2"]) == 0
    monkeypatch.setitem(GUARDS, "window-over", _lets_everything_pass)
    assert main(["--seed", "0", "--rounds", "12"]) == 1
    assert '"violations": ["round' in capsys.readouterr().out
