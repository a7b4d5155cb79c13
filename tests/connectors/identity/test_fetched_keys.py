"""Keys that are fetched: seldom, at once when one is missing, and still there while their issuer is down."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import OKPKey

from connectors.identity.fetched_keys import (
    FRESH_SECONDS,
    LATE_SECONDS,
    PAUSE_SECONDS,
    STALE_SECONDS,
    FetchedKeys,
    bring,
)
from connectors.identity.outbound import ProviderUnavailable


class Issuer:
    """Publishes keys, or doesn't; and a clock."""

    def __init__(self) -> None:
        self.keys = {"one": _public("one")}
        self.fetches = 0
        self.is_down = False
        self.answer: Any = None
        self.now = 1_000.0
        self.complaints: list[str] = []
        self.held = FetchedKeys(
            "https://sign-in.example/keys",
            fetch=self.fetch,
            clock=lambda: self.now,
            complain=self.complaints.append,
        )

    def fetch(self, address: str) -> Any:
        assert address == "https://sign-in.example/keys"
        self.fetches += 1
        if self.is_down:
            raise ProviderUnavailable("503")
        return self.answer if self.answer is not None else {"keys": list(self.keys.values())}

    def has(self, key_id: str, after: float = 0) -> bool:
        """Whether a token with this key id finds its key, so many seconds later."""
        self.now += after
        bring(self.held, key_id)
        return bool(self.held.named(key_id))


def _public(kid: str) -> dict[str, Any]:
    return dict(OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"}).as_dict(private=False))


def test_nothing_is_fetched_before_it_is_needed_and_then_once() -> None:
    issuer = Issuer()
    assert issuer.fetches == 0
    assert all(issuer.has("one") for _ in range(50))
    assert issuer.fetches == 1


def test_a_new_key_is_known_with_the_first_token_that_it_signs() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    issuer.keys["two"] = _public("two")
    assert issuer.has("two", after=PAUSE_SECONDS)
    assert issuer.has("one")


def test_made_up_key_ids_do_not_turn_the_platform_against_its_issuer() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    for number in range(1_000):
        assert not issuer.has(f"made-up-{number}", after=0.1)
    assert issuer.fetches <= 2 + 100 / PAUSE_SECONDS


def test_a_key_that_was_withdrawn_is_forgotten_when_the_set_is_old() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    issuer.keys = {"two": _public("two")}
    assert issuer.has("one", after=FRESH_SECONDS - 1)
    issuer.has("two", after=1)
    assert not issuer.has("one")


def test_known_keys_stay_in_use_while_the_issuer_is_down_but_not_for_ever() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    issuer.is_down = True
    assert issuer.has("one", after=FRESH_SECONDS)
    assert issuer.has("one", after=STALE_SECONDS - FRESH_SECONDS - 1)
    assert not issuer.has("one", after=2)
    assert set(issuer.complaints) == {"503"}
    issuer.is_down = False
    assert issuer.has("one", after=PAUSE_SECONDS)


def test_an_answer_that_is_no_key_set_takes_no_key_away() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    for answer in ([], {}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AA", "kid": "one"}]}, "keys", 1, {"keys": [1]}):
        issuer.answer = answer
        assert issuer.has("one", after=FRESH_SECONDS)
    assert issuer.complaints == ["unusable"] * 7


def test_when_to_fetch_is_told_apart_so_that_nobody_waits_without_need() -> None:
    issuer = Issuer()
    assert issuer.held.due("one") == "now"
    issuer.has("one")
    assert issuer.held.due("one") == ""
    assert issuer.held.due("two") == ""
    issuer.now += PAUSE_SECONDS
    assert issuer.held.due("two") == "now"
    issuer.now += FRESH_SECONDS
    assert issuer.held.due("one") == "soon"


def test_after_a_silence_the_first_to_call_is_let_in_by_no_key_that_was_withdrawn_meanwhile() -> None:
    issuer = Issuer()
    assert issuer.has("one")
    issuer.keys = {"two": _public("two")}
    issuer.now += LATE_SECONDS
    assert issuer.held.due("one") == "now"
    assert not issuer.has("one")
    issuer.is_down = True
    issuer.now += LATE_SECONDS
    assert issuer.held.due("two") == "now"
    assert issuer.has("two")
    assert issuer.held.due("two") == "", "one waits for an issuer that is down, and not everybody"
