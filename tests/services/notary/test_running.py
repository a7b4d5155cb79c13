"""Notaries at work: trouble is said once, and of what is no sentence of ours only its kind."""

import logging
from typing import Any

import pytest

from services.notary.running import RunningNotaries
from services.notary.standing import LogDiffers
from services.publishing.turns import Alone


class Troubled:
    """A notary that can't take a step."""

    def __init__(self, log: str, error: Exception) -> None:
        self.log, self.error, self.closed = log, error, 0

    def step(self) -> bool:
        raise self.error

    def close(self) -> None:
        self.closed += 1


def looked(caplog: pytest.LogCaptureFixture, error: Exception, times: int = 1) -> list[str]:
    notaries: list[Any] = [Troubled("plan", error)]
    running = RunningNotaries(notaries, Alone(), seconds=1)
    with caplog.at_level(logging.ERROR):
        for _ in range(times):
            running.look()
    assert notaries[0].closed == times
    return [record.getMessage() for record in caplog.records]


def test_what_differs_is_said_once_in_our_words(caplog: pytest.LogCaptureFixture) -> None:
    (said,) = looked(caplog, LogDiffers("the plan log ends at position 3"), times=3)
    assert said == "no checkpoint of the plan log: LogDiffers: the plan log ends at position 3"


def test_of_any_other_fault_only_the_kind_is_said(caplog: pytest.LogCaptureFixture) -> None:
    (said,) = looked(caplog, RuntimeError("Robin Quillfeather"))
    assert said == "no checkpoint of the plan log: RuntimeError"
