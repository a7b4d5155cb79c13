"""The directory over the store: who an identifier named, on both databases, and after another process wrote."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from domain.directory.comparing import Directory, Strings, same_as_any
from domain.directory.events import ClientRegistered, ClientRevoked, OrganisationRegistered
from domain.directory.organisation import Fact, organisation_id
from services.directory import gias
from services.directory.service import FRESH_SECONDS, DirectoryService, Entry
from services.store.clear import check_clear
from services.store.errors import CommitmentMismatch, MalformedState, SequenceConflict
from services.store.values import DIRECTORY_LOG, PLAN_LOG, AppendGroup
from tests.services.directory.conftest import NOW, Kept

TODAY = date(2026, 11, 2)


def registered(identifier: str, sequence: int = 1) -> Entry:
    scheme, _, value = identifier.partition(":")
    fact = Fact(attribute=scheme, value=value)
    happening = OrganisationRegistered(kind="setting", facts=(fact,), source="test", as_of=TODAY)
    return Entry(stream=organisation_id(identifier), sequence=sequence, happening=happening)


def test_the_questions_of_the_law_s_traps_are_answered(kept: Kept) -> None:
    kept.everything()
    directory: Directory = kept.directory
    ask = kept.directory
    assert [one.value("name", date(2021, 5, 1)) for one in ask.answering("urn:199601", date(2021, 5, 1))] == [
        "Brindle Wood Community School"
    ]
    assert [one.identifiers(TODAY) for one in ask.answering("ods:Q99", date(2026, 4, 1))] == [{"ods:QN1"}]
    assert {one.value("la", TODAY) for one in ask.answering("la:909", TODAY)} == {"942", "943"}
    assert directory.same_organisation("urn:199601", "urn:199602", TODAY)
    assert same_as_any(directory, "ods:QN1", ["ods:XYZ", "ods:Q99"], TODAY)
    assert not same_as_any(directory, "la:942", ["la:909"], TODAY)
    assert "urn:199601" in directory.known_as("ukprn:10099602", TODAY)
    assert ask.find("urn:199601", TODAY) != ask.find("urn:199602", TODAY)


def test_without_a_directory_identifiers_are_compared_as_they_are() -> None:
    strings: Directory = Strings()
    assert strings.same_organisation("urn:199601", "urn:199601", TODAY)
    assert not strings.same_organisation("urn:199601", "urn:199602", TODAY)
    assert strings.known_as("la:855", TODAY) == {"la:855"}


def test_a_directory_that_was_read_anew_says_the_same(kept: Kept) -> None:
    kept.everything()
    before = {one.id: one for one in kept.directory.organisations()}
    assert {one.id: one for one in kept.opened().organisations()} == before


def test_a_group_that_is_not_next_is_refused_whole_and_harms_no_other(kept: Kept) -> None:
    good, bad = registered("urn:199601"), registered("urn:199602", sequence=2)
    with pytest.raises(SequenceConflict) as refused:
        kept.directory.record([good, bad], actor="a")
    assert (refused.value.stream, refused.value.sequence, refused.value.expected) == (bad.stream, 2, 1)
    assert kept.store.directory.head() == 0
    assert kept.directory.record([good], actor="a") == 1
    with pytest.raises(SequenceConflict):
        kept.directory.record([good], actor="a")
    assert len(kept.directory.organisations()) == 1


def test_groups_of_both_kinds_share_a_writer(kept: Kept) -> None:
    log = kept.store.directory
    with pytest.raises(ValueError, match="alone"):
        AppendGroup({DIRECTORY_LOG: [], PLAN_LOG: []})
    entries = [registered(f"urn:{number}") for number in range(199_601, 199_606)]
    kept.directory.record(entries, actor="a")
    assert (log.head(), kept.store.head(PLAN_LOG)[0]) == (5, 0)
    assert [event.position for page in log.pages(2) for event in page] == [3, 4, 5]
    assert kept.store.recorders[DIRECTORY_LOG].max_notification_id() == 5


def test_an_event_in_the_clear_proves_its_content(kept: Kept) -> None:
    kept.directory.record([registered("urn:199601")], actor="operator:1")
    row = kept.store.row(1, DIRECTORY_LOG)
    check_clear(row[5])
    assert b"199601" in row[5]
    assert kept.store.leaf(1, DIRECTORY_LOG) != bytes(32)
    with pytest.raises(CommitmentMismatch):
        check_clear(row[5].replace(b"199601", b"199602"))
    with pytest.raises(MalformedState):
        check_clear(row[5][:-1])


def test_what_another_process_records_is_seen_in_time(kept: Kept) -> None:
    moment = [0.0]
    other = DirectoryService(kept.store.directory, lambda: NOW, clock=lambda: moment[0])
    assert other.find("urn:199601", TODAY) is None
    kept.directory.record([registered("urn:199601")], actor="a")
    assert other.find("urn:199601", TODAY) is None
    moment[0] = FRESH_SECONDS
    assert other.find("urn:199601", TODAY) is not None


def test_machine_clients_are_kept_in_the_same_log(kept: Kept) -> None:
    stream = uuid4()
    made = ClientRegistered(
        client_id="epr-1", organisation="ods:QN1", role="health", jwks={"keys": [{"kid": "a"}]}, active_from=NOW
    )
    kept.directory.record([Entry(stream=stream, sequence=1, happening=made)], actor="a")
    later = datetime(2026, 11, 3, tzinfo=UTC)
    client = kept.opened().client("epr-1")
    assert client is not None
    assert client.is_active(later)
    ended = Entry(stream=stream, sequence=2, happening=ClientRevoked(revoked_at=later))
    kept.directory.record([ended], actor="a")
    (found,) = kept.opened().clients()
    assert not found.is_active(later)


def test_no_word_about_a_person_is_kept(embedded: Kept) -> None:
    embedded.file("edubasealldata20261001.csv", gias.establishments)
    kept = b"".join(path.read_bytes() for path in embedded.folder.iterdir() if path.is_file())
    assert b"Brindle" in kept
    assert not [word for word in (b"Zaphira", b"Quillfeather", b"Headteacher", b"Fictional Way") if word in kept]
