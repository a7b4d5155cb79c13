"""People sign in with a browser at a provider: what leads to a session, what doesn't, and how a session ends."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.identity.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, Sessions
from services.settings import Settings
from services.store.family_links import FamilyLink
from tests.support.browser import HOST, Browser, platform_at
from tests.support.identity import ec_signer
from tests.support.provider import CLIENT, SECRET, FictionalProvider, configured, fictional_provider

FAMILY = {
    "subject": [{"path": ["sub"]}],
    "organisation": [{"constant": "family"}],
    "role": [{"constant": "family"}],
}


@pytest.fixture
def provider() -> Iterator[FictionalProvider]:
    with fictional_provider() as made:
        yield made


@pytest.fixture
def platform(tmp_path: Path, provider: FictionalProvider, request: pytest.FixtureRequest) -> Iterator[Platform]:
    more = getattr(request, "param", {})
    written = json.dumps(provider.entry(**more)).replace("USERINFO", f"{provider.base}/userinfo")
    issuers = configured(tmp_path, json.loads(written))
    with platform_at(tmp_path, issuers) as opened:
        yield opened


@pytest.fixture
def browser(platform: Platform, provider: FictionalProvider) -> Browser:
    return Browser(platform, provider)


by_invitation = pytest.mark.parametrize(
    "platform", [{"signIn": {"byInvitation": True}, "claims": FAMILY}], indirect=True
)
with_userinfo = pytest.mark.parametrize("platform", [{"signIn": {"userinfoEndpoint": "USERINFO"}}], indirect=True)


def test_who_signs_in_has_a_session_of_what_the_provider_says(browser: Browser) -> None:
    session = browser.sign_in()
    assert (session["organisation"], session["role"], session["sessions"]) == ("urn:199101", "school", 1)
    assert len(session["csrfToken"]) >= 43


def test_the_browser_is_sent_with_pkce_state_and_nonce(browser: Browser) -> None:
    sent = browser.login()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"] == f"{HOST}/callback"
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    again = parse_qs(urlsplit(browser.login().headers["Location"]).query)
    assert asked["state"] != again["state"][0]
    browser.come_back(sent)  # the browser has begun anew since: its first attempt no longer counts
    assert browser.get("/session").status_code == 401


def test_the_platform_shows_the_provider_who_it_is(browser: Browser, provider: FictionalProvider) -> None:
    browser.sign_in()
    (form,) = provider.forms
    assert form["authorization"] == "Basic " + b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    assert "client_secret" not in form


def test_cookies_are_kept_from_scripts_and_from_other_sites(browser: Browser) -> None:
    answer = browser.come_back(browser.login())
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-ehcp-")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("platform", "without"),
    [({"signIn": {"answersWithIssuer": True}}, 401), ({"signIn": {"answersWithIssuer": False}}, 200)],
    indirect=["platform"],
)
def test_a_provider_that_always_says_who_it_is_is_not_believed_without(browser: Browser, without: int) -> None:
    sent = browser.login()
    said = browser.provider.consent(sent.headers["Location"])
    browser.get("/callback", **{name: value for name, value in said.items() if name != "iss"})
    assert browser.get("/session").status_code == without
    assert browser.sign_in()


@pytest.mark.parametrize(
    "fault",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another-client"}, {"aud": [CLIENT, "another"]},
        {"iss": "https://another.example"}, {"exp": 1_700_000_000}, {"azp": "another"}, {"iat": None},
        {"org": None}, {"role": "minister"}, {"sub": None},
    ],
)  # fmt: skip
def test_a_statement_that_is_not_for_this_attempt_signs_nobody_in(
    browser: Browser, provider: FictionalProvider, fault: dict[str, Any]
) -> None:
    provider.changed = fault
    answer = browser.come_back(browser.login())
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "sign-in-failed")
    assert browser.get("/session").status_code == 401


@pytest.mark.parametrize(
    "platform", [{"signIn": {"secondFactor": [{"path": ["amr"], "values": ["mfa", "hwk"]}]}}], indirect=True
)
def test_who_has_not_shown_the_second_factor_that_is_demanded_is_not_signed_in(
    browser: Browser, provider: FictionalProvider
) -> None:
    for methods in (None, [], ["pwd"], "MFA", [["mfa"]]):
        provider.changed = {"amr": methods}
        assert browser.come_back(browser.login()).status_code == 403
        assert browser.get("/session").status_code == 401
    provider.changed = {"amr": ["pwd", "hwk"]}
    assert browser.sign_in()["role"] == "school"


def test_a_statement_under_another_key_signs_nobody_in(browser: Browser, provider: FictionalProvider) -> None:
    provider.signs_with = ec_signer(provider.base, "key-1")
    assert browser.come_back(browser.login()).status_code == 403


@pytest.mark.parametrize("changed", [{"state": "x"}, {"iss": "https://mix-up.example"}, {"code": "x"}, {"error": "x"}])
def test_an_answer_that_is_not_the_providers_signs_nobody_in(browser: Browser, changed: dict[str, str]) -> None:
    assert browser.come_back(browser.login(), **changed).status_code == 403


def test_an_answer_counts_only_in_the_browser_that_began(browser: Browser, platform: Platform) -> None:
    victim, attacker = browser, Browser(platform, browser.provider)
    answer = attacker.provider.consent(attacker.login().headers["Location"])
    assert victim.get("/callback", **answer).status_code == 403
    victim.login()
    assert victim.get("/callback", **answer).status_code == 403
    assert attacker.get("/callback", **answer).status_code == 303


def test_an_attempt_is_used_once(browser: Browser) -> None:
    sent = browser.login()
    attempt = browser.http.cookies["__Host-ehcp-attempt"]
    assert browser.come_back(sent).status_code == 303
    browser.http.cookies.set("__Host-ehcp-attempt", attempt, domain="ehcp.example")
    assert browser.come_back(sent).status_code == 403


def test_a_provider_that_is_down_signs_nobody_in_and_nothing_breaks(
    browser: Browser, provider: FictionalProvider
) -> None:
    sent = browser.login()
    provider.is_down = True
    assert browser.come_back(sent).status_code == 403


def test_an_unknown_way_to_sign_in_leads_nowhere(browser: Browser) -> None:
    assert browser.get("/login", issuer="https://another.example").status_code == 404


@pytest.mark.parametrize("goes_to", ["//evil.example", "/\\evil.example", "https://evil.example", "plans", "/a?b=//c"])
def test_nobody_is_led_to_another_site(browser: Browser, goes_to: str) -> None:
    assert browser.come_back(browser.login(goes_to=goes_to)).headers["Location"] == "/"


def test_who_signs_in_again_has_a_new_session_and_the_old_one_is_gone(browser: Browser) -> None:
    browser.sign_in()
    old = browser.http.cookies["__Host-ehcp-session"]
    assert browser.sign_in()["sessions"] == 1
    assert browser.http.cookies["__Host-ehcp-session"] != old
    browser.http.cookies.set("__Host-ehcp-session", old, domain="ehcp.example")
    assert browser.get("/session").status_code == 401


def test_a_session_is_no_bearer_token_and_opens_no_api(browser: Browser) -> None:
    browser.sign_in()
    assert browser.get("/v1/plans").status_code == 401
    held = browser.http.cookies["__Host-ehcp-session"]
    assert browser.http.get("/v1/plans", headers={"Authorization": f"Bearer {held}"}).status_code == 401


@pytest.mark.parametrize("csrf", [None, "", "x" * 43])
def test_a_write_needs_the_token_of_the_session(browser: Browser, csrf: str | None) -> None:
    browser.sign_in()
    assert browser.write("/logout", csrf).status_code == 403
    assert browser.get("/session").status_code == 200


def test_the_token_of_another_session_is_not_enough(browser: Browser, platform: Platform) -> None:
    other = Browser(platform, browser.provider).sign_in()["csrfToken"]
    browser.sign_in()
    assert browser.write("/logout", other).status_code == 403


def test_signing_out_ends_the_session_here_and_at_the_provider(browser: Browser, provider: FictionalProvider) -> None:
    csrf = browser.sign_in()["csrfToken"]
    held = browser.http.cookies["__Host-ehcp-session"]
    answer = browser.write("/logout", None, csrf_token=csrf)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{provider.base}/logout?id_token_hint=")
    browser.http.cookies.set("__Host-ehcp-session", held, domain="ehcp.example")
    assert browser.get("/session").status_code == 401


def test_somebody_can_end_all_their_sessions(browser: Browser, platform: Platform) -> None:
    elsewhere = Browser(platform, browser.provider)
    elsewhere.sign_in()
    session = browser.sign_in()
    assert session["sessions"] == 2
    browser.write("/logout", session["csrfToken"], everywhere="true")
    assert elsewhere.get("/session").status_code == 401


def test_somebody_sees_their_sessions_and_ends_one_of_them(browser: Browser, platform: Platform) -> None:
    elsewhere = Browser(platform, browser.provider)
    elsewhere.sign_in()
    (other,) = elsewhere.get("/session").json()["open"]
    session = browser.sign_in()
    assert other["session"] in {one["session"] for one in session["open"]}
    assert len(session["open"]) == 2
    assert browser.write("/logout", session["csrfToken"], session="0" * 16).status_code == 204
    assert elsewhere.get("/session").status_code == 200
    assert browser.write("/logout", session["csrfToken"], session=other["session"]).status_code == 204
    assert elsewhere.get("/session").status_code == 401
    assert browser.get("/session").json()["sessions"] == 1


def test_a_session_of_somebody_else_is_not_ended(browser: Browser, platform: Platform) -> None:
    stranger = Browser(platform, browser.provider)
    session = browser.sign_in()
    handle = session["open"][0]["session"]
    browser.provider.person["sub"] = "somebody-else"
    other = stranger.sign_in()
    assert stranger.write("/logout", other["csrfToken"], session=handle).status_code == 204
    assert browser.get("/session").status_code == 200


@pytest.mark.parametrize("form", [{"everywhere": "true"}, {"session": "0" * 16}])
def test_to_end_other_sessions_one_signs_in_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    session = browser.sign_in()
    monkeypatch.setattr("services.api.sign_in.RECENT_SECONDS", -1)
    answer = browser.write("/logout", session["csrfToken"], **form)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "sign-in-again")
    assert browser.get("/session").status_code == 200


def test_sessions_end_with_the_access_of_their_person(browser: Browser, platform: Platform) -> None:
    browser.sign_in()
    issuer, subject = browser.provider.base, browser.provider.person["sub"]
    scope = platform.endings.scope_of_person(issuer, subject)
    platform.endings.end(scope, datetime.now(UTC), "left", actor="operator:test")
    assert browser.get("/session").status_code == 401


@by_invitation
def test_a_session_ends_with_the_link_that_it_rests_on(browser: Browser, platform: Platform) -> None:
    plan, now = uuid4(), int(time.time())
    links = platform.store.family_links
    links.invite("c" * 24, FamilyLink(plan=plan, contact="contact-1"), now=now, until=now + 900)
    assert browser.sign_in(invitation="c" * 24)["planId"] == str(plan)
    links.forget(plan, "contact-1")
    assert browser.get("/session").status_code == 401


def test_a_session_ends_unused_and_at_the_end_of_the_day(browser: Browser, platform: Platform) -> None:
    begun = browser.sign_in()["ends"] - ABSOLUTE_SECONDS
    held = browser.http.cookies["__Host-ehcp-session"]
    sessions: Sessions = platform.signing_in.sessions
    assert sessions.find(held, begun + IDLE_SECONDS - 1) is not None
    assert sessions.find(held, begun + 2 * IDLE_SECONDS) is None
    for used in range(begun, begun + ABSOLUTE_SECONDS, IDLE_SECONDS // 2):
        assert sessions.find(held, used) is not None
    assert sessions.find(held, begun + ABSOLUTE_SECONDS) is None


def test_the_record_says_nothing_about_who_is_signed_in(browser: Browser, tmp_path: Path) -> None:
    browser.provider.person["sub"] = "Morwenna-Quillfeather"
    browser.sign_in()
    held = browser.http.cookies["__Host-ehcp-session"]
    files = [path for path in (tmp_path / "record").rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        content = path.read_bytes()
        assert b"Morwenna" not in content
        assert held.encode() not in content


@with_userinfo
def test_claims_may_come_from_userinfo_of_the_same_person(browser: Browser, provider: FictionalProvider) -> None:
    provider.person = {"sub": "person-1"}
    provider.userinfo = {"sub": "person-1", "org": "ods:QJK", "role": "health"}
    assert browser.sign_in()["role"] == "health"
    provider.userinfo["sub"] = "person-2"
    assert browser.come_back(browser.login()).status_code == 403


@by_invitation
def test_a_family_member_reads_the_plan_that_an_invitation_names(browser: Browser, platform: Platform) -> None:
    plan = uuid4()
    assert browser.come_back(browser.login()).status_code == 403
    platform.store.family_links.invite("i" * 32, FamilyLink(plan=plan, contact="contact-2"), now=1, until=2**33)
    session = browser.sign_in(invitation="i" * 32)
    assert (session["role"], session["planId"]) == ("family", str(plan))
    assert browser.sign_in()["planId"] == str(plan)
    assert browser.come_back(browser.login(invitation="i" * 32)).status_code == 403
    assert browser.come_back(browser.login(plan=str(uuid4()))).status_code == 403


def test_nobody_signs_in_where_no_provider_is_configured(tmp_path: Path) -> None:
    opened = open_platform(Settings(database_url=f"sqlite:///{tmp_path}/record/record.sqlite"))
    with TestClient(create_app(opened)) as http:
        for path in ("/login", "/callback", "/session"):
            assert http.get(path).status_code == 404
        assert http.post("/oauth2/token").status_code == 404


def test_the_configuration_is_no_secret_store(provider: FictionalProvider, tmp_path: Path) -> None:
    issuers = configured(tmp_path, provider.entry())
    (issuers / "secret").chmod(0o644)
    record = f"sqlite:///{tmp_path}/record/record.sqlite"
    with pytest.raises(ValueError, match="chmod 600"):
        open_platform(Settings(env="development", base_url=HOST, database_url=record, issuers=issuers))
    (issuers / "secret").chmod(0o600)
    with pytest.raises(ValueError, match="must begin with https"):
        open_platform(Settings(base_url=HOST, database_url=record, issuers=issuers))
    entry = json.loads((issuers / "0.json").read_text())
    (issuers / "0.json").write_text(json.dumps({**entry, "jwksUrl": "x"}))
    with pytest.raises(ValueError, match=r"0\.json"):
        open_platform(Settings(env="development", base_url=HOST, database_url=record, issuers=issuers))
