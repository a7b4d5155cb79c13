"""Files that are no plans, hide something or attack: each is turned away with its reason, and nothing is stored."""

import io
import zipfile
from typing import Any

import orjson
import pytest

from tests.support.fictional import fictional_plan
from tests.support.serving import Serving

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON, NDJSON = "application/json", "application/x-ndjson"
IMPORTS = "/v1/imports?council=855"


def take_in(platform: Serving, content: bytes, media_type: str, *, stored: bool = False) -> dict[str, Any]:
    before = platform.platform.store.head()
    answer = platform.officer().send("POST", IMPORTS, content, media_type)
    assert answer.status_code == 200, answer.text
    assert stored or platform.platform.store.head() == before
    report: dict[str, Any] = answer.json()
    return report


def turned_away(platform: Serving, content: bytes, media_type: str) -> dict[str, Any]:
    before = platform.platform.store.head(), platform.platform.store.head("draft")
    answer = platform.officer().send("POST", IMPORTS, content, media_type)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (platform.platform.store.head(), platform.platform.store.head("draft")) == before
    problem: dict[str, Any] = answer.json()
    return problem


def package(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/"), content)
    return held.getvalue()


TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/word/document.xml" ContentType="%s"/></Types>'
)
MACRO = TYPES % b"application/vnd.ms-word.document.macroEnabled.main+xml"
PLAIN = TYPES % b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 and then nothing",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old binary Word file",
        package(word__document_xml=b"<w/>"),
        package(**{"[Content_Types].xml": MACRO, "word__document.xml": b"<w/>", "word__vbaProject.bin": b"x"}),
        package(**{"[Content_Types].xml": PLAIN, "word__document.xml": b"\x00" * (120 * 1024 * 1024)}),
        package(
            **{
                "[Content_Types].xml": PLAIN,
                "word__document.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
            }
        ),
    ],
    ids=["empty", "cut off", "binary Word", "no Word file", "macros", "zip bomb", "entities"],
)
def test_a_word_file_that_is_none_or_attacks_is_turned_away(platform: Serving, content: bytes) -> None:
    problem = turned_away(platform, content, DOCX)
    (fault,) = problem["errors"]
    assert (fault["pointer"], fault["text"]) == ("", problem["detail"])
    assert fault["rule"] == problem["report"]["rejects"][0]["rule"]
    assert (problem["report"]["plans"], problem["report"]["rejected"]) == (0, 1)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "malformed-json"),
        (b"\xff", "malformed-utf-8"),
        (b"[" * 100_000, "malformed-json"),
        (b"[" * 60 + b"]" * 60, "too-deep"),
        (b'{"planType":"EHCP","planType":"ISP"}', "repeated-name"),
        (b"[1]", "not-an-object"),
        (b'{"plan":{},"asserted":{},"also":1}', "unknown-key"),
    ],
)
def test_a_json_file_that_is_none_is_turned_away(platform: Serving, content: bytes, rule: str) -> None:
    problem = turned_away(platform, content, JSON)
    assert [fault["rule"] for fault in problem["errors"]] == [rule]


def test_a_file_of_which_nothing_can_be_taken_in_is_refused_and_every_line_reported(platform: Serving) -> None:
    problem = turned_away(platform, b"{\n" * 150, NDJSON)
    assert problem["report"]["rejected"] == len(problem["report"]["rejects"]) == 150
    assert len(problem["errors"]) == 100
    assert problem["errors"][99]["text"].startswith("Line 100: ")


def test_a_bad_line_is_rejected_with_its_number_and_place_and_the_others_come_in(platform: Serving) -> None:
    good, wrong = fictional_plan(9_001), fictional_plan(9_002)
    wrong["personalDetails"]["identifiers"] = {"nhsNumber": "9990000051"}
    unnamed = fictional_plan(9_003)
    del unnamed["personalDetails"]["name"]
    lines = [orjson.dumps(good), b"{", b"", orjson.dumps(wrong), orjson.dumps(unnamed)]
    report = take_in(platform, b"\n".join(lines), NDJSON, stored=True)
    assert (report["plans"], report["created"], report["rejected"]) == (1, 1, 3)
    told = {reject["line"]: reject["pointer"] for reject in report["rejects"]}
    assert told == {2: "", 4: "/personalDetails/identifiers/nhsNumber", 5: "/personalDetails"}
    assert "9990000051" not in orjson.dumps(report["rejects"]).decode()


def test_a_file_over_the_limit_is_refused_with_the_figure(platform: Serving) -> None:
    answer = platform.officer().send("POST", IMPORTS, b"x" * (20 * 1024 * 1024 + 1), NDJSON)
    assert answer.status_code == 413
    assert "20,971,520" in answer.json()["errors"][0]["text"]


def test_a_council_is_imported_into_by_its_own_officers_only(platform: Serving) -> None:
    line = orjson.dumps(fictional_plan(9_010))
    before = platform.platform.store.head()
    for other in (platform.officer("936"), platform.as_("auditor", "audit"), platform.as_("school", "urn:199101")):
        assert other.send("POST", IMPORTS, line, NDJSON).status_code == 403
    assert platform.platform.store.head() == before


def test_an_import_without_a_council_or_of_another_type_is_refused(platform: Serving) -> None:
    officer = platform.officer()
    assert officer.send("POST", "/v1/imports", b"{}", JSON).status_code == 422
    assert officer.send("POST", "/v1/imports?council=85", b"{}", JSON).status_code == 422
    assert officer.send("POST", IMPORTS, b"{}", "text/csv").status_code == 415
