"""Who an identifier names on a day, who answers for whom, and which identifiers are one organisation."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directory.decide import OlderStatement
from domain.directory.events import (
    EVENTS,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationReopened,
)
from domain.directory.organisation import organisation_id as of
from tests.domain.directory.organisations import Book


@pytest.fixture
def book() -> Book:
    return Book()


def convert(book: Book) -> None:
    """A community school that became an academy on 1 September 2021 and kept its LAESTAB."""
    book.state("urn:100001", also=["laestab:8551234", "ukprn:10000001"], closed="2021-08-31", type="01")
    book.state("urn:148000", also=["laestab:8551234", "ukprn:10000002"], opened="2021-09-01", type="34")
    book.succeed("urn:100001", "urn:148000", "2021-09-01", "conversion")


def test_a_urn_names_the_school_of_its_time_and_its_successor_answers(book: Book) -> None:
    convert(book)
    assert book.who("urn:100001", "2021-05-01") == of("urn:100001")
    assert book.answering("urn:100001", "2021-05-01") == {of("urn:100001")}
    assert book.answering("urn:100001", "2021-08-31") == {of("urn:100001")}
    assert book.answering("urn:100001", "2021-09-01") == {of("urn:148000")}
    assert book.who("urn:100001", "2026-11-02") == of("urn:100001")
    assert book.who("urn:148000", "2021-05-01") is None


def test_a_laestab_passes_from_the_school_to_the_academy(book: Book) -> None:
    convert(book)
    assert book.who("laestab:8551234", "2021-08-31") == of("urn:100001")
    assert book.who("laestab:8551234", "2021-09-01") == of("urn:148000")


def test_access_follows_an_academy_conversion(book: Book) -> None:
    convert(book)
    assert book.same("urn:100001", "urn:148000")
    assert book.same("urn:100001", "ukprn:10000002")
    assert not book.same("urn:100001", "urn:148000", "2021-05-01")
    assert book.register.known_as("urn:148000", date(2026, 11, 2)) == {
        "urn:100001", "urn:148000", "ukprn:10000001", "ukprn:10000002", "laestab:8551234"
    }  # fmt: skip


def test_access_follows_the_merger_of_health_bodies_on_the_day_itself(book: Book) -> None:
    for code in ("ods:Q98", "ods:Q99"):
        book.state(code, kind="health", closed="2026-03-31")
        book.state("ods:QN1", kind="health", opened="2026-04-01")
        book.succeed(code, "ods:QN1", "2026-04-01")
    assert book.answering("ods:Q99", "2026-03-31") == {of("ods:Q99")}
    assert book.answering("ods:Q99", "2026-04-01") == {of("ods:QN1")}
    assert book.same("ods:Q99", "ods:QN1")
    assert book.same("ods:Q98", "ods:Q99")
    assert not book.same("ods:Q98", "ods:Q99", "2026-03-31")


def test_an_abolished_council_is_none_of_its_successors(book: Book) -> None:
    book.state("la:909", kind="council", closed="2023-03-31")
    for code in ("la:942", "la:943"):
        book.state(code, kind="council", opened="2023-04-01")
        book.succeed("la:909", code, "2023-04-01", "reorganisation")
    assert book.who("la:909", "2022-06-01") == of("la:909")
    assert book.answering("la:909", "2024-01-01") == {of("la:942"), of("la:943")}
    assert not book.same("la:909", "la:942")
    assert not book.same("la:942", "la:943")
    assert book.same("la:909", "la:909")
    assert book.register.known_as("la:942", date(2024, 1, 1)) == {"la:942"}


def test_a_chain_of_successors_is_followed_to_its_end(book: Book) -> None:
    book.state("urn:100001", closed="2012-08-31")
    book.state("urn:100002", opened="2012-09-01", closed="2019-08-31")
    book.state("urn:100003", opened="2019-09-01")
    book.succeed("urn:100001", "urn:100002")
    book.succeed("urn:100002", "urn:100003")
    assert book.same("urn:100001", "urn:100003")
    assert book.same("urn:100001", "urn:100002", "2015-01-01")
    assert [one.id for one in book.register.chain(book["urn:100001"])] == [of("urn:100002"), of("urn:100003")]
    assert [one.id for one in book.register.predecessors(book["urn:100003"])] == [of("urn:100002"), of("urn:100001")]


def test_who_is_open_answers_for_itself_even_when_another_has_taken_work_over(book: Book) -> None:
    book.state("urn:100001")
    book.state("urn:100002")
    book.succeed("urn:100001", "urn:100002", "2020-01-01", "split school")
    assert book.answering("urn:100001", "2026-01-01") == {of("urn:100001")}
    assert not book.same("urn:100001", "urn:100002")


def test_successions_in_a_circle_end(book: Book) -> None:
    for one, other in (("urn:100001", "urn:100002"), ("urn:100002", "urn:100001")):
        book.state(one, closed="2020-01-01")
        book.state(other, closed="2020-01-01")
        book.succeed(one, other)
    assert book.answering("urn:100001", "2026-01-01") == set()
    assert not book.same("urn:100001", "urn:100002")
    assert [one.id for one in book.register.chain(book["urn:100001"])] == [of("urn:100002")]


def test_a_school_that_closed_for_good_is_still_itself_by_all_its_numbers(book: Book) -> None:
    book.state("urn:100001", also=["ukprn:10000001"], closed="2020-08-31")
    assert book.same("urn:100001", "ukprn:10000001")
    assert book.answering("urn:100001", "2026-01-01") == set()


def test_a_number_that_changed_still_leads_to_its_organisation(book: Book) -> None:
    book.state("urn:100001", also=["ukprn:10000001"], as_of="2024-01-01")
    book.state("urn:100001", also=["ukprn:10000009"], as_of="2025-01-01")
    assert book.who("ukprn:10000001", "2024-06-01") == of("urn:100001")
    assert book.who("ukprn:10000001", "2025-06-01") is None
    assert book.same("ukprn:10000001", "ukprn:10000009", "2025-06-01")


def test_a_number_that_two_open_organisations_claim_stands_for_neither(book: Book) -> None:
    book.state("urn:100001", also=["ukprn:10000001"])
    book.state("urn:100002", also=["ukprn:10000001"])
    assert book.who("ukprn:10000001", "2026-01-01") is None
    assert not book.same("ukprn:10000001", "urn:100001")


def test_what_the_directory_does_not_know_is_equal_to_itself_alone(book: Book) -> None:
    assert book.same("ods:XXX", "ods:XXX")
    assert not book.same("ods:XXX", "ods:XXY")
    assert book.register.known_as("ods:XXX", date(2026, 1, 1)) == {"ods:XXX"}


def test_section_41_approval_holds_from_the_day_it_was_seen_to_the_day_before_it_was_gone(book: Book) -> None:
    book.state("urn:100001", as_of="2024-09-01", section41="approved", type="10")
    book.state("urn:100001", as_of="2026-02-01", type="10")
    school = book["urn:100001"]
    days = [date(2024, 8, 31), date(2024, 9, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [school.is_section_41_approved(day) for day in days] == [False, True, True, False]


def test_a_name_keeps_its_days(book: Book) -> None:
    book.state("urn:100001", as_of="2024-01-01", name="Brindle Wood School")
    (changed,) = book.state("urn:100001", as_of="2025-09-01", name="Brindle Wood Academy")
    assert isinstance(changed, OrganisationChanged)
    assert book["urn:100001"].value("name", date(2025, 8, 31)) == "Brindle Wood School"
    assert book["urn:100001"].value("name", date(2025, 9, 1)) == "Brindle Wood Academy"


def test_a_value_that_is_corrected_on_its_first_day_never_held(book: Book) -> None:
    for name in ("Right", "Wrong", "Right again"):
        book.state("urn:100001", as_of="2024-01-01" if name == "Right" else "2025-01-01", name=name)
    held = [fact.value for fact in book["urn:100001"].facts if fact.attribute == "name"]
    assert held == ["Right", "Right again"]


def test_the_same_statement_again_changes_nothing(book: Book) -> None:
    convert(book)
    assert book.state("urn:100001", also=["laestab:8551234", "ukprn:10000001"], closed="2021-08-31", type="01") == []
    assert book.succeed("urn:100001", "urn:148000", "2021-09-01", "conversion") == []


def test_an_older_extract_undoes_nothing(book: Book) -> None:
    book.state("urn:100001", as_of="2024-01-01")
    (closed,) = book.state("urn:100001", as_of="2025-01-01", closed="2024-12-31")
    assert isinstance(closed, OrganisationClosed)
    with pytest.raises(OlderStatement):
        book.state("urn:100001", as_of="2024-06-01")
    assert book.state("urn:100001", as_of="2024-06-01", closed="2024-12-31") == []
    (reopened,) = book.state("urn:100001", as_of="2025-06-01")
    assert isinstance(reopened, OrganisationReopened)


def test_nobody_succeeds_itself(book: Book) -> None:
    book.state("urn:100001")
    with pytest.raises(ValueError, match="succeed itself"):
        book.succeed("urn:100001", "urn:100001")


def test_every_event_is_the_same_after_being_written_and_read(book: Book) -> None:
    happenings = book.state("urn:100001", also=["ukprn:10000001"], section41="approved", opened="2001-09-01")
    happenings += book.state("urn:100001", opened="2001-09-02", closed="2026-12-31", as_of="2026-11-03")
    happenings += book.state("urn:100001", opened="2001-09-02", as_of="2026-11-04")
    book.state("urn:100002")
    happenings += book.succeed("urn:100001", "urn:100002", "2027-01-01")
    of_organisations = {name for name in EVENTS.types if not name.startswith(OF_ACCESS)}
    assert {EVENTS.type_of(one) for one in happenings} == of_organisations
    assert [EVENTS.read(EVENTS.type_of(one), EVENTS.data_of(one)) for one in happenings] == happenings


#: The types of who signs in, which are tested with clients and endings.
OF_ACCESS = ("ehcp.directory.client-", "ehcp.directory.access-")
NUMBERS = [f"urn:{number}" for number in range(100_001, 100_007)]
DAYS = st.integers(0, 12).map(lambda months: date(2025, 1, 1) + timedelta(days=31 * months))


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Six schools, any of them closed, any of them succeeding any other, some sharing a LAESTAB."""
    book = Book()
    for number in NUMBERS:
        opened, closed = draw(DAYS | st.none()), draw(DAYS | st.none())
        laestab = draw(st.sampled_from([(), ("laestab:8551234",), ("laestab:8555678",)]))
        book.state(
            number,
            also=laestab,
            opened=opened.isoformat() if opened else "",
            closed=max(closed, opened or closed).isoformat() if closed else "",
        )
    pairs = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).filter(lambda pair: pair[0] != pair[1])
    for before, after in draw(st.lists(pairs, max_size=8)):
        book.succeed(before, after)
    return book


@given(books(), DAYS)
def test_what_an_organisation_is_known_as_is_exactly_what_is_the_same_organisation(book: Book, on: date) -> None:
    identifiers = [*NUMBERS, "laestab:8551234", "laestab:8555678"]
    for one in identifiers:
        known = book.register.known_as(one, on)
        assert known & set(identifiers) == {
            other for other in identifiers if book.register.same_organisation(one, other, on)
        }


@given(books(), DAYS)
def test_being_the_same_organisation_is_an_equivalence(book: Book, on: date) -> None:
    same = book.register.same_organisation
    for one in NUMBERS:
        assert same(one, one, on)
        for other in NUMBERS:
            assert same(one, other, on) == same(other, one, on)
            for third in NUMBERS:
                assert not (same(one, other, on) and same(other, third, on)) or same(one, third, on)
