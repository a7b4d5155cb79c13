"""Access that was ended: sessions and tokens of before are accepted nowhere any more, those of afterwards are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.identity.development import ISSUER
from connectors.identity.principal import Principal
from domain.directory.clients import revoke_client
from domain.directory.endings import REASONS, EndingRefused, end_access
from domain.directory.events import ClientRegistered
from domain.directory.organisation import organisation_id
from services.directory.service import Entry
from services.identity.ending import BODY_SCHEMA, Endings
from services.validation import load_schema
from tests.support.identity import ed_signer
from tests.support.serving import Caller, Serving, serving


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    address = str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""
    with serving(tmp_path, database_url=address) as made:
        yield made


def second(offset: int = 0) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=offset)


def is_let_in(caller: Caller) -> bool:
    status = caller.get("/v1/organisations/la:855").status_code
    assert status in (401, 404)
    return status == 404


def ended(served: Serving, scope: str, before: datetime | None = None) -> None:
    served.platform.endings.end(scope, before or second(), "left", actor="operator:test")


def test_an_organisation_s_tokens_of_before_count_no_more_and_later_ones_do(served: Serving) -> None:
    mine, other = served.officer("855"), served.officer("936")
    assert is_let_in(mine)
    ended(served, "organisation:la:855")
    assert not is_let_in(mine)
    assert is_let_in(other)
    time.sleep(1.1)  # tokens tell the second in which they were issued
    assert is_let_in(served.officer("855"))


def test_one_person_is_ended_and_nobody_of_the_same_name_at_another_provider(served: Serving) -> None:
    one, other = served.as_("school", "urn:199101", name="p-1"), served.as_("school", "urn:199101", name="p-2")
    endings: Endings = served.platform.endings
    ended(served, endings.scope_of_person("https://another.example", "p-1"))
    assert is_let_in(one)
    scope = endings.scope_of_person(ISSUER, "p-1")
    ended(served, scope)
    assert not is_let_in(one)
    assert is_let_in(other)
    assert "p-1" not in scope


@pytest.mark.parametrize("scope", ["client:p-1", "everybody"])
def test_a_system_or_everybody_is_ended(served: Serving, scope: str) -> None:
    one = served.as_("school", "urn:199101", name="p-1", client="p-1")
    ended(served, scope, second(-3600))
    assert is_let_in(one)
    ended(served, scope)
    assert not is_let_in(one)
    ended(served, scope, second(-3600))
    assert not is_let_in(one)


def test_a_system_that_is_ended_or_revoked_takes_no_person_of_its_name_along(served: Serving) -> None:
    """The name is the person's at another issuer or at this one; a person's token may name the system used, too."""
    people = [
        served.as_("school", "urn:199101", name="p-1"),
        served.as_("school", "urn:199101", name="p-2", client="p-1"),
    ]
    ended(served, "client:p-1")
    registered(served, "p-1", revoked=True)
    assert [is_let_in(person) for person in people] == [True, True]
    principal = Principal(
        subject="p-1", client="p-1", organisation="urn:199101", role="school", issuer="https://another.example"
    )
    assert not served.platform.endings.is_over(principal, 0)
    assert served.platform.endings.is_over(replace(principal, issuer=ISSUER), 0)


def test_who_ended_what_stays_on_record(served: Serving) -> None:
    ended(served, "organisation:la:855")
    (event,) = [event for page in served.platform.store.directory.pages(0) for event in page]
    assert event.metadata.actor == "operator:test"
    assert event.data["scope"] == "organisation:la:855"
    assert event.data["reason"] == "left"


def registered(served: Serving, name: str, *, revoked: bool = False) -> None:
    directory, stream = served.platform.directory, organisation_id(f"client:{name}")
    known = ClientRegistered(
        client_id=name, organisation="ods:QN1", role="health", jwks=ed_signer(name).jwks(), active_from=second(-60)
    )
    directory.record([Entry(stream=stream, sequence=1, happening=known)], actor="operator:test")
    if revoked:
        over = revoke_client(directory.client(name), second())
        directory.record([Entry(stream=stream, sequence=2, happening=over)], actor="operator:test")


def test_tokens_of_a_revoked_system_end_with_it(served: Serving) -> None:
    registered(served, "system-1")
    caller = served.as_("health", "ods:QN1", name="system-1", client="system-1")
    assert is_let_in(caller)
    directory = served.platform.directory
    revoked = revoke_client(directory.client("system-1"), second())
    stream = organisation_id("client:system-1")
    directory.record([Entry(stream=stream, sequence=2, happening=revoked)], actor="operator:test")
    assert not is_let_in(caller)


@pytest.mark.postgres
def test_every_other_process_hears_of_it(migrated: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url=migrated) as one, serving(tmp_path, database_url=migrated) as two:
        caller = two.officer("855")
        assert is_let_in(caller)
        ended(one, "organisation:la:855")
        until = time.monotonic() + 30
        while is_let_in(caller):
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("scope", "reason", "offset"),
    [("", "left", 0), ("person:p-1", "left", 0), ("everybody", "Robin left", 0), ("everybody", "left", 60)],
)
def test_what_can_not_be_ended_like_this(scope: str, reason: str, offset: int) -> None:
    with pytest.raises(EndingRefused):
        end_access(scope, second(offset), reason, second())


def test_a_council_s_manager_ends_the_access_of_its_people_and_of_nobody_else(served: Serving) -> None:
    manager, person, elsewhere = served.manager(), served.officer(), served.as_("case-officer", "la:936", name="p-1")
    mine, named = served.as_("case-officer", "la:855", name="p-1"), {"issuer": ISSUER, "subject": "p-1"}
    made = manager.post("/v1/access-endings", {"reason": "left", "person": named})
    assert made.status_code == 201, made.json()
    assert made.json()["whose"] == "person"
    assert [is_let_in(caller) for caller in (mine, elsewhere, person)] == [False, True, True]
    assert manager.post("/v1/access-endings", {"reason": "lost-device"}).json()["whose"] == "organisation"
    assert [is_let_in(caller) for caller in (person, manager, elsewhere)] == [False, False, True]
    events = [event for page in served.platform.store.directory.pages(0) for event in page]
    assert {event.metadata.actororg for event in events} == {"la:855"}
    assert all("send-manager" not in event.metadata.actor for event in events)


@pytest.mark.parametrize(
    ("role", "organisation"), [("case-officer", "la:855"), ("school", "urn:199101"), ("auditor", "ombudsman")]
)
def test_others_end_nobody_s_access(served: Serving, role: str, organisation: str) -> None:
    caller = served.as_(role, organisation)
    assert caller.post("/v1/access-endings", {"reason": "left"}).status_code == 403
    assert is_let_in(caller)


@pytest.mark.parametrize(
    "body", [{}, {"reason": "Robin left"}, {"reason": "left", "person": {"subject": "p"}}, {"reason": "left", "all": 1}]
)
def test_what_a_manager_asks_must_be_right(served: Serving, body: dict[str, object]) -> None:
    assert served.manager().post("/v1/access-endings", body).status_code == 422


def test_the_published_reasons_are_those_that_are_taken() -> None:
    assert load_schema(BODY_SCHEMA)["properties"]["reason"]["enum"] == list(REASONS)


def test_a_manager_is_told_which_reasons_there_are(served: Serving) -> None:
    (error,) = served.manager().post("/v1/access-endings", {"reason": "revenge"}).json()["errors"]
    assert error["pointer"] == "/reason"
    assert all(reason in error["text"] for reason in REASONS)


def test_an_address_that_names_no_plan_says_nothing_of_plans(served: Serving) -> None:
    answer = served.officer().get("/v1/rules/no-hash")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing at this address.")
