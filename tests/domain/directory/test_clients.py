"""Machine clients: which keys are taken, how they are exchanged without a pause, and how access ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import OctKey, OKPKey, RSAKey
from msgspec.structs import replace

from domain.directory.clients import Client, ClientRefused, evolve_client, register_client, revoke_client, rotate_keys
from domain.directory.events import EVENTS, ClientKeysRotated, ClientRegistered

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def public(kid: str) -> dict[str, Any]:
    return {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": kid}


def registered(*keys: dict[str, Any], **more: Any) -> ClientRegistered:
    given = {"client_id": "epr-1", "organisation": "ods:QJK", "role": "health", "active_from": NOW} | more
    return ClientRegistered(jwks={"keys": list(keys) or [public("a")]}, **given)


def client(*keys: dict[str, Any], **more: Any) -> Client:
    return evolve_client(None, register_client(None, registered(*keys, **more)))


def kids(one: Client, at: datetime) -> list[str]:
    return [key["kid"] for key in one.jwks(at)["keys"]]


def test_a_client_is_active_from_its_first_moment_to_its_last() -> None:
    one = client(active_until=NOW + HOUR)
    moments = [NOW - HOUR, NOW, NOW + HOUR - timedelta(seconds=1), NOW + HOUR]
    assert [one.is_active(moment) for moment in moments] == [False, True, True, False]


def test_old_keys_are_accepted_for_a_while_beside_the_new() -> None:
    before = client(public("a"))
    rotated = rotate_keys(before, ClientKeysRotated(jwks={"keys": [public("b")]}, previous_until=NOW + HOUR))
    after = evolve_client(before, rotated)
    assert kids(after, NOW) == ["a", "b"]
    assert kids(after, NOW + HOUR) == ["b"]
    again = ClientKeysRotated(jwks={"keys": [public("c")]}, previous_until=NOW + 3 * HOUR)
    assert kids(evolve_client(after, rotate_keys(after, again)), NOW + HOUR) == ["b", "c"]


def test_a_key_that_stays_stays_for_good() -> None:
    kept = public("a")
    before = client(kept)
    rotated = ClientKeysRotated(jwks={"keys": [kept, public("b")]}, previous_until=NOW + HOUR)
    assert kids(evolve_client(before, rotate_keys(before, rotated)), NOW + 2 * HOUR) == ["a", "b"]


def test_a_revoked_client_is_over_for_good() -> None:
    before = client()
    after = evolve_client(before, revoke_client(before, NOW + HOUR))
    assert [after.is_active(moment) for moment in (NOW, NOW + HOUR)] == [True, False]
    with pytest.raises(ClientRefused, match="revoked"):
        revoke_client(after, NOW)
    with pytest.raises(ClientRefused, match="revoked"):
        rotate_keys(after, ClientKeysRotated(jwks={"keys": [public("b")]}, previous_until=NOW))
    with pytest.raises(ClientRefused, match="already"):
        register_client(after, registered())


BAD_KEYS: dict[str, Any] = {
    "private": {**OKPKey.generate_key("Ed25519").as_dict(private=True), "kid": "a"},
    "shared": {**OctKey.generate_key(256).as_dict(private=True), "kid": "a"},
    "short": {"kty": "RSA", "kid": "a", "n": "A" * 171, "e": "AQAB"},
    "other curve": {**OKPKey.generate_key("X25519").as_dict(private=False), "kid": "a"},
    "without id": OKPKey.generate_key("Ed25519").as_dict(private=False) | {"kid": ""},
    "no number": {"kty": "RSA", "kid": "a", "n": "?", "e": "AQAB"},
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_keys_that_the_platform_does_not_accept_are_refused_when_they_are_stated(key: dict[str, Any]) -> None:
    with pytest.raises(ClientRefused) as refused:
        client(key)
    assert "d" not in key or key["d"] not in str(refused.value)


@pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": ["a"]}, [], None])
def test_what_is_no_key_set_is_refused(jwks: Any) -> None:
    with pytest.raises(ClientRefused, match="JWKS"):
        register_client(None, replace(registered(), jwks=jwks))


def test_a_key_id_names_one_key_for_ever() -> None:
    with pytest.raises(ClientRefused, match="same id"):
        client(public("a"), public("a"))
    with pytest.raises(ClientRefused, match="another key already"):
        rotate_keys(client(public("a")), ClientKeysRotated(jwks={"keys": [public("a")]}, previous_until=NOW))


@pytest.mark.parametrize(
    "more",
    [{"client_id": "a"}, {"client_id": "with space"}, {"active_until": NOW}, {"certificates": ("short",)}],
)
def test_a_client_is_stated_whole(more: dict[str, Any]) -> None:
    with pytest.raises(ClientRefused):
        client(**more)


def test_a_large_rsa_key_and_a_certificate_are_taken() -> None:
    key = {**RSAKey.generate_key(3072, private=False).as_dict(private=False), "kid": "r"}
    assert client(key, certificates=("a" * 43,)).certificates == ("a" * 43,)


def test_events_are_the_same_after_being_written_and_read() -> None:
    before = client()
    for one in (registered(), ClientKeysRotated(jwks={"keys": []}, previous_until=NOW), revoke_client(before, NOW)):
        assert EVENTS.read(EVENTS.type_of(one), EVENTS.data_of(one)) == one
