"""Extracts as published: what is taken, what is turned away and why, and that repeating records nothing."""

from datetime import date

import pytest

from domain.directory.organisation import organisation_id
from services.directory import gias, ods, others
from services.directory.importing import DirectoryImporter, ImportOutcome
from services.directory.tables import TableUnreadable
from services.reference_data import load_reference_data
from services.store.errors import SequenceConflict
from tests.services.directory.conftest import AS_OF, FIXTURES, Kept

TODAY = date(2026, 11, 2)
GIAS = "edubasealldata20261001.csv"
MONTH_LATER = date(2026, 11, 1)


def reasons(outcome: ImportOutcome) -> list[tuple[int, str, str]]:
    return [(reject.line, reject.column, reject.rule) for reject in outcome.rejected]


def test_establishments_are_taken_with_their_numbers_types_trusts_and_approval(kept: Kept) -> None:
    outcome = kept.file(GIAS, gias.establishments)
    assert (outcome.registered, outcome.skipped, outcome.events) == (7, 1, 7)
    school = kept.directory.find("laestab:8557001", TODAY)
    assert school is not None
    assert school.value("name", TODAY) == "St Zoë’s School – for deaf pupils"
    assert school.is_section_41_approved(TODAY)
    assert not school.is_section_41_approved(date(2026, 9, 30))
    assert school.identifiers(TODAY) == {"urn:199603", "ukprn:10099603", "laestab:8557001"}
    academy = kept.directory.find("urn:199602", TODAY)
    assert academy is not None
    assert (academy.value("type", TODAY), academy.value("trust", TODAY)) == ("34", "9901")
    trust = kept.directory.find("uid:9901", TODAY)
    assert trust is not None
    assert (trust.kind, trust.value("name", TODAY)) == ("trust", "Brindle Learning Trust")
    abroad = kept.directory.find("urn:199605", TODAY)
    assert abroad is not None
    assert (abroad.value("council", TODAY), abroad.identifiers(TODAY)) == ("", {"urn:199605"})


def test_rows_that_cannot_be_right_are_turned_away_one_by_one(kept: Kept) -> None:
    assert reasons(kept.file(GIAS, gias.establishments)) == [
        (9, "CloseDate", "row-unreadable"),
        (10, "URN", "urn-format"),
        (11, "EstablishmentName", "row-unreadable"),
        (12, "OpenDate", "row-unreadable"),
    ]


def test_links_make_successors_from_either_side_and_nothing_of_other_kinds(kept: Kept) -> None:
    kept.file(GIAS, gias.establishments)
    outcome = kept.file("links_edubasealldata20261001.csv", gias.links)
    assert (outcome.changed, outcome.unchanged, outcome.skipped) == (1, 1, 1)
    assert reasons(outcome) == [(5, "", "not-in-directory")]
    assert kept.directory.same_organisation("urn:199601", "urn:199602", TODAY)


def test_health_bodies_and_their_successions_are_taken(kept: Kept) -> None:
    outcome = kept.file("eccg.csv", ods.bodies)
    assert (outcome.registered, reasons(outcome)) == (3, [(4, "Organisation Code", "ods-code-format")])
    outcome = kept.file("succ.csv", ods.successions)
    assert (outcome.changed, [rule for _, _, rule in reasons(outcome)]) == (2, ["not-in-directory", "row-unreadable"])
    assert kept.directory.same_organisation("ods:Q98", "ods:QN1", TODAY)
    kept.file("epraccur.csv", ods.bodies)
    surgery = kept.directory.find("ods:Y99001", TODAY)
    assert surgery is not None
    assert (surgery.value("parent", TODAY), surgery.value("telephone", TODAY)) == ("Q99", "01632 960002")


def test_an_export_that_names_its_columns_is_read_by_them(embedded: Kept) -> None:
    content = "Name,Code,Legal Start Date,Legal End Date\nNHS WESTSHIRE,QW1,2022-07-01,2026-03-31\n"
    assert embedded.take(ods.bodies(content.encode("utf-8-sig"), AS_OF)).registered == 1
    found = embedded.directory.find("ods:QW1", TODAY)
    assert found is not None
    assert (found.opened, found.closed) == (date(2022, 7, 1), date(2026, 3, 31))
    named = "Organisation Code,Succeeding Organisation Code,Reason Code,Effective Date\nQW1,QN1,2,01/04/2026\n"
    embedded.file("eccg.csv", ods.bodies)
    assert embedded.take(ods.successions(named.encode(), AS_OF)).changed == 1


def test_councils_past_and_present_come_from_the_code_set(kept: Kept) -> None:
    authorities = load_reference_data().code_set("local-authorities")
    outcome = kept.take(others.councils(authorities))
    assert (outcome.registered, outcome.rejected) == (len(authorities.codes), ())
    assert kept.take(others.councils(authorities)).events == 0
    assert {one.value("la", TODAY) for one in kept.directory.answering("la:928", TODAY)} == {"940", "941"}
    assert [one.value("la", TODAY) for one in kept.directory.answering("la:928", date(2021, 3, 31))] == ["928"]
    assert kept.directory.find("la:942", date(2023, 3, 31)) is None
    assert kept.directory.same_organisation("la:837", "la:839", TODAY)


def test_regulators_and_witnesses_come_from_a_list(kept: Kept) -> None:
    rows = "kind,identifier,name,opened,website\nregulator,org:inspectors,Fictional Inspectors,2001-04-01,https://i.example\n"
    rows += (
        "witness,org:a-witness,Witness,,\nschool,org:xx,X,,\nwitness,nothing,X,,\nwitness,org:bb,,,\nwitness,org:cc\n"
    )
    outcome = kept.take(others.listed(rows.encode(), AS_OF))
    assert outcome.registered == 2
    assert reasons(outcome) == [
        (4, "kind", "row-unreadable"),
        (5, "identifier", "scheme-unknown"),
        (6, "name", "row-unreadable"),
        (7, "", "row-unreadable"),
    ]
    found = kept.directory.find("org:inspectors", TODAY)
    assert found is not None
    assert (found.kind, found.value("website", TODAY)) == ("regulator", "https://i.example")


def test_repeating_a_file_records_nothing_and_a_later_one_only_what_differs(kept: Kept) -> None:
    kept.everything()
    position = kept.store.directory.head()
    kept.everything()
    assert kept.store.directory.head() == position
    later = (FIXTURES / GIAS).read_bytes().replace(b"Brindle Wood Academy", b"Brindle Wood High School")
    later = later.replace(b"Approved", b"Not approved")
    outcome = kept.take(gias.establishments(later, MONTH_LATER))
    assert (outcome.changed, outcome.events, outcome.unchanged) == (2, 2, 5)
    academy, deaf = (kept.directory.find(urn, MONTH_LATER) for urn in ("urn:199602", "urn:199603"))
    assert academy is not None
    assert deaf is not None
    assert academy.value("name", date(2026, 10, 31)) == "Brindle Wood Academy"
    assert academy.value("name", MONTH_LATER) == "Brindle Wood High School"
    assert [deaf.is_section_41_approved(day) for day in (date(2026, 10, 31), MONTH_LATER)] == [True, False]
    older = kept.file(GIAS, gias.establishments)
    assert [rule for *_, rule in reasons(older)].count("older-than-record") == 2
    assert kept.store.directory.head() == position + 2


def test_an_import_that_another_one_overtakes_decides_anew(kept: Kept) -> None:
    rival, overtaken = kept.opened(), []
    real = kept.directory.record

    def overtake(*entries: object, **more: object) -> int:
        if not overtaken:
            overtaken.append(True)
            DirectoryImporter(rival, "rival").take(gias.establishments((FIXTURES / GIAS).read_bytes(), AS_OF))
        return real(*entries, **more)  # type: ignore[arg-type]

    kept.directory.record = overtake  # type: ignore[method-assign]
    outcome = kept.file(GIAS, gias.establishments)
    assert (outcome.registered, outcome.unchanged) == (0, 7)
    assert kept.store.directory.head() == 7


def test_an_import_that_is_overtaken_for_ever_says_so(embedded: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise SequenceConflict(organisation_id("urn:199601"), 1, 2)

    monkeypatch.setattr(embedded.directory, "record", refuse)
    with pytest.raises(SequenceConflict):
        embedded.file(GIAS, gias.establishments)


def test_an_organisation_does_not_become_one_of_another_kind(embedded: Kept) -> None:
    embedded.file(GIAS, gias.establishments)
    rows = b"kind,identifier,name\nregulator,urn:199602,Brindle\n"
    assert reasons(embedded.take(others.listed(rows, AS_OF))) == [(2, "", "another-kind")]


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (gias.establishments, b"URN,Name\n1,2\n"),
        (gias.links, b""),
        (gias.establishments, b"\xef\xbb\xbf\x81\x8d"),
        (ods.bodies, b"\x81"),
        (others.listed, b"name\n"),
    ],
)
def test_a_file_that_is_another_table_is_refused_as_a_whole(read: object, content: bytes) -> None:
    with pytest.raises(TableUnreadable):
        list(read(content, AS_OF))  # type: ignore[operator]


def test_progress_is_told_by_the_line(embedded: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.directory.importing.ROWS_PER_COMMIT", 5)
    reached: list[int] = []
    statements = gias.establishments((FIXTURES / GIAS).read_bytes(), AS_OF)
    DirectoryImporter(embedded.directory, "a").take(statements, reached.append)
    assert reached == sorted(reached)
    assert reached[-1] == 12
    assert len(reached) == 3
