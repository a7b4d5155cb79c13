"""What signing in leaves behind, on every database: used once, sealed, forgotten in time."""

import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.store.embedded import open_embedded
from services.store.family_links import FamilyLink
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from tests.services.store.conftest import Record

NOW = 1_790_000_000
LATER = 2**33


def test_a_value_is_used_once_for_its_purpose(record: Record) -> None:
    once = record.store.single_use
    assert once.use("client-assertion", "client\x00jti", LATER)
    assert not once.use("client-assertion", "client\x00jti", LATER)
    assert once.use("client-assertion", "other\x00jti", LATER)
    assert once.use("sign-in", "client\x00jti", LATER)


def test_of_many_at_the_same_moment_one_uses_it(record: Record) -> None:
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda: won.append(record.store.single_use.use("p", "v", LATER))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_what_could_not_be_used_anyway_is_forgotten(record: Record) -> None:
    once = record.store.single_use
    assert once.use("p", "old", 1)
    assert once.use("p", "old", LATER)
    assert not once.use("p", "old", LATER)


def test_a_use_is_known_after_a_restart(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as store:
        assert store.single_use.use("p", "v", LATER)
    with open_embedded(tmp_path) as store:
        assert not store.single_use.use("p", "v", LATER)


def test_a_use_is_known_to_every_process(migrated: str, tmp_path: Path) -> None:
    keyring = FileKeyring(tmp_path / "keyring")
    keyring.keyed_hash("index.1", "made", "first")
    other = FileKeyring(tmp_path / "keyring")
    with open_postgres(migrated, keyring=keyring) as one, open_postgres(migrated, keyring=other) as two:
        assert one.single_use.use("p", "v", LATER)
        assert not two.single_use.use("p", "v", LATER)
        one.web_sessions.put("id", "person", b"content", now=NOW, ends=NOW + 10)
        found = two.web_sessions.find("id")
        assert found is not None
        assert found.content == b"content"


def test_a_session_is_found_by_its_id_only(record: Record) -> None:
    sessions = record.store.web_sessions
    sessions.put("a" * 43, "person", b"content", now=NOW, ends=NOW + 100)
    found = sessions.find("a" * 43)
    assert found is not None
    assert (found.content, found.begun, found.seen, found.ends) == (b"content", NOW, NOW, NOW + 100)
    assert sessions.find("b" * 43) is None
    sessions.touch("a" * 43, NOW + 5)
    touched = sessions.find("a" * 43)
    assert touched is not None
    assert touched.seen == NOW + 5
    sessions.end("a" * 43)
    assert sessions.find("a" * 43) is None


def test_sessions_end_together_or_when_their_time_is_over(record: Record) -> None:
    sessions = record.store.web_sessions
    for number in range(3):
        sessions.put(f"one-{number}", "one", b"", now=NOW, ends=NOW + 100)
    sessions.put("two", "two", b"", now=NOW, ends=NOW + 200)
    sessions.put("idle", "three", b"", now=NOW - 50, ends=NOW + 200)
    assert sessions.end_all_of("one") == 3
    assert sessions.open_of("one", NOW, 0) == []
    assert sessions.purge(NOW + 100, NOW - 10) == 1
    assert sessions.find("two") is not None
    assert sessions.purge(NOW + 200, NOW - 10) == 1


def begin(record: Record, session: str, *names: str) -> None:
    record.store.web_sessions.put(session, "person", b"", now=NOW, ends=NOW + 100)
    record.store.provider_sign_outs.put(session, names, now=NOW, ends=NOW + 100)


def test_a_provider_ends_the_sessions_that_have_all_of_the_names_that_it_says(record: Record) -> None:
    sessions, sign_outs = record.store.web_sessions, record.store.provider_sign_outs
    begin(record, "one", "person-1", "s-1")
    begin(record, "two", "person-1", "s-2")
    begin(record, "three", "person-2", "s-3")
    assert sign_outs.end(["person-1", "s-3"]) == 0
    assert sign_outs.end(["person-1", "s-2"]) == 1
    assert sessions.find("two") is None
    assert sign_outs.end(["s-3"]) == 1
    assert sign_outs.end(["person-1"]) == 1
    assert [sessions.find(session) for session in ("one", "three")] == [None, None]
    assert sign_outs.end(["person-1"]) == 0


def test_a_session_that_ended_otherwise_is_not_counted_again(record: Record) -> None:
    begin(record, "one", "person-1")
    record.store.web_sessions.end("one")
    assert record.store.provider_sign_outs.end(["person-1"]) == 0


def test_a_sign_out_at_a_provider_is_remembered_by_the_latest_for_a_while(record: Record) -> None:
    sign_outs = record.store.provider_sign_outs
    sign_outs.note("s-1", 50, now=NOW, until=NOW + 10)
    sign_outs.note("s-1", 40, now=NOW, until=NOW + 10)
    assert sign_outs.has_signed_out(["person-1", "s-1"], 50)
    assert not sign_outs.has_signed_out(["s-1"], 51)
    assert not sign_outs.has_signed_out(["person-1"], 0)
    sign_outs.note("s-2", 60, now=NOW + 11, until=NOW + 20)
    assert not sign_outs.has_signed_out(["s-1"], 0)


def test_a_sign_out_at_a_provider_ends_sessions_that_another_process_began(migrated: str, tmp_path: Path) -> None:
    keyring = FileKeyring(tmp_path / "keyring")
    keyring.keyed_hash("index.1", "made", "first")
    with open_postgres(migrated, keyring=keyring) as one, open_postgres(migrated, keyring=keyring) as two:
        one.web_sessions.put("id", "person", b"", now=NOW, ends=NOW + 10)
        one.provider_sign_outs.put("id", ["s-1"], now=NOW, ends=NOW + 10)
        two.provider_sign_outs.note("s-1", 50, now=NOW, until=NOW + 10)
        assert two.provider_sign_outs.end(["s-1"]) == 1
        assert one.web_sessions.find("id") is None
        assert one.provider_sign_outs.has_signed_out(["s-1"], 50)


@pytest.fixture
def invited(record: Record, plan: UUID) -> Record:
    link = FamilyLink(plan=plan, contact="contact-1")
    record.store.family_links.invite("code", link, now=NOW, until=NOW + 100)
    return record


def test_an_invitation_links_one_person_once(invited: Record, plan: UUID) -> None:
    links = invited.store.family_links
    assert links.redeem("other", "person", now=NOW) is None
    assert links.redeem("code", "person", now=NOW) == FamilyLink(plan=plan, contact="contact-1")
    assert links.redeem("code", "stranger", now=NOW) is None
    assert links.of("person") == (FamilyLink(plan=plan, contact="contact-1"),)
    assert links.of("stranger") == ()


def test_an_invitation_ends_with_its_time_and_with_the_next(invited: Record, plan: UUID) -> None:
    links = invited.store.family_links
    assert links.redeem("code", "person", now=NOW + 100) is None
    links.invite("newer", FamilyLink(plan=plan, contact="contact-1"), now=NOW, until=NOW + 100)
    assert links.redeem("code", "person", now=NOW) is None
    assert links.redeem("newer", "person", now=NOW) is not None


def test_somebody_may_be_a_contact_of_several_plans(invited: Record, plan: UUID) -> None:
    links, other = invited.store.family_links, uuid4()
    links.redeem("code", "person", now=NOW)
    links.invite("second", FamilyLink(plan=other, contact="contact-2"), now=NOW, until=NOW + 100)
    links.redeem("second", "person", now=NOW + 1)
    assert [link.plan for link in links.of("person")] == [plan, other]
    assert links.forget(other, "contact-1") == 0
    assert links.forget(other, "contact-2") == 1
    assert [link.plan for link in links.of("person")] == [plan]


def test_an_erasure_forgets_who_the_family_is(invited: Record, plan: UUID) -> None:
    links = invited.store.family_links
    invited.append(invited.seal(plan, 1))
    links.redeem("code", "person", now=NOW)
    invited.store.erase_plan(plan)
    assert links.of("person") == ()
