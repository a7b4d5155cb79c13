"""Addresses are read as strictly as bodies: what isn't understood is said, never passed over."""

from typing import Any
from uuid import UUID

import pytest

from tests.services.api.examples import committed_description
from tests.support.life import Life


def said(life: Life, path: str) -> dict[str, str]:
    """The sentence about each parameter that is refused."""
    answer = life.officer.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith("/invalid-parameter")
    return {item["pointer"]: item["text"] for item in answer.json()["errors"]}


@pytest.fixture
def final(life: Life) -> Life:
    return life.imported()


def test_a_mistyped_parameter_does_not_answer_another_question(final: Life) -> None:
    assert said(final, f"{final.path}?asat=2020-01-01") == {"/asat": "There is no such parameter here."}
    assert said(final, "/v1/plans?counsil=936") == {"/counsil": "There is no such parameter here."}
    assert said(final, "/v1/plans?due_before=2026-01-01") == {"/due_before": "There is no such parameter here."}
    assert set(said(final, "/v1/plans?dueBefore=0")) == {"/dueBefore"}
    assert said(final, f"{final.path}/versions?version=1") == {"/version": "There is no such parameter here."}


def test_an_act_takes_no_parameters(final: Life) -> None:
    before = final.serving.platform.store.head()
    body = {"mode": "RECORD", "effectiveOn": "2026-04-20", "heldOn": "2026-04-20"}
    answer = final.officer.post(f"{final.path}/acts/hold-coproduction-meeting?dryRun=true", body)
    assert answer.status_code == 422
    assert final.serving.platform.store.head() == before


def test_a_personal_search_term_in_an_address_is_refused_and_not_repeated(final: Life) -> None:
    answer = final.officer.get("/v1/plans?Quillfeather%20Robin=x&surname=Quillfeather")
    assert answer.status_code == 422
    assert "Quillfeather" not in answer.text


def test_a_parameter_is_stated_once(final: Life) -> None:
    assert said(final, f"{final.path}?version=1&version=2") == {"/version": "State it once."}


def test_one_text_is_asked_for_at_a_time(final: Life) -> None:
    assert set(said(final, f"{final.path}?version=1&asAt=2026-01-05")) == {"/version", "/asAt"}
    assert set(said(final, f"{final.path}?version=1&draft=1")) == {"/version", "/draft"}
    assert final.officer.get(f"{final.path}?version=1&knownAt={final.serving.platform.store.head()[0]}").is_success


@pytest.mark.parametrize(
    "value",
    ["0", "1700000000", "20260105", "2026-1-5", "2026-02-30", "2026-01-05T00:00:00", "2026-01-05Z", "2026-W01-1", ""],
)
def test_as_at_is_a_civil_date_and_nothing_that_could_pass_for_one(final: Life, value: str) -> None:
    assert "YYYY-MM-DD" in said(final, f"{final.path}?asAt={value}")["/asAt"]


@pytest.mark.parametrize(
    "value",
    [
        "", "-1", "1.5", "yesterday", "2026-01-05", "2026-01-05T12:00", "2026-01-05T120000Z", "2026-01-05T12:00:00",
        "2026-13-05T12:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T12:00:00%2B99:99", "999999", "2999-01-01T00:00:00Z",
        "2026-01-05T12:00:00+00:00",
    ],
)  # fmt: skip
def test_known_at_is_a_position_or_an_instant_that_has_come(final: Life, value: str) -> None:
    assert set(said(final, f"{final.path}?knownAt={value}")) == {"/knownAt"}


def test_every_parameter_that_cannot_be_read_is_explained_in_words_of_ours(final: Life) -> None:
    explained = 0
    for path, item in committed_description()["paths"].items():
        operation: dict[str, Any] = item.get("get", {})
        stated = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
        for name in stated:
            sentence = said(final, f"{path.format(plan_id=final.plan_id, identifier='la:855')}?{name}=%E2%80%BD")[
                f"/{name}"
            ]
            assert sentence.startswith(("Give ", "This is needed. Give "))
            explained += 1
    assert explained > 10


@pytest.mark.parametrize("form", ["{{{}}}", "urn:uuid:{}", "({})", "{}/", "{}%0A", " {}"])
def test_an_id_has_one_form(final: Life, form: str) -> None:
    assert final.officer.get(f"/v1/plans/{form.format(final.plan_id)}").status_code == 404


def test_an_id_without_hyphens_is_none_and_capitals_are_the_same_id(final: Life) -> None:
    assert final.officer.get(f"/v1/plans/{UUID(final.plan_id).hex}").status_code == 404
    assert final.officer.get(f"/v1/plans/{final.plan_id.upper()}").json()["planId"] == final.plan_id


def test_a_repeat_at_the_same_address_in_capitals_is_the_same_request(final: Life) -> None:
    body = {"mode": "RECORD", "effectiveOn": "2026-04-20", "holdId": "hold-1", "reason": "An inquiry"}
    first = final.officer.post(f"{final.path}/acts/set-legal-hold", body, Idempotency_Key="capitals")
    path = f"/v1/plans/{final.plan_id.upper()}/acts/set-legal-hold"
    assert final.officer.post(path, body, Idempotency_Key="capitals").json() == first.json()


def test_without_a_token_nothing_is_said_about_parameters(final: Life) -> None:
    answer = final.serving.http.get("/v1/plans?surname=x")
    assert answer.status_code == 401
