"""The form of the NHS's notification service: about an NHS number, and only about one that was verified."""

import orjson
import pytest

from connectors.nhs.mns import mns_event, verified_nhs_number

SIGNAL = {
    "specversion": "1.0",
    "id": "0192f6a0-0000-7000-8000-00000000000a",
    "source": "https://exchange.example",
    "type": "ehcp-plan-amended-1",
    "time": "2026-10-26T12:00:00Z",
    "subject": "0192f6a0-0000-7000-8000-000000000001",
    "dataref": "https://exchange.example/v1/plans/0192f6a0-0000-7000-8000-000000000001?version=2",
    "versionid": "2",
}


def test_the_subject_is_the_number_and_everything_else_stays() -> None:
    event = orjson.loads(mns_event(SIGNAL, "9990000050", {"commissioner": "QJK"}))
    assert event == {**SIGNAL, "subject": "9990000050", "filtering": {"commissioner": "QJK"}}
    assert SIGNAL["subject"].startswith("0192")


def test_without_filters_the_event_is_a_strict_cloudevent() -> None:
    event = orjson.loads(mns_event(SIGNAL, "9990000050", {}))
    assert all(isinstance(value, str) for value in event.values())


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ({"nhsNumber": "9990000050", "nhsNumberStatus": "01"}, "9990000050"),
        ({"nhsNumber": "9990000050", "nhsNumberStatus": "02"}, None),
        ({"nhsNumber": "9990000050"}, None),
        ({"nhsNumberStatus": "01"}, None),
        ({}, None),
    ],
)
def test_a_number_that_nobody_verified_names_nobody(identifiers: dict[str, str], number: str | None) -> None:
    assert verified_nhs_number(identifiers) == number
