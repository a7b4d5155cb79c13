"""Which record a plan belongs to: by reference, verified NHS number or UPN; never by a guess, never against the law."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.identifiers import nhs_check_digit, upn_check_letter
from domain.plan.acts import Actor
from services.bootstrap import open_platform
from services.importing.batches import HANDFUL, TOGETHER
from services.importing.report import ImportReport, ImportSource
from services.settings import Settings
from tests.support.fictional import fictional_plan
from tests.support.serving import Serving, serving

NDJSON = "application/x-ndjson"
OFFICER = Actor(subject="officer", organisation="la:855", role="case-officer")
_numbers = count(20_000)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("platform")) as served:
        yield served


def _plan(*, reference: bool = False, **identifiers: str) -> dict[str, Any]:
    plan = fictional_plan(next(_numbers))
    if not reference:
        del plan["localReference"]
    if identifiers:
        plan["personalDetails"]["identifiers"] = identifiers
    return plan


def _nhs() -> str:
    """An NHS number of the test range that no other test uses."""
    stems = (f"9990{next(_numbers):05d}" for _ in range(99))
    return next(stem + digit for stem in stems if (digit := nhs_check_digit(stem)))


def _upn() -> str:
    digits = f"8002998{next(_numbers):05d}"
    return upn_check_letter(digits) + digits


def _take_in(platform: Serving, *plans: dict[str, Any], council: str = "855") -> dict[str, Any]:
    content = b"\n".join(orjson.dumps(plan) for plan in plans)
    answer = platform.officer(council).send("POST", f"/v1/imports?council={council}", content, NDJSON)
    told = answer.json()
    report: dict[str, Any] = told if answer.status_code == 200 else told["report"]
    assert (answer.status_code == 422) == (report["rejected"] > 0 and not report["plans"]), answer.text
    return report


def _changed(plan: dict[str, Any], **moved: Any) -> dict[str, Any]:
    other = copy.deepcopy(plan)
    other["sections"]["A"]["history"] = "Something else is known now."
    return {**other, **moved}


@pytest.mark.parametrize("by", ["reference", "upn", "verified NHS number"])
def test_the_same_child_is_the_same_record(platform: Serving, by: str) -> None:
    plan = {
        "reference": lambda: _plan(reference=True),
        "upn": lambda: _plan(upn=_upn()),
        "verified NHS number": lambda: _plan(nhsNumber=_nhs(), nhsNumberStatus="01"),
    }[by]()
    first = _take_in(platform, plan)
    again = _take_in(platform, _changed(plan))
    assert again["planIds"] == first["planIds"]
    assert (again["plans"], again["created"], again["updated"], again["rejected"]) == (1, 0, 1, 0)


def test_an_unverified_nhs_number_that_is_on_record_is_turned_away(platform: Serving) -> None:
    number = _nhs()
    _take_in(platform, _plan(nhsNumber=number))
    report = _take_in(platform, _plan(nhsNumber=number))
    assert [(each["rule"], each["line"]) for each in report["rejects"]] == [("match", 1)]
    assert number not in report["rejects"][0]["reason"]


def test_twins_are_two_records_whatever_they_share(platform: Serving) -> None:
    one, other = _plan(upn=_upn()), _plan(upn=_upn())
    other["personalDetails"] = {**one["personalDetails"], "identifiers": other["personalDetails"]["identifiers"]}
    assert len(set(_take_in(platform, one, other)["planIds"])) == 2


def test_a_plan_that_could_be_two_records_is_turned_away_and_changes_neither(platform: Serving) -> None:
    number, upn = _nhs(), _upn()
    _take_in(platform, _plan(nhsNumber=number, nhsNumberStatus="01"), _plan(upn=upn))
    before = platform.platform.store.head()
    report = _take_in(platform, _plan(nhsNumber=number, nhsNumberStatus="01", upn=upn))
    assert (report["plans"], report["rejects"][0]["rule"]) == (0, "match")
    assert platform.platform.store.head() == before


def test_a_child_of_another_council_comes_by_transfer(platform: Serving) -> None:
    upn = _upn()
    _take_in(platform, _plan(upn=upn))
    report = _take_in(platform, _plan(upn=upn), council="936")
    assert (report["plans"], report["rejected"]) == (0, 1)
    assert "reg 15" in report["rejects"][0]["reason"]


def test_a_reference_is_the_councils_own(platform: Serving) -> None:
    plan = _plan(reference=True)
    first, other = _take_in(platform, plan), _take_in(platform, plan, council="936")
    assert other["created"] == 1
    assert other["planIds"] != first["planIds"]


def test_the_same_place_in_the_same_file_is_the_same_plan(platform: Serving) -> None:
    plan = _plan()
    first, again = _take_in(platform, plan), _take_in(platform, plan)
    assert (again["planIds"], again["created"], again["updated"]) == (first["planIds"], 0, 0)


def test_importing_again_opens_one_draft_amendment_and_leaves_the_law_alone(platform: Serving) -> None:
    plan = _plan(reference=True)
    (plan_id,) = _take_in(platform, plan)["planIds"]
    officer = platform.officer()
    law = officer.get(f"/v1/plans/{plan_id}").json()
    changed = _changed(plan)
    assert [_take_in(platform, changed)["updated"] for _ in range(2)] == [1, 0]
    after = officer.get(f"/v1/plans/{plan_id}").json()
    assert (after["plan"], after["version"]) == (law["plan"], law["version"])
    opened, repeated = officer.get(f"/v1/plans/{plan_id}/history").json()["events"]
    content = orjson.dumps(changed)
    assert repeated["type"] == "ehcp.plan.import-repeated.v1"
    assert repeated["data"]["sourceFile"] == {"sha256": hashlib.sha256(content).hexdigest(), "line": 1}
    assert repeated["data"]["importedBy"] == opened["data"]["importedBy"] == "case-officer-of-la:855"
    assert opened["data"]["sourceFile"]["sha256"] == hashlib.sha256(orjson.dumps(plan)).hexdigest()


@pytest.mark.parametrize(
    ("section", "broken", "place"),
    [
        ("B", {"needs": {"need-1": "words"}}, "/sections/B/needs/need-1"),
        ("F", {"provisions": []}, "/sections/F/provisions"),
        ("I", "nowhere", "/sections/I"),
    ],
)
def test_importing_again_what_is_no_plan_is_turned_away_with_its_place(
    platform: Serving, section: str, broken: object, place: str
) -> None:
    plan = _plan(reference=True)
    (plan_id,) = _take_in(platform, plan)["planIds"]
    other = copy.deepcopy(plan)
    other["sections"][section] = broken
    report = _take_in(platform, other)
    assert (report["plans"], report["updated"], report["rejects"][0]["pointer"]) == (0, 0, place)
    assert len(platform.officer().get(f"/v1/plans/{plan_id}/history").json()["events"]) == 1


def test_a_fault_in_what_is_asserted_is_told_by_the_name_of_its_field(platform: Serving) -> None:
    report = _take_in(platform, {"plan": _plan(), "asserted": {"planMadeOn": "2026-02-30"}})
    assert [reject["pointer"] for reject in report["rejects"]] == ["/planMadeOn"]


def test_one_plan_of_an_array_that_cannot_be_read_does_not_turn_away_the_others(platform: Serving) -> None:
    good = orjson.dumps(_plan(reference=True))
    content = b"[" + good + b',{"planType":"EHCP","planType":"EHCP"},' + orjson.dumps(_plan(reference=True)) + b"]"
    answer = platform.officer().send("POST", "/v1/imports?council=855", content, "application/json").json()
    assert (answer["plans"], answer["rejected"]) == (2, 1)
    assert [(each["line"], each["rule"]) for each in answer["rejects"]] == [(2, "repeated-name")]


def test_a_byte_order_mark_is_no_fault(platform: Serving) -> None:
    content = b"\xef\xbb\xbf" + orjson.dumps(_plan(reference=True)) + b"\r\n"
    for media_type in (NDJSON, "application/json"):
        answer = platform.officer().send("POST", "/v1/imports?council=855", content, media_type)
        assert (answer.json()["plans"], answer.json()["rejected"]) == (1, 0)


@pytest.mark.parametrize("place", [1, HANDFUL, TOGETHER - 1, TOGETHER, TOGETHER + HANDFUL])
def test_a_plan_waits_for_its_like_that_is_not_on_record_yet(platform: Serving, place: int) -> None:
    plans = [_plan(upn=_upn()) for _ in range(TOGETHER + HANDFUL + 3)]
    again = _changed(plans[0])
    report = _take_in(platform, *plans[:place], again, *plans[place:])
    assert (report["plans"], report["created"], report["updated"]) == (len(plans) + 1, len(plans), 1)
    assert report["planIds"][place] == report["planIds"][0]


@pytest.mark.parametrize("media_type", [NDJSON, "application/json"])
def test_a_record_that_another_import_opens_meanwhile_is_the_plans(tmp_path: Path, media_type: str) -> None:
    opened = open_platform(Settings(database_url=f"sqlite:///{tmp_path}/record/record.sqlite"))
    plan = _plan(reference=True)
    contents = [b"\n" * 3 + orjson.dumps(each) for each in (plan, _changed(plan), plan)]
    source = ImportSource(name="file", media_type=media_type, council="855")

    async def both_before_either_is_written() -> list[ImportReport]:
        written = threading.Event()
        opened.store.writer.perform(written.wait)
        imports = [asyncio.create_task(opened.importer.take_in(content, source, OFFICER)) for content in contents]
        await asyncio.sleep(0.1)
        written.set()
        return await asyncio.gather(*imports)

    first, other, same = asyncio.run(both_before_either_is_written())
    opened.close()
    assert first.plan_ids == other.plan_ids == same.plan_ids
    assert [report.created for report in (first, other, same)] == [1, 0, 0]
    assert [report.updated for report in (first, other, same)] == [0, 1, 0]


def test_what_is_turned_away_stops_nothing_behind_it(platform: Serving) -> None:
    bad = {**_plan(), "surprise": 1}
    plans = [bad if number % 3 == 1 else _plan() for number in range(2 * TOGETHER)]
    report = _take_in(platform, *plans)
    assert [reject["line"] for reject in report["rejects"]] == list(range(2, 2 * TOGETHER + 1, 3))
    assert report["created"] == 2 * TOGETHER - report["rejected"] == len(set(report["planIds"]))
