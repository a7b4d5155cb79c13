"""A short round of the trial of forged tokens, and proof that it would notice a check that isn't made."""

from typing import Any

import pytest

from connectors.identity import assertions, jws, logout_token, tokens
from connectors.identity.jws import Signed
from services.store.single_use import SingleUseTable
from tests.trials.forged_tokens import ASSERTION, BEARER, main, run
from tests.trials.forgeries_of_logout import LOGOUT

#: More rounds than there are kinds of forgery: each kind comes once at least.
ROUNDS = 60


def test_nothing_forged_is_accepted_and_all_of_it_gets_one_answer() -> None:
    outcome = run(20260901, ROUNDS)
    assert outcome.violations == []
    assert {f"bearer: {kind}" for kind in BEARER} <= set(outcome.sent)
    assert {f"assertion: {kind}" for kind in ASSERTION} <= set(outcome.sent)
    assert {f"logout: {kind}" for kind in LOGOUT} <= set(outcome.sent)
    assert outcome.sent["assertion: replayed after a restart"] >= 1
    assert outcome.sent["logout: replayed after a restart"] >= 1
    assert outcome.accepted == 8 * (ROUNDS // 10 + 1)


def _no_check(*_: Any, **__: Any) -> None:
    return None


def _any_signature(_key: Any, _signed: Signed) -> bool:
    return True


def _lenient(part: str) -> bytes:
    from base64 import urlsafe_b64decode  # noqa: PLC0415 (as a careless reader would)

    try:
        return urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4))
    except ValueError:
        raise jws.TokenRefused("malformed") from None


@pytest.mark.parametrize(
    ("module", "name", "careless"),
    [
        (jws, "_is_signed_by", _any_signature),
        (jws, "_decoded", _lenient),
        (jws, "_names_once", dict),
        (jws, "_HEADER", frozenset({"alg", "kid", "typ", "jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "cty"})),
        (tokens, "require_audience", _no_check),
        (tokens, "require_time", _no_check),
        (tokens, "_require_type", _no_check),
        (tokens, "_require_binding", _no_check),
        (assertions, "LONGEST_AHEAD", 10**6),
        (logout_token, "require_time", _no_check),
        (logout_token, "LONGEST_LIFE", 10**6),
        (logout_token, "_require_type", _no_check),
        (logout_token, "_require_audience", _no_check),
        (logout_token, "_require_event", _no_check),
        (logout_token, "_name", lambda claims, claim: str(claims.get(claim, ""))),
        (logout_token, "_use_up", _no_check),
        (SingleUseTable, "use", lambda *_: True),
    ],
)
def test_the_trial_notices_a_check_that_is_not_made(
    module: Any, name: str, careless: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, careless)
    assert run(3, 3 * ROUNDS).violations != []


def test_the_program_says_by_its_exit_code_whether_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--seed", "2", "--rounds", "3"]) == 0
    monkeypatch.setattr(jws, "_is_signed_by", _any_signature)
    assert main(["--seed", "2", "--rounds", "12"]) == 1
    assert '"violations": ["' in capsys.readouterr().out
