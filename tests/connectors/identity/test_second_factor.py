"""Who must have shown two factors, and what counts as having shown them."""

from __future__ import annotations

import json
from collections.abc import Iterable
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


def provider(folder: Path, roles: Iterable[str] = (), *, development: bool = False, **sign_in: Any) -> Provider:
    """A provider as it is read from a file that says so."""
    credential = {"method": "client_secret_basic", "secretFile": "secret"}
    ends = {"authorizationEndpoint": "https://sign-in.example/a", "tokenEndpoint": "https://sign-in.example/t"}
    said = {"clientId": "ehcp", "clientAuthentication": credential, **ends, **sign_in}
    (folder / "secret").touch(mode=0o600)
    (folder / "secret").write_text("fictional")
    limits = {"allowedRoles": sorted(roles)} if roles else {}
    (folder / "i.json").write_text(json.dumps({"issuer": "i", "jwks": {"keys": [KEY]}, "signIn": said, **limits}))
    return read_issuers(folder, audience="https://ehcp.example", development=development).providers["i"]


def test_in_production_two_factors_are_demanded_of_everybody(tmp_path: Path) -> None:
    made = provider(tmp_path).second_factor
    assert not made.is_shown({})
    assert not made.is_shown({"amr": ["pwd"], "acr": "mfa"})
    assert made.is_shown({"amr": ["pwd", "mfa"]})
    assert made.in_words == "demanded in amr"


def test_in_development_they_are_not(tmp_path: Path) -> None:
    assert provider(tmp_path, development=True).second_factor.is_shown({})


@pytest.mark.parametrize("development", [True, False])
def test_what_a_provider_is_configured_to_state_is_demanded_everywhere(tmp_path: Path, *, development: bool) -> None:
    stated = [{"path": ["vot"], "values": ["Cl.Cm"]}, {"path": ["level"], "values": [2, 3]}]
    made = provider(tmp_path, development=development, secondFactor=stated).second_factor
    assert made.is_shown({"vot": "Cl.Cm"})
    assert made.is_shown({"vot": "Cl", "level": 3})
    for claims in ({}, {"vot": "Cl"}, {"level": "3"}, {"level": True}, {"amr": ["mfa"]}):
        assert not made.is_shown(claims)


def test_a_provider_that_states_none_is_accepted_only_with_the_reason(tmp_path: Path) -> None:
    made = provider(tmp_path, ["school"], secondFactor=NOT_STATED).second_factor
    assert made.is_shown({})
    assert NOT_STATED["notStated"] in made.in_words
    for nothing in ({}, {"notStated": ""}, {"notStated": "no"}, [], False, None, {"notStated": True}):
        with pytest.raises(ConfigurationFault):
            provider(tmp_path, ["school"], secondFactor=nothing)


OTHERS = sorted(ROLES - {"school", "family"})


@pytest.mark.parametrize("roles", [[], *([role] for role in OTHERS), ["school", "case-officer"]])
def test_a_provider_that_states_none_gives_no_role_that_decides_about_others(tmp_path: Path, roles: list[str]) -> None:
    with pytest.raises(ConfigurationFault, match="allowedRoles"):
        provider(tmp_path, roles, secondFactor=NOT_STATED)
    assert provider(tmp_path, roles, development=True, secondFactor=NOT_STATED).second_factor.waived
    assert provider(tmp_path, ["school", "family"], secondFactor=NOT_STATED).second_factor.waived
