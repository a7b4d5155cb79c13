"""Who must have shown two factors, and what counts as having shown them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from connectors.identity.configuration import ConfigurationFault
from connectors.identity.issuers import read_issuers
from connectors.identity.principal import ROLES
from connectors.identity.provider import Provider

KEY = RSAKey.generate_key(3072, {"kid": "k"}).as_dict(private=False)
NOT_STATED = {"notStated": "this provider states no factors in its token"}


def provider(folder: Path, *, development: bool = False, **sign_in: Any) -> Provider:
    """A provider as it is read from a file that says so."""
    credential = {"method": "client_secret_basic", "secretFile": "secret"}
    ends = {"authorizationEndpoint": "https://sign-in.example/a", "tokenEndpoint": "https://sign-in.example/t"}
    said = {"clientId": "ehcp", "clientAuthentication": credential, **ends, **sign_in}
    (folder / "secret").touch(mode=0o600)
    (folder / "secret").write_text("fictional")
    (folder / "i.json").write_text(json.dumps({"issuer": "i", "jwks": {"keys": [KEY]}, "signIn": said}))
    return read_issuers(folder, audience="https://ehcp.example", development=development).providers["i"]


def test_in_production_two_factors_are_demanded_of_everybody_but_families(tmp_path: Path) -> None:
    made = provider(tmp_path).second_factor
    for role in ROLES - {"family"}:
        assert not made.is_shown({}, role)
        assert not made.is_shown({"amr": ["pwd"], "acr": "mfa"}, role)
        assert made.is_shown({"amr": ["pwd", "mfa"]}, role)
    assert made.is_shown({}, "family")
    assert made.in_words == "demanded in amr"


def test_in_development_they_are_not(tmp_path: Path) -> None:
    assert provider(tmp_path, development=True).second_factor.is_shown({}, "case-officer")


@pytest.mark.parametrize("development", [True, False])
def test_what_a_provider_is_configured_to_state_is_demanded_everywhere_and_of_everybody(
    tmp_path: Path, *, development: bool
) -> None:
    stated = [{"path": ["vot"], "values": ["Cl.Cm"]}, {"path": ["level"], "values": [2, 3]}]
    made = provider(tmp_path, development=development, secondFactor=stated).second_factor
    for role in ("family", "health"):
        assert made.is_shown({"vot": "Cl.Cm"}, role)
        assert made.is_shown({"vot": "Cl", "level": 3}, role)
        for claims in ({}, {"vot": "Cl"}, {"level": "3"}, {"level": True}, {"amr": ["mfa"]}):
            assert not made.is_shown(claims, role)


def test_a_provider_that_states_none_is_accepted_only_with_the_reason(tmp_path: Path) -> None:
    made = provider(tmp_path, secondFactor=NOT_STATED).second_factor
    assert made.is_shown({}, "case-officer")
    assert NOT_STATED["notStated"] in made.in_words
    for nothing in ({}, {"notStated": ""}, {"notStated": "no"}, [], False, None, {"notStated": True}):
        with pytest.raises(ConfigurationFault):
            provider(tmp_path, secondFactor=nothing)
