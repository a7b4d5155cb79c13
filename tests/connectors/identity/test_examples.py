"""The configurations in deploy/identity: they can be read, and say of people what the how-to says they do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from connectors.identity.claims import ClaimMapping, MappingFault
from connectors.identity.clients import read_clients
from connectors.identity.configuration import ConfigurationFault
from connectors.identity.issuers import Issuers, read_issuers
from connectors.identity.principal import ROLES
from services.api.backchannel_logout import PATH

EXAMPLES = Path(__file__).resolve().parents[3] / "deploy" / "identity"
AUDIENCE = "https://ehcp.example"


@pytest.fixture
def issuers(tmp_path: Path) -> Issuers:
    """The examples, beside keys and secrets as an operator would make them."""
    shutil.copytree(EXAMPLES / "issuers", tmp_path / "issuers")
    (tmp_path / "keys").mkdir()
    made = {"one-login.jwk": ECKey.generate_key("P-256", {"kid": "k", "alg": "ES256"})}
    for name in ("cis2.jwk", "console.jwk"):
        made[name] = RSAKey.generate_key(3072, {"kid": "k", "alg": "RS512"})  # type: ignore[assignment]
    contents = {name: json.dumps(key.as_dict(private=True)) for name, key in made.items()}
    for name, content in {**contents, "dfe-sign-in.secret": "fictional"}.items():
        (tmp_path / "keys" / name).touch(mode=0o600)
        (tmp_path / "keys" / name).write_text(content)
    return read_issuers(tmp_path / "issuers", audience=AUDIENCE)


def mapping(issuers: Issuers, title: str) -> tuple[ClaimMapping, str]:
    provider = next(one for one in issuers.providers.values() if one.title == title)
    return provider.claims, provider.issuer


def said(issuers: Issuers, title: str, claims: dict[str, Any]) -> tuple[str, str, str]:
    table, issuer = mapping(issuers, title)
    principal = table.principal(claims, issuer)
    return principal.subject, principal.organisation, principal.role


def refused(issuers: Issuers, title: str, claims: dict[str, Any]) -> str:
    with pytest.raises(MappingFault) as fault:
        said(issuers, title, claims)
    return fault.value.code


def test_only_the_councils_own_issuer_gives_access_tokens(issuers: Issuers) -> None:
    (access,) = issuers.access.values()
    assert (access.audiences, access.types, access.algorithms) == ((AUDIENCE,), ("jwt",), ("RS512",))
    assert len(issuers.providers) == 4


def test_a_school_is_known_by_its_urn_and_a_college_by_its_ukprn(issuers: Issuers) -> None:
    school = {"category": {"id": "001", "name": "Establishment"}, "urn": "199101", "ukprn": "10099801"}
    assert said(issuers, "DfE Sign-in", {"sub": "s", "organisation": school}) == ("s", "urn:199101", "school")
    college = {"category": {"id": "001"}, "urn": None, "ukprn": "10099801"}
    assert said(issuers, "DfE Sign-in", {"sub": "s", "organisation": college})[1] == "ukprn:10099801"


@pytest.mark.parametrize(
    ("title", "shown", "not_shown"),
    [
        ("NHS Care Identity", {"authentication_assurance_level": "3"}, {"authentication_assurance_level": "1"}),
        ("GOV.UK One Login", {"vot": "Cl.Cm"}, {"vot": "Cl"}),
    ],
)
def test_the_second_factor_is_demanded_in_the_claims_of_the_provider(
    issuers: Issuers, title: str, shown: dict[str, Any], not_shown: dict[str, Any]
) -> None:
    provider = next(one for one in issuers.providers.values() if one.title == title)
    assert provider.second_factor.is_shown(shown)
    assert not provider.second_factor.is_shown(not_shown)
    assert not provider.second_factor.is_shown({})


def test_where_an_example_demands_no_second_factor_it_says_why(issuers: Issuers) -> None:
    waived = {one.title for one in issuers.providers.values() if one.second_factor.waived}
    assert waived == {"DfE Sign-in"}


@pytest.mark.parametrize(
    "organisation",
    [None, "urn:199101", {}, {"urn": "199101"}, {"category": {"id": "002"}, "urn": "199101"},
     {"category": {"id": "001"}, "urn": ["199101"]}, {"category": {"id": "001"}, "urn": "199101 "}],
)  # fmt: skip
def test_another_kind_of_organisation_at_dfe_is_no_school(issuers: Issuers, organisation: Any) -> None:
    assert refused(issuers, "DfE Sign-in", {"sub": "s", "organisation": organisation}) in ("organisation", "role")


ROLES_OF_NURSE = [
    {"person_roleid": "111", "org_code": "QJK", "role_code": "S0:G0:R0"},
    {"person_roleid": "222", "org_code": "QT1", "role_code": "S0:G0:R0"},
]


def nurse(**changed: Any) -> dict[str, Any]:
    claims = {
        "sub": "910000000000",
        "authentication_assurance_level": "3",
        "selected_roleid": "222",
        "nhsid_nrbac_roles": ROLES_OF_NURSE,
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def test_nhs_staff_act_for_the_organisation_of_the_role_that_they_selected(issuers: Issuers) -> None:
    assert said(issuers, "NHS Care Identity", nurse()) == ("910000000000", "ods:QT1", "health")
    only = nurse(selected_roleid=None, nhsid_nrbac_roles=ROLES_OF_NURSE[:1])
    assert said(issuers, "NHS Care Identity", only)[1] == "ods:QJK"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"selected_roleid": None}, "no-single-entry"),
        ({"selected_roleid": "333"}, "no-single-entry"),
        ({"nhsid_nrbac_roles": []}, "no-single-entry"),
        ({"nhsid_nrbac_roles": None}, "no-single-entry"),
        ({"authentication_assurance_level": "2"}, "requirement"),
        ({"authentication_assurance_level": None}, "requirement"),
        ({"@entry": {"org_code": "QJK"}, "nhsid_nrbac_roles": None}, "no-single-entry"),
    ],
)
def test_nhs_staff_without_one_role_or_a_second_factor_are_refused(
    issuers: Issuers, changed: dict[str, Any], code: str
) -> None:
    assert refused(issuers, "NHS Care Identity", nurse(**changed)) == code


def test_a_family_member_is_nobody_but_themselves_and_with_two_factors(issuers: Issuers) -> None:
    claims = {"sub": "urn:fdc:gov.uk:2022:x", "vot": "Cl.Cm"}
    assert said(issuers, "GOV.UK One Login", claims) == ("urn:fdc:gov.uk:2022:x", "family", "family")
    assert refused(issuers, "GOV.UK One Login", {**claims, "vot": "Cl"}) == "requirement"
    provider = next(one for one in issuers.providers.values() if one.title == "GOV.UK One Login")
    assert provider.by_invitation


def test_a_council_account_has_the_one_role_of_the_platform_that_it_was_given(issuers: Issuers) -> None:
    claims = {"sub": "s", "typ": "Bearer", "org": "la:855", "roles": ["offline_access", "case-officer"]}
    assert said(issuers, "Council account", claims) == ("s", "la:855", "case-officer")
    assert refused(issuers, "Council account", {**claims, "roles": ["case-officer", "auditor"]}) == "ambiguous"
    table, issuer = mapping(issuers, "Council account")
    assert not table.principal(claims, issuer).is_system
    assert table.principal({**claims, "system": "true"}, issuer).is_system
    assert refused(issuers, "Council account", {**claims, "roles": ["family"]}) == "role"
    assert refused(issuers, "Council account", {**claims, "typ": "Refresh"}) == "requirement"


def test_an_issuer_says_only_what_it_may(tmp_path: Path) -> None:
    key = RSAKey.generate_key(3072, {"kid": "k"}).as_dict(private=False)
    stated = {
        "issuer": "i",
        "jwks": {"keys": [key]},
        "allowedRoles": ["health"],
        "allowedOrganisations": ["ods:", "la:855"],
    }
    (tmp_path / "i.json").write_text(json.dumps(stated))
    table = read_issuers(tmp_path, audience=AUDIENCE).access["i"].claims
    assert table.principal({"sub": "s", "org": "la:855", "role": "health"}, "i").organisation == "la:855"
    for wrong in ({"org": "la:8559"}, {"org": "la:936"}, {"role": "case-officer"}, {"org": "urn:199101"}):
        with pytest.raises(MappingFault):
            table.principal({"sub": "s", "org": "ods:QJK", "role": "health", **wrong}, "i")


@pytest.mark.parametrize(
    "fault",
    [
        {"jwks": {"keys": []}}, {"jwks": {"keys": "x"}}, {"algorithms": ["HS256"]}, {"algorithms": ["none"]},
        {"allowedRoles": ["minister"]}, {"jwksUri": "http://sign-in.example/keys", "jwks": ...}, {"jwksUri": "x"},
        {"claims": {"subject": [{"path": ["sub"]}]}}, {"unknown": 1}, {"issuer": ...},
        {"jwksUri": "https://user:password@sign-in.example/keys", "jwks": ...},
    ],
)  # fmt: skip
def test_a_configuration_that_is_wrong_is_refused_before_anything_starts(tmp_path: Path, fault: dict[str, Any]) -> None:
    key = RSAKey.generate_key(3072, {"kid": "k"}).as_dict(private=False)
    stated = {"issuer": "i", "jwks": {"keys": [key]}, **fault}
    (tmp_path / "i.json").write_text(json.dumps({name: value for name, value in stated.items() if value is not ...}))
    with pytest.raises(ConfigurationFault):
        read_issuers(tmp_path, audience=AUDIENCE)


def test_private_short_and_secret_keys_are_no_keys(tmp_path: Path) -> None:
    private = RSAKey.generate_key(3072, {"kid": "k"}).as_dict(private=True)
    short = {"kty": "RSA", "kid": "k", "e": "AQAB", "n": "w" * 171}
    secret = {"kty": "oct", "kid": "k", "k": "c2VjcmV0"}
    unnamed = {name: value for name, value in private.items() if name in ("kty", "n", "e")}
    for key in (private, short, secret, unnamed):
        (tmp_path / "i.json").write_text(json.dumps({"issuer": "i", "jwks": {"keys": [key]}}))
        with pytest.raises(ConfigurationFault):
            read_issuers(tmp_path, audience=AUDIENCE)


def test_rsa_keys_under_3072_bits_count_only_where_it_is_written_down_why(tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048, {"kid": "k"}).as_dict(private=False)
    padded = {**key, "n": "AAAA" * 43 + key["n"]}
    excused = {"leastBits": 2048, "why": "their keys are theirs to choose, until next year"}
    for held, more in ((key, {}), (padded, {}), (key, {"shortRsaKeys": {"leastBits": 2048}})):
        (tmp_path / "i.json").write_text(json.dumps({"issuer": "i", "jwks": {"keys": [held]}, **more}))
        with pytest.raises(ConfigurationFault):
            read_issuers(tmp_path, audience=AUDIENCE)
    (tmp_path / "i.json").write_text(json.dumps({"issuer": "i", "jwks": {"keys": [key]}, "shortRsaKeys": excused}))
    assert read_issuers(tmp_path, audience=AUDIENCE).access["i"].keys.named("k")
    clients = {"clientId": "c", "organisation": "ods:QJK", "role": "health", "jwks": {"keys": [key]}}
    (tmp_path / "clients.json").write_text(json.dumps({"clients": [clients]}))
    with pytest.raises(ConfigurationFault, match="3,072"):
        read_clients(tmp_path / "clients.json")


def test_our_own_key_for_signing_in_is_no_shorter(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "issuers", tmp_path / "issuers")
    (tmp_path / "keys").mkdir()
    short = RSAKey.generate_key(2048, {"kid": "k", "alg": "RS512"}).as_dict(private=True)
    (tmp_path / "keys" / "cis2.jwk").touch(mode=0o600)
    (tmp_path / "keys" / "cis2.jwk").write_text(json.dumps(short))
    with pytest.raises(ConfigurationFault, match="3,072"):
        read_issuers(tmp_path / "issuers" / "nhs-cis2.json", audience=AUDIENCE)


def test_the_example_clients_are_registered() -> None:
    clients = read_clients(EXAMPLES / "clients.example.json")
    assert {(one.organisation, one.role) for one in clients.values()} == {
        ("ods:QJK", "health"),
        ("urn:199101", "school"),
    }


# The realm was imported into Keycloak 26.4.5 and used; here it is held to the names of its parts, and to our claims.


def test_the_roles_of_tokens_are_those_of_the_matrix() -> None:
    matrix = json.loads((EXAMPLES.parents[1] / "schemas" / "access" / "matrix.json").read_text())
    assert set(matrix["roles"]) == ROLES


REALM = json.loads((EXAMPLES / "keycloak" / "ehcp-realm.json").read_text())
MAPPERS = {
    "oidc-amr-mapper": set(),
    "oidc-audience-mapper": {"included.custom.audience", "included.client.audience"},
    "oidc-hardcoded-claim-mapper": {"claim.name", "claim.value", "jsonType.label"},
    "oidc-sub-mapper": set(),
    "oidc-usermodel-attribute-mapper": {"user.attribute", "claim.name", "jsonType.label", "multivalued"},
    "oidc-usermodel-realm-role-mapper": {"claim.name", "jsonType.label", "multivalued"},
}
EVERYWHERE = {"id.token.claim", "access.token.claim", "userinfo.token.claim", "introspection.token.claim"}


def realm_mappers() -> list[dict[str, Any]]:
    return [mapper for part in (*REALM["clients"], *REALM["clientScopes"]) for mapper in part["protocolMappers"]]


def test_the_realm_has_the_shape_that_keycloak_documents() -> None:
    assert {role["name"] for role in REALM["roles"]["realm"]} == ROLES - {"family"}
    for mapper in realm_mappers():
        assert mapper["protocol"] == "openid-connect"
        assert mapper["config"].keys() <= MAPPERS[mapper["protocolMapper"]] | EVERYWHERE
        assert all(isinstance(value, str) for value in mapper["config"].values())
    known = {role["name"] for role in REALM["roles"]["realm"]}
    for scoped in REALM["scopeMappings"]:
        assert scoped["client"] in {client["clientId"] for client in REALM["clients"]}
        assert set(scoped["roles"]) <= known
    for client in REALM["clients"]:
        assert set(client["defaultClientScopes"]) <= {scope["name"] for scope in REALM["clientScopes"]}
        assert all(isinstance(value, str) for value in client["attributes"].values())


def test_every_client_of_the_realm_signs_and_none_has_a_weaker_way_in() -> None:
    for client in REALM["clients"]:
        assert client["clientAuthenticatorType"] == "client-jwt"
        assert client["attributes"]["token.endpoint.auth.signing.alg"] == "RS512"
        assert (client["attributes"]["use.jwks.string"], client["attributes"]["use.jwks.url"]) == ("true", "false")
        (key,) = json.loads(client["attributes"]["jwks.string"])["keys"]
        assert "d" not in key
        assert not client["publicClient"]
        assert not client["implicitFlowEnabled"]
        assert not client["directAccessGrantsEnabled"]
        assert not client["fullScopeAllowed"]
    people = next(client for client in REALM["clients"] if client["standardFlowEnabled"])
    assert people["attributes"]["pkce.code.challenge.method"] == "S256"
    assert people["redirectUris"] == [f"{AUDIENCE}/callback"]


def test_the_realm_tells_the_platform_whose_sessions_ended() -> None:
    people = next(client for client in REALM["clients"] if client["standardFlowEnabled"])
    assert people["attributes"]["backchannel.logout.url"] == f"{AUDIENCE}{PATH}"
    # With a session it would name one of them only when all of a person's are ended.
    assert people["attributes"]["backchannel.logout.session.required"] == "false"
    assert not people["frontchannelLogout"]


def test_the_realm_asks_for_two_factors_and_says_so_in_the_claim_that_is_demanded(issuers: Issuers) -> None:
    flows = {flow["alias"]: flow["authenticationExecutions"] for flow in REALM["authenticationFlows"]}
    said = {config["alias"]: config["config"]["default.reference.value"] for config in REALM["authenticatorConfig"]}
    (forms,) = [step["flowAlias"] for step in flows[REALM["browserFlow"]] if step["authenticatorFlow"]]
    assert {step["requirement"] for step in flows[forms]} == {"REQUIRED"}
    assert {step["authenticator"]: said[step["authenticatorConfig"]] for step in flows[forms]} == {
        "auth-username-password-form": "pwd",
        "auth-otp-form": "mfa",
    }
    (provider,) = [one for one in issuers.providers.values() if one.title == "Council account"]
    assert provider.second_factor.is_shown({"amr": ["pwd", "mfa"]})
    assert not provider.second_factor.is_shown({"amr": ["pwd"]})
    people = next(client for client in REALM["clients"] if client["standardFlowEnabled"])
    assert "oidc-amr-mapper" in {mapper["protocolMapper"] for mapper in people["protocolMappers"]}


def test_tokens_of_the_realm_are_for_the_platform_short_and_name_an_organisation_that_only_staff_can_change(
    issuers: Issuers,
) -> None:
    assert REALM["accessTokenLifespan"] == 600
    for client in REALM["clients"]:
        made = {mapper["config"].get("claim.name") for mapper in client["protocolMappers"]}
        assert {"org", "roles"} <= made
        assert ("system" in made) == client["serviceAccountsEnabled"]
        audiences = [mapper["config"].get("included.custom.audience") for mapper in client["protocolMappers"]]
        assert AUDIENCE in audiences
    (access,) = issuers.access.values()
    assert access.issuer.endswith(f"/realms/{REALM['realm']}")
    (profile,) = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    attributes = json.loads(profile["config"]["kc.user.profile.config"][0])["attributes"]
    assert [one["permissions"]["edit"] for one in attributes if one["name"] == "org"] == [["admin"]]
