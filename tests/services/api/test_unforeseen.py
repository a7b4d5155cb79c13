"""A fault that nobody foresaw: the caller gets a problem, the log the place, and neither a word of the child."""

from unittest.mock import patch

import pytest

from services.reading import PlanReader
from tests.support.life import Life


def test_an_unforeseen_fault_is_a_problem_and_is_logged_without_its_text(
    life: Life, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    life.requested()
    with patch.object(PlanReader, "view", side_effect=RuntimeError("Robin Quillfeather could not be read")):
        answer = life.officer.get(life.path)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/unforeseen")
    (record,) = [record for record in caplog.records if record.name == "services.api.unforeseen"]
    assert "RuntimeError" in record.getMessage()
    assert "read_plan" in record.getMessage()
    beside_the_caller = [one for one in caplog.records if not one.name.startswith("httpx")]
    logged = "".join(caplog.handler.format(one) for one in beside_the_caller)
    said = answer.text + logged + "".join(capfd.readouterr())
    assert "Quillfeather" not in said
    assert life.plan_id not in said
