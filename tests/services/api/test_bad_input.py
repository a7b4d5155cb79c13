"""Bad input of every kind is answered with a 4xx that says where and what, and changes nothing."""

import re
from collections.abc import Iterator
from gzip import compress
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from tests.support.life import NAMED, SENT, SERVED, Life, person, text
from tests.support.serving import Serving, serving

JSON = "application/json"
ON = "2026-06-12"
MEETING = {"mode": "RECORD", "effectiveOn": ON, "heldOn": ON}
MEBIBYTE = 1024 * 1024
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def module_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("platform"), day=ON) as served:
        yield served


@pytest.fixture(scope="module")
def drafted(module_platform: Serving) -> Life:
    """A plan about to be drafted; nothing here may change it."""
    return Life(module_platform).drafting()


@pytest.fixture(autouse=True)
def nothing_changes(drafted: Life) -> Iterator[None]:
    store = drafted.serving.platform.store
    drafted.serving.clock.day = ON
    before = store.head(), store.head("draft")
    yield
    assert (store.head(), store.head("draft")) == before


def meeting(life: Life) -> str:
    return f"{life.path}/acts/hold-coproduction-meeting"


def said(**more: Any) -> bytes:
    return orjson.dumps({**MEETING, **more})


def raw(note: str) -> bytes:
    """A body that is right but for the raw JSON of its note."""
    return said()[:-1] + b',"note":' + note.encode("utf-8", "surrogatepass") + b"}"


UNREADABLE = {
    "nothing at all": (b"", "malformed-json"),
    "half an object": (said()[:-1], "malformed-json"),
    "two objects": (said() + said(), "malformed-json"),
    "NaN": (raw("NaN"), "malformed-json"),
    "Infinity": (raw("-Infinity"), "malformed-json"),
    "malformed UTF-8": (raw('"?"').replace(b"?", b"\xff\xfe"), "malformed-utf-8"),
    "overlong UTF-8": (raw('"?"').replace(b"?", b"\xc0\xaf"), "malformed-utf-8"),
    "a lone surrogate": (raw(r'"\ud800"'), "malformed-json"),
    "a raw surrogate": (raw('"\ud800"'), "malformed-utf-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + said(), "malformed-json"),
    "UTF-16": (said().decode().encode("utf-16"), "malformed-utf-8"),
    "100,000 arrays in each other": (b"[" * 100_000 + b"]" * 100_000, "malformed-json"),
    "100,000 objects in each other": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "malformed-json"),
    "fifty levels": (raw("[" * 50 + "]" * 50), "too-deep"),
    "a name twice": (b'{"mode":"PERFORM",' + said()[1:], "repeated-name"),
    "a name twice, deep inside": (raw('{"a":{"b":1,"b":2}}'), "repeated-name"),
    "an array": (b"[" + said() + b"]", "not-an-object"),
    "null": (b"null", "not-an-object"),
    "a text": (b'"x"', "not-an-object"),
    "a number of 400 digits": (raw("9" * 400), "malformed-json"),
    "a raw control character": (raw('"a\x00b"'), "malformed-json"),
}


UNREADABLE_CODES = [code for _, code in UNREADABLE.values()]


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_is_malformed(drafted: Life, kind: str) -> None:
    body, code = UNREADABLE[kind]
    answer = drafted.officer.send("POST", meeting(drafted), body, JSON)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(f"/{code}")
    assert answer.json()["errors"][0]["pointer"] == ""
    assert answer.json()["errors"][0]["text"]


INVALID: dict[str, tuple[bytes, str]] = {
    "an unknown key": (said(surname="Quillfeather"), "/surname"),
    "a date that doesn't exist": (said(heldOn="2026-02-30"), "/heldOn"),
    "a date in words": (said(heldOn="12 June 2026"), "/heldOn"),
    "the year nought": (said(effectiveOn="0000-01-01"), "/effectiveOn"),
    "the last year of all": (said(heldOn="9999-12-31"), "/heldOn"),
    "no date": (orjson.dumps({"mode": "RECORD"}), ""),
    "another mode": (said(mode="perform"), "/mode"),
    "an array for a text": (said(note=["a"]), "/note"),
    "an object for an array": (said(attended={"a": 1}), "/attended"),
    "null": (said(note=None), "/note"),
    "a number for a text": (raw("1"), "/note"),
    "a text over the limit": (said(note="x" * 100_001), "/note"),
    "a blank text": (said(note=" \t "), "/note"),
    "an escaped NUL": (said(note="a\x00b"), "/note"),
    "a control character": (said(note="a\x1bb"), "/note"),
    "a non-character": (said(note="a\uffffb"), "/note"),
    "a hash that is none": (said(evidence={"sha256": "zz"}), "/evidence/sha256"),
    "evidence with more": (said(evidence={"sha256": "ab" * 32, "file": "x"}), "/evidence/file"),
    "an integer beyond 64 bits": (raw("9" * 25), "/note"),
}


@pytest.mark.parametrize("kind", INVALID)
def test_what_the_schema_does_not_allow_is_refused_at_its_place(drafted: Life, kind: str) -> None:
    body, pointer = INVALID[kind]
    answer = drafted.officer.send("POST", meeting(drafted), body, JSON)
    assert answer.status_code == 422
    places = [item["pointer"] for item in answer.json()["errors"]]
    assert pointer in places
    assert "Quillfeather" not in answer.text


def test_a_hundred_thousand_unknown_keys_get_a_short_answer(drafted: Life) -> None:
    answer = drafted.officer.send("POST", meeting(drafted), orjson.dumps({f"k{n}": 1 for n in range(100_000)}), JSON)
    assert answer.status_code == 422
    assert len(answer.content) < 50_000


IDENTIFIERS = {
    "an NHS number's check digit": ({"identifiers": {"nhsNumber": "9990000051"}}, "/identifiers/nhsNumber"),
    "an NHS number without a check digit": ({"identifiers": {"nhsNumber": "9991234560"}}, "/identifiers/nhsNumber"),
    "a UPN's letter": ({"identifiers": {"upn": "E838100126001"}}, "/identifiers/upn"),
    "a ULN's check digit": ({"identifiers": {"uln": "9276308687"}}, "/identifiers/uln"),
    "a birthday that doesn't exist": ({"dateOfBirth": "2015-02-29"}, "/dateOfBirth"),
    "a birthday of another age": ({"dateOfBirth": "0001-01-01"}, "/dateOfBirth"),
}


@pytest.mark.parametrize("kind", IDENTIFIERS)
@pytest.mark.parametrize("mode", ["PERFORM", "RECORD"])
def test_a_child_with_a_number_nobody_can_have_opens_no_record(drafted: Life, kind: str, mode: str) -> None:
    changed, pointer = IDENTIFIERS[kind]
    asked = {"receivedOn": ON, "source": "1", "child": person(**changed)}
    answer = drafted.officer.open("receive-request", mode=mode, **asked)
    assert answer.status_code == 422
    assert [item["pointer"] for item in answer.json()["errors"]] == [f"/child{pointer}"]


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_a_plan_with_a_number_nobody_can_have_is_not_served(drafted: Life, kind: str) -> None:
    changed, pointer = IDENTIFIERS[kind]
    plan = {**text(drafted.reference), "personalDetails": person(**changed)}
    body = drafted.serving_body(plan=plan)
    answer = drafted.officer.act(drafted.plan_id, "serve-draft", mode="RECORD", **body)
    assert answer.status_code == 422
    assert [item["pointer"] for item in answer.json()["errors"]] == [f"/plan/personalDetails{pointer}"]


PLANS: dict[str, tuple[dict[str, Any], str]] = {
    "a URN of five digits": ({"I": {"placements": {"placement-1": {"order": 1, "urn": "19910"}}}}, "/urn"),
    "a UKPRN that can't be": ({"I": {"placements": {"placement-1": {"order": 1, "ukprn": "99999999"}}}}, "/ukprn"),
    "a fraction": ({"J": {"amountPence": 1.5}}, "/amountPence"),
    "a whole number with a point": ({"J": {"amountPence": 100.0}}, "/amountPence"),
    "an integer beyond 2^53": ({"J": {"amountPence": 2**53}}, "/amountPence"),
    "a null": ({"A": {"history": None}}, "/history"),
    "an area that isn't one": ({"B": {"needs": {"need-1": {"order": 1, "area": "x", "description": "y"}}}}, "/area"),
    "an id with a space": ({"C": {"needs": {"need 2": {"order": 1, "description": "y"}}}}, "/needs"),
    "an unknown section": ({"Z": {}}, "/Z"),
}


@pytest.mark.parametrize("kind", PLANS)
def test_a_text_that_is_no_digital_plan_is_refused_at_its_place(drafted: Life, kind: str) -> None:
    sections, end = PLANS[kind]
    plan = text(drafted.reference)
    plan["sections"].update(sections)
    answer = drafted.officer.act(drafted.plan_id, "serve-draft", mode="RECORD", **drafted.serving_body(plan=plan))
    assert answer.status_code == 422
    places = [item["pointer"] for item in answer.json()["errors"]]
    assert any(place.startswith("/plan/sections") and end in place for place in places), places


def test_a_plan_over_two_mebibytes_is_refused_with_the_figure(drafted: Life) -> None:
    plan = text(drafted.reference)
    plan["unplacedNotes"] = {f"note-{n}": {"order": n, "text": "x" * 99_000, "origin": "Page 1"} for n in range(1, 23)}
    answer = drafted.officer.act(drafted.plan_id, "serve-draft", mode="RECORD", **drafted.serving_body(plan=plan))
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/plan"
    assert "2,097,152" in fault["text"]


def test_a_text_over_100_000_characters_in_a_plan_is_refused_with_the_figure(drafted: Life) -> None:
    plan = text(drafted.reference, A={"history": "x" * 100_001})
    answer = drafted.officer.post(f"{drafted.path}/drafts", {"purpose": "INITIAL", "plan": plan})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/plan/sections/A/history"
    assert "100,000" in fault["text"]


def test_a_body_of_50_megabytes_is_refused_with_the_figure(drafted: Life) -> None:
    answer = drafted.officer.send("POST", meeting(drafted), b"x" * (50 * MEBIBYTE), JSON)
    assert answer.status_code == 413
    assert "3,145,728" in answer.json()["errors"][0]["text"]


def test_a_body_that_hides_its_length_is_refused_as_soon_as_it_is_too_long(drafted: Life) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        for _ in range(50):
            read.append(1)
            yield b"x" * MEBIBYTE

    headers = {**drafted.officer.headers, "Idempotency-Key": str(uuid4()), "Content-Type": JSON}
    answer = drafted.serving.http.post(meeting(drafted), content=endless(), headers=headers)
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "media_type", ["text/plain", "", "application/json; charset=latin-1", "multipart/form-data", "application/xml"]
)
def test_another_content_type_is_turned_away(drafted: Life, media_type: str) -> None:
    assert drafted.officer.send("POST", meeting(drafted), said(), media_type).status_code == 415


def test_an_act_out_of_order_is_refused_with_the_law(drafted: Life) -> None:
    final = drafted.finalising_body(plan=text(drafted.reference, section_i=NAMED))
    breaches = drafted.refused("finalise", SENT, **final)
    assert breaches["draft-not-served"]["law"] == "CFA s.38(1); reg 13(1)"
    assert "setting-not-consulted" in breaches


def test_an_initial_draft_that_names_a_school_is_refused(drafted: Life) -> None:
    body = drafted.serving_body(plan=text(drafted.reference, section_i=NAMED))
    breaches = drafted.refused("serve-draft", SERVED, **body)
    assert any("s.38(5)" in breach["law"] for breach in breaches.values())
    assert any(breach["pointer"].startswith("/plan/sections/I") for breach in breaches.values())


def test_an_act_that_the_catalogue_does_not_have_is_not_found(drafted: Life) -> None:
    for act in ("no-such-act", "receive-request", "..%2fcease", "hold-coproduction-meeting/x"):
        answer = drafted.officer.send("POST", f"{drafted.path}/acts/{act}", said(), JSON)
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml", "%2e%2e/pyproject.toml", "..%2f..%2f..%2f..%2fetc%2fpasswd", "/etc/passwd",
        "%2fetc%2fpasswd", "plan%00", "plan/1.0", "", "plan/1.0/plan.schema.json%00.txt", "%ff%fe", "x" * 5_000,
        "x/" * 3_000,
    ],
)  # fmt: skip
def test_only_the_published_contract_is_served(drafted: Life, path: str) -> None:
    answer = drafted.serving.http.get(f"/schemas/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("plan_id", ["%00", "1", "..", "x" * 3_000, "%F0%9F%8E%93", "g" * 36])
def test_a_plan_id_that_is_none_is_not_found(drafted: Life, plan_id: str) -> None:
    answer = drafted.officer.get(f"/v1/plans/{plan_id}/versions")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_is_no_council_says_which_one_is_responsible(drafted: Life) -> None:
    asked = {"receivedOn": ON, "source": "3", "child": person()}
    for party in (drafted.serving.as_("school", "urn:199101"), drafted.serving.as_("family", "family")):
        answer = party.open("receive-request", mode="RECORD", **asked)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/council"


def test_headers_beyond_ascii_are_turned_away(drafted: Life) -> None:
    for name in ("Idempotency-Key", "If-Match", "Authorization"):
        always = {**drafted.officer.headers, "Idempotency-Key": "key", "Content-Type": JSON}
        headers = {key.encode(): value.encode() for key, value in always.items()}
        headers[name.encode()] = "Schlüssel".encode()
        answer = drafted.serving.http.post(meeting(drafted), content=said(), headers=list(headers.items()))
        assert answer.status_code in {400, 401}


def test_a_correlation_id_that_is_no_plain_token_is_replaced_not_repeated(drafted: Life) -> None:
    headers = {**drafted.officer.headers, "X-Correlation-ID": "Robin Quillfeather; DROP TABLE"}
    answer = drafted.serving.http.get(drafted.path, headers=headers)
    assert answer.status_code == 200
    assert "Quillfeather" not in str(answer.headers)


def test_a_packed_body_is_turned_away_whatever_is_in_it(drafted: Life) -> None:
    for content, packing in ((compress(said()), "gzip"), (said(), "gzip"), (said(), "br, gzip"), (said(), "nonsense")):
        headers = {**drafted.officer.headers, "Idempotency-Key": str(uuid4()), "Content-Type": JSON}
        packed = {**headers, "Content-Encoding": packing}
        answer = drafted.serving.http.post(meeting(drafted), content=content, headers=packed)
        assert answer.status_code == 415
        assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("name", ["Idempotency-Key", "If-Match", "Content-Type", "Authorization"])
def test_a_header_that_steers_is_stated_once(drafted: Life, name: str) -> None:
    stated = {
        **drafted.officer.headers,
        "Idempotency-Key": str(uuid4()),
        "If-Match": '"1"',
        "Content-Type": JSON,
    }
    headers = [*stated.items(), (name, stated[name])]
    answer = drafted.serving.http.post(meeting(drafted), content=said(), headers=headers)
    assert answer.status_code == (401 if name == "Authorization" else 400)


def test_every_problem_that_is_answered_is_described() -> None:
    described = set(re.findall(r"`([a-z0-9-]+)`", (ROOT / "docs" / "problems.md").read_text()))
    source = "".join(file.read_text() for file in (ROOT / "services" / "api").glob("*.py"))
    codes = set(re.findall(r'Problem\(\s*\d{3},\s*"([a-z0-9-]+)"', source)) | set(UNREADABLE_CODES)
    assert len(codes) > 15
    assert codes - described == set()
