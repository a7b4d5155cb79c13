"""Ways to forge a logout token: what would sign somebody out who hasn't signed out, whoever signed what it began as."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.identity.logout_token import EVENT
from tests.support.identity import AUDIENCE, CONSOLE
from tests.trials.forger import Forger
from tests.trials.forgeries import COMMON
from tests.trials.subtle_forgeries import SUBTLE

#: What a logout token calls itself.
LOGOUT_TYPE = "logout+jwt"


def _another_event(forger: Forger) -> str:
    risc = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
    odd = (
        ..., None, {}, [], EVENT, [EVENT], {EVENT: None}, {EVENT: []}, {EVENT: ""}, {EVENT: True}, {risc: {}},
        [{EVENT: {}}], {EVENT + "/": {}}, {EVENT.replace("http:", "https:"): {}}, {EVENT.upper(): {}},
        {"x": {EVENT: {}}},
    )  # fmt: skip
    return forger.changed(events=forger.dice.choice(odd))


def _with_a_nonce(forger: Forger) -> str:
    return forger.changed(nonce=forger.dice.choice(("n", "", None, 1, [], {})))


def _odd_jti(forger: Forger) -> str:
    return forger.changed(jti=forger.dice.choice((..., "", 1, None, [], "x" * 256, "a b", "é", "a\x00", {}, True)))


def _odd_session(forger: Forger) -> str:
    return forger.changed(sid=forger.dice.choice(("", 1, None, [], {}, True, "x" * 256, "a\x00", "\u202e", ["s-1"])))


def _nobody(forger: Forger) -> str:
    return forger.changed(sub=..., sid=forger.dice.choice((..., "", None)))


def _of_another_type(forger: Forger) -> str:
    odd = (..., "JWT", "at+jwt", "id+jwt", "secevent+jwt", "logout+jwt+x", "logout", "jwt", "application/jwt")
    return forger.raw(forger.header(typ=forger.dice.choice(odd)), forger.claims)


def _lasts_an_hour(forger: Forger) -> str:
    return forger.changed(exp=int(time.time()) + forger.dice.choice((700, 3_600, 80_000)))


def _several_audiences(forger: Forger) -> str:
    return forger.changed(aud=forger.dice.choice((AUDIENCE, [CONSOLE, AUDIENCE], [CONSOLE, CONSOLE], [])))


def _another_kind_of_token(forger: Forger) -> str:
    """A right ID token or access token, in its own type or under that of a logout token."""
    now = int(time.time())
    identity = {
        "iss": forger.signer.name,
        "aud": CONSOLE,
        "sub": "person-1",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
    }
    said = forger.dice.choice((identity, {**identity, "jti": "j", "sid": "s-1"}, forger.signer.access_claims()))
    return forger.raw(forger.header(typ=forger.dice.choice(("JWT", "at+jwt", LOGOUT_TYPE))), said)


LOGOUT: dict[str, Callable[[Forger], str]] = {
    **COMMON,
    **SUBTLE,
    "another event": _another_event,
    "with a nonce": _with_a_nonce,
    "odd jti": _odd_jti,
    "odd session": _odd_session,
    "nobody": _nobody,
    "of another type": _of_another_type,
    "lasts an hour": _lasts_an_hour,
    "several audiences": _several_audiences,
    "another kind of token": _another_kind_of_token,
}
