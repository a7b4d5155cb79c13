"""A machine client of the directory signs in with the key of the day, until it is revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.directory.clients import Client, register_client, revoke_client, rotate_keys
from domain.directory.events import ClientKeysRotated, ClientRegistered, Happening
from domain.directory.organisation import organisation_id
from services.directory.client_registry import DirectoryClients
from services.directory.service import Entry
from tests.support.identity import Doors, Signer, doors, ed_signer

STARTED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as made:
        yield made


def client(served: Doors, name: str) -> Client | None:
    return served.platform.directory.client(name)


def record(served: Doors, name: str, happening: Happening) -> None:
    known = client(served, name)
    sequence = known.sequence + 1 if known else 1
    entry = Entry(stream=organisation_id(f"client:{name}"), sequence=sequence, happening=happening)
    served.platform.directory.record([entry], actor="operator:test")


def register(served: Doors, signer: Signer, **more: object) -> None:
    stated = ClientRegistered(
        client_id=signer.name,
        organisation="ods:QN1",
        role="health",
        jwks=signer.jwks(),
        active_from=STARTED,
        **more,  # type: ignore[arg-type]
    )
    record(served, signer.name, register_client(None, stated))


def status(served: Doors, signer: Signer) -> int:
    return served.ask(signer.sign(signer.assertion_claims())).status_code


def test_a_registered_client_signs_in_until_it_is_revoked(served: Doors) -> None:
    signer = ed_signer("directory-1")
    assert status(served, signer) == 401
    register(served, signer)
    assert status(served, signer) == 200
    second = datetime.now(UTC).replace(microsecond=0)
    record(served, signer.name, revoke_client(client(served, signer.name), second))
    assert status(served, signer) == 401


def test_keys_are_exchanged_without_a_pause(served: Doors) -> None:
    old, new = ed_signer("directory-2", "old"), ed_signer("directory-2", "new")
    register(served, old)
    later = ClientKeysRotated(jwks=new.jwks(), previous_until=datetime.now(UTC) + timedelta(hours=1))
    record(served, old.name, rotate_keys(client(served, old.name), later))
    assert [status(served, signer) for signer in (old, new)] == [200, 200]
    now = ClientKeysRotated(jwks=new.jwks(), previous_until=datetime.now(UTC))
    record(served, old.name, rotate_keys(client(served, old.name), now))
    assert [status(served, signer) for signer in (old, new)] == [401, 200]


def test_a_client_that_is_not_active_yet_or_any_more_does_not_sign_in(served: Doors) -> None:
    signer = ed_signer("directory-3")
    register(served, signer, active_until=STARTED + timedelta(days=1))
    assert status(served, signer) == 401


def test_a_client_of_the_file_keeps_its_own_keys(served: Doors) -> None:
    rival = ed_signer(served.clients[1].name)
    register(served, rival)
    assert [status(served, signer) for signer in (served.clients[1], rival)] == [200, 401]


def test_a_client_whose_keys_have_all_ended_is_as_good_as_none(served: Doors) -> None:
    signer = ed_signer("directory-4")
    register(served, signer)
    registry = DirectoryClients(served.platform.directory, lambda: datetime.now(UTC))
    found = registry.client(signer.name)
    assert found is not None
    assert (found.organisation, found.role, found.active_from) == ("ods:QN1", "health", STARTED)
    assert registry.client("nobody") is None
