"""Code sets: what a code means, when it holds, and that the published sets are whole."""

import json
from datetime import date

import pytest

from domain.codesets import parse_code_set
from services.reference_data import load_reference_data

DATA = load_reference_data()


def published(*codes: dict[str, object], **changes: object) -> bytes:
    head = {
        "id": "shapes",
        "title": "Shapes",
        "source": "a book",
        "sourceDate": "2026-01-01",
        "licence": "own",
    }
    return json.dumps(head | {"codes": list(codes)} | changes).encode()


def test_a_code_holds_from_its_first_to_its_last_day() -> None:
    shapes = parse_code_set(
        published({"code": "R", "title": "Round", "validFrom": "2025-01-01", "validTo": "2025-12-31"})
    )
    assert [shapes.holds("R", day) for day in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31))] == [
        False,
        True,
        True,
    ]
    assert not shapes.holds("R", date(2026, 1, 1))
    assert not shapes.holds("S", date(2025, 6, 1))
    assert "R" in shapes
    assert "S" not in shapes


def test_what_a_code_says_besides_is_kept() -> None:
    code = parse_code_set(published({"code": "R", "title": "Round", "sides": 0, "law": "s.1"})).get("R")
    assert (code.number("sides"), code.number("corners")) == (0, None)
    assert (code.text("law"), code.text("colour")) == ("s.1", "")


def test_an_unknown_code_is_not_repeated_in_the_error() -> None:
    with pytest.raises(KeyError, match="no such code in shapes") as caught:
        parse_code_set(published()).get("Avery Fictional")
    assert "Avery" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (published({"code": "R", "title": "Round"}, {"code": "R", "title": "Rounder"}), "twice"),
        (published({"code": "R", "title": "Round", "successors": ["S"]}), "not in the set: S"),
        (published({"title": "Round"}), "str"),
        (published({"code": "R"}), "str"),
        (published({"code": "R", "title": "Round", "validTo": "31/12/2025"}), "date"),
        (published(colour="red"), "colour"),
        (b"{", "truncated"),
    ],
)
def test_a_set_that_is_not_of_the_published_form_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_code_set(document)


@pytest.mark.parametrize("set_id", sorted(DATA.code_sets))
def test_every_published_set_has_a_source_and_a_title_for_every_code(set_id: str) -> None:
    codes = DATA.code_set(set_id)
    assert all((codes.title, codes.source, codes.licence, date.fromisoformat(codes.source_date)))
    assert list(codes)
    assert all(code.title == code.title.strip() != "" for code in codes)


def test_every_type_of_need_lies_in_an_area_or_in_none() -> None:
    areas = {code.code for code in DATA.code_set("areas-of-need")}
    types = {code.code: code.text("area") for code in DATA.code_set("sen-types")}
    assert set(types.values()) == areas | {""}
    assert {code for code, area in types.items() if not area} == {"OTH", "NSA"}


def test_down_syndrome_is_a_type_of_need_since_2025_and_besd_no_longer_since_2014() -> None:
    types = DATA.code_set("sen-types")
    assert not types.holds("DS", date(2024, 12, 31))
    assert types.holds("DS", date(2025, 1, 1))
    assert types.holds("BESD", date(2014, 8, 31))
    assert not types.holds("BESD", date(2014, 9, 1))


def test_there_are_153_councils_today() -> None:
    councils = DATA.code_set("local-authorities").holding_on(date(2026, 11, 1))
    assert len(councils) == 153
    assert len({council.text("gss") for council in councils}) == 153


def test_a_council_follows_its_predecessor_on_the_next_day() -> None:
    councils = DATA.code_set("local-authorities")
    for council in councils:
        for successor in map(councils.get, council.successors):
            assert council.valid_to is not None
            assert successor.valid_from is not None
            assert (successor.valid_from - council.valid_to).days == 1


def test_every_gateway_says_what_the_family_sees() -> None:
    views = {gateway.code: gateway.text("familyView") for gateway in DATA.code_set("gateways")}
    assert set(views.values()) == {"shown", "afterReview", "never"}
    never = {code for code, view in views.items() if view == "never"}
    assert never == {"R17_COURT", "R17_CHILDREN_ACT", "R17_YOT", "CA04_16LA_SAFEGUARDING"}
    assert all(gateway.text("law") for gateway in DATA.code_set("gateways"))


def test_every_extended_ethnicity_is_grouped_under_a_main_one() -> None:
    ethnicity = DATA.code_set("ethnicity")
    main = {code.code for code in ethnicity if code.text("level") == "main"}
    extended = [code for code in ethnicity if code.text("level") == "extended"]
    assert len(main) == 20
    assert extended
    assert all(code.text("main") in main for code in extended)


def test_an_appeal_about_section_i_alone_needs_no_mediation_certificate() -> None:
    needed = {d.code: d.text("mediationCertificate") for d in DATA.code_set("appealable-decisions")}
    assert {code for code, answer in needed.items() if answer == "notNeeded"} == {"c-iii", "c-iv"}


def test_reasons_for_a_missing_upn_of_other_returns_are_not_in_sen2() -> None:
    reasons = DATA.code_set("upn-unknown")
    assert [code.code for code in reasons] == ["UN1", "UN2", "UN3", "UN5", "UN8", "UN9", "UN10"]


def test_advice_is_in_the_eight_categories_of_regulation_6() -> None:
    assert [code.code for code in DATA.code_set("reg6-advice")] == list("abcdefgh")
