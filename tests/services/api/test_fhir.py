"""A plan in the form that systems of the NHS read: the same text as JSON gives, for the same readers, on record too."""

import orjson
import pytest

from tests.connectors.nhs.fhir.test_bundle import checked_bundle, of_kind, whole_text
from tests.services.api.test_reads import amended
from tests.support.life import ICB, UPN, Life
from tests.support.serving import Caller, Serving

FHIR = "application/fhir+json"


def fetched(who: Caller, path: str, **parameters: object) -> dict:  # type: ignore[type-arg]
    answer = who.http.get(path, headers={**who.headers, "Accept": FHIR}, params=parameters or None)
    assert answer.status_code == 200, answer.json()
    assert answer.headers["content-type"] == FHIR
    assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "no-store")
    return checked_bundle(answer.json())


@pytest.fixture
def nurse(platform: Serving) -> Caller:
    return platform.as_("health", ICB)


def test_the_responsible_health_body_fetches_each_version_as_it_was(life: Life, nurse: Caller) -> None:
    amended(life)
    for number, words in ((1, "Reads a page aloud"), (2, "Reads two pages aloud")):
        bundle = fetched(nurse, life.path, version=number)
        [care_plan], [goal] = of_kind(bundle, "CarePlan"), of_kind(bundle, "Goal")
        assert care_plan["meta"]["versionId"] == str(number)
        assert care_plan["status"] == "active"
        assert goal["description"]["text"] == words
        assert whole_text(bundle) == life.read(nurse, version=number)["plan"]
    [provenance] = of_kind(fetched(nurse, life.path), "Provenance")
    assert provenance["recorded"].startswith("2026-")


def test_the_number_of_the_child_in_schools_never_reaches_health(life: Life, nurse: Caller) -> None:
    amended(life)
    assert UPN.encode() not in orjson.dumps(fetched(nurse, life.path))
    assert UPN.encode() in orjson.dumps(fetched(life.officer, life.path))


def test_the_address_of_the_document_gives_the_same_text(life: Life, nurse: Caller) -> None:
    amended(life)
    bundle = fetched(nurse, life.path, version=1)
    address = of_kind(bundle, "DocumentReference")[0]["content"][0]["attachment"]["url"]
    path, _, query = address.partition("/v1/")[2].partition("?")
    assert nurse.get(f"/v1/{path}", **dict([query.split("=")])).json()["plan"] == whole_text(bundle)


def test_it_is_on_record_like_any_reading(life: Life, nurse: Caller) -> None:
    amended(life)
    fetched(nurse, life.path, version=2)
    [entry] = [
        item
        for item in life.manager.get(f"{life.path}/disclosures").json()["disclosures"]
        if item.get("text") == "final-2"
    ]
    assert entry["what"] == "plan"


def test_a_record_without_a_text_has_no_document_and_a_stranger_has_none_either(life: Life, platform: Serving) -> None:
    life.requested()
    headers = {"Accept": FHIR}
    answer = life.officer.http.get(life.path, headers={**life.officer.headers, **headers})
    assert answer.status_code == 404
    stranger = platform.as_("health", "ods:QNX")
    assert stranger.http.get(life.path, headers={**stranger.headers, **headers}).status_code == 404


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/fhir+json", FHIR),
        ("APPLICATION/FHIR+JSON; fhirVersion=4.0", FHIR),
        ("application/json;q=0.5, application/fhir+json", FHIR),
        ("application/fhir+json;q=0.2, application/json;q=0.9", "application/json"),
        ("*/*, application/json;q=0", FHIR),
        ("application/pdf", None),
        ("application/json;q=0", None),
        ("application/json;q=much", None),
        (",;,;q=,", None),
    ],
)
def test_the_form_is_the_one_that_the_caller_prefers(life: Life, accept: str | None, given: str | None) -> None:
    if not life.plan_id:
        life.finalised()
    headers = dict(life.officer.headers) | ({"Accept": accept} if accept is not None else {})
    answer = life.officer.http.get(life.path, headers=headers)
    if given is None:
        assert answer.status_code == 406
        assert "application/fhir+json" in answer.json()["detail"]
    else:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == given
