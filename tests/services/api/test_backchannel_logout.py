"""A provider says that somebody has signed out there: which sessions end here, and what is no such word of its."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.testclient import TestClient

from connectors.identity.logout_token import EVENT
from services.api.app import create_app
from services.api.forms import FORM
from services.bootstrap import Platform, open_platform
from services.settings import Settings
from tests.support.browser import HOST, Browser, platform_at
from tests.support.identity import ec_signer
from tests.support.provider import CLIENT, FictionalProvider, configured, fictional_provider

PATH = "/backchannel-logout"
LATE = 4_000_000_000


@pytest.fixture
def provider() -> Iterator[FictionalProvider]:
    with fictional_provider() as made:
        yield made


@pytest.fixture
def platform(tmp_path: Path, provider: FictionalProvider, request: pytest.FixtureRequest) -> Iterator[Platform]:
    issuers = configured(tmp_path, provider.entry(**getattr(request, "param", {})))
    with platform_at(tmp_path, issuers) as opened:
        yield opened


@pytest.fixture
def browser(platform: Platform, provider: FictionalProvider) -> Browser:
    """Signed in, in the provider's session s-1."""
    made = Browser(platform, provider)
    sign_in(made, sid="s-1")
    return made


def sign_in(browser: Browser, sid: str | None) -> None:
    browser.provider.changed = {"sid": sid}
    browser.sign_in()


def tell(browser: Browser, token: str, **more: str) -> httpx.Response:
    answer: httpx.Response = browser.http.post(PATH, data={"logout_token": token, **more})
    return answer


def is_in(browser: Browser) -> bool:
    return browser.get("/session").status_code == 200


def test_a_session_ends_when_its_provider_says_so(browser: Browser, provider: FictionalProvider) -> None:
    assert is_in(browser)
    answer = tell(browser, provider.logout_token(sid="s-1"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert "no-store" in answer.headers["Cache-Control"]
    assert not is_in(browser)


def test_one_session_ends_and_those_of_the_same_person_elsewhere_go_on(
    browser: Browser, platform: Platform, provider: FictionalProvider
) -> None:
    elsewhere = Browser(platform, provider)
    sign_in(elsewhere, sid="s-2")
    tell(browser, provider.logout_token(sid="s-2", sub=None))
    assert (is_in(browser), is_in(elsewhere)) == (True, False)
    assert browser.get("/session").json()["sessions"] == 1
    tell(browser, provider.logout_token(sid="s-1"))
    assert not is_in(browser)


def test_without_a_session_all_of_the_person_end(
    browser: Browser, platform: Platform, provider: FictionalProvider
) -> None:
    elsewhere, stranger = Browser(platform, provider), Browser(platform, provider)
    sign_in(elsewhere, sid=None)
    provider.person["sub"] = "somebody-else"
    sign_in(stranger, sid="s-3")
    tell(browser, provider.logout_token(sub="person-1"))
    assert [is_in(one) for one in (browser, elsewhere, stranger)] == [False, False, True]


def test_a_session_of_which_the_provider_named_none_of_its_own_ends_with_any_of_the_person(
    browser: Browser, platform: Platform, provider: FictionalProvider
) -> None:
    elsewhere = Browser(platform, provider)
    sign_in(elsewhere, sid=None)
    tell(browser, provider.logout_token(sid="s-9"))
    assert (is_in(browser), is_in(elsewhere)) == (True, False)


def test_somebody_elses_session_does_not_end_by_its_name_alone(browser: Browser, provider: FictionalProvider) -> None:
    assert tell(browser, provider.logout_token(sid="s-1", sub="somebody-else")).status_code == 200
    assert is_in(browser)


def test_one_sign_out_ends_every_session_that_rests_on_it(
    browser: Browser, platform: Platform, provider: FictionalProvider
) -> None:
    second_tab = Browser(platform, provider)
    sign_in(second_tab, sid="s-1")
    tell(browser, provider.logout_token(sid="s-1"))
    assert (is_in(browser), is_in(second_tab)) == (False, False)


def test_who_was_signed_out_signs_in_again(browser: Browser, provider: FictionalProvider) -> None:
    tell(browser, provider.logout_token(sid="s-1", iat=int(time.time()) - 5))
    sign_in(browser, sid="s-1")
    assert is_in(browser)


@pytest.mark.parametrize("said", [{"sid": "s-1"}, {"sid": "s-1", "sub": None}, {}])
def test_a_sign_in_that_is_being_completed_begins_no_session_after_the_sign_out(
    platform: Platform, provider: FictionalProvider, said: dict[str, Any]
) -> None:
    browser = Browser(platform, provider)
    now = int(time.time())
    sent = browser.login()
    assert tell(browser, provider.logout_token(**said, iat=now)).status_code == 200
    provider.changed = {"sid": "s-1", "iat": now - 1}
    assert browser.come_back(sent).status_code == 403
    assert not is_in(browser)


def test_nothing_to_end_is_no_fault(browser: Browser, provider: FictionalProvider) -> None:
    assert tell(browser, provider.logout_token(sub="nobody-here")).status_code == 200
    assert tell(browser, provider.logout_token(sid="s-8", sub=None)).status_code == 200
    assert is_in(browser)


FAULTS: list[dict[str, Any]] = [
    {"iss": "https://another.example"}, {"iss": None}, {"iss": [HOST]}, {"aud": "another-client"}, {"aud": None},
    {"aud": [CLIENT, "another"]}, {"aud": []}, {"iat": None}, {"iat": LATE, "exp": LATE + 60},
    {"iat": "soon"}, {"exp": None}, {"exp": 1_700_000_000}, {"exp": LATE}, {"jti": None}, {"jti": ""},
    {"jti": 1}, {"jti": "a b"}, {"jti": "x" * 256}, {"events": None}, {"events": {}}, {"events": EVENT},
    {"events": [EVENT]}, {"events": {EVENT: None}}, {"events": {EVENT: "yes"}}, {"events": {f"{EVENT}s": {}}},
    {"nonce": "n"}, {"nonce": ""}, {"sub": None}, {"sub": ""}, {"sub": 1}, {"sub": ["person-1"]}, {"sid": ""},
    {"sid": {}}, {"sid": "x" * 256}, {"sub": "person-1\x00"}, {"type_": "JWT"}, {"type_": "at+jwt"},
    {"type_": "secevent+jwt"}, {"nbf": LATE},
]  # fmt: skip


def test_what_is_no_logout_token_ends_nothing(browser: Browser, provider: FictionalProvider) -> None:
    for fault in FAULTS:
        answer = tell(browser, provider.logout_token(**fault))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), fault
        assert "no-store" in answer.headers["Cache-Control"]
    assert is_in(browser)


def test_a_logout_token_under_another_key_ends_nothing(browser: Browser, provider: FictionalProvider) -> None:
    for another in (ec_signer(provider.base, "key-1"), ec_signer(provider.base, "key-2")):
        assert tell(browser, provider.logout_token(by=another)).status_code == 400
    assert is_in(browser)


def test_an_id_token_is_no_logout_token(browser: Browser, provider: FictionalProvider) -> None:
    assert tell(browser, provider.id_token("n")).status_code == 400
    assert is_in(browser)


def test_a_logout_token_counts_once(browser: Browser, provider: FictionalProvider) -> None:
    token = provider.logout_token(sid="s-1", iat=int(time.time()) - 5)
    assert tell(browser, token).status_code == 200
    sign_in(browser, sid="s-1")
    assert tell(browser, token).status_code == 400
    assert is_in(browser)


def test_a_token_that_was_refused_is_not_used_up(browser: Browser, provider: FictionalProvider) -> None:
    assert tell(browser, provider.logout_token(jti="one", nonce="n")).status_code == 400
    assert tell(browser, provider.logout_token(jti="one")).status_code == 200
    assert not is_in(browser)


@pytest.mark.parametrize("platform", [{"signIn": {"logoutTokenTypes": ["logout+jwt", "JWT"]}}], indirect=True)
def test_a_provider_that_does_not_type_its_tokens_is_taken_at_its_word_where_that_is_configured(
    browser: Browser, provider: FictionalProvider
) -> None:
    assert tell(browser, provider.id_token("n")).status_code == 400
    assert tell(browser, provider.logout_token(type_="at+jwt")).status_code == 400
    assert is_in(browser)
    assert tell(browser, provider.logout_token(type_="JWT")).status_code == 200
    assert not is_in(browser)


@pytest.mark.parametrize("platform", [{"claims": {
    "subject": [{"path": ["employee"]}], "organisation": [{"path": ["org"]}], "role": [{"path": ["role"]}]
}}], indirect=True)  # fmt: skip
def test_the_provider_names_people_by_its_own_subject_whatever_they_are_called_here(
    platform: Platform, provider: FictionalProvider
) -> None:
    provider.person["employee"] = "4711"
    browser = Browser(platform, provider)
    sign_in(browser, sid="s-1")
    tell(browser, provider.logout_token(sub="4711"))
    assert is_in(browser)
    tell(browser, provider.logout_token(sub="person-1"))
    assert not is_in(browser)


def test_what_is_no_form_with_one_token_ends_nothing(browser: Browser, provider: FictionalProvider) -> None:
    token = provider.logout_token()
    right = urlencode({"logout_token": token})
    sent = [
        ("", FORM), (right, "application/json"), (f"{right}&{right}", FORM), (f"{right}&x=" + "y" * 9_000, FORM),
        ("logout_token=", FORM), (f"token={token}", FORM), (f"{right}&logout_token=%FF", FORM), ("&" * 99, FORM),
    ]  # fmt: skip
    for content, media_type in sent:
        answer = browser.http.post(PATH, content=content, headers={"Content-Type": media_type})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), content[:40]
    assert browser.http.get(PATH, params={"logout_token": token}).status_code == 405
    assert is_in(browser)
    assert tell(browser, token, more="is ignored").status_code == 200


def test_a_session_ends_after_a_restart_too(provider: FictionalProvider, platform: Platform, browser: Browser) -> None:
    held = browser.http.cookies["__Host-ehcp-session"]
    platform.close()
    opened = open_platform(platform.settings)
    try:
        again = Browser(opened, provider)
        assert tell(again, provider.logout_token(sid="s-1")).status_code == 200
        again.http.cookies.set("__Host-ehcp-session", held, domain="ehcp.example")
        assert not is_in(again)
    finally:
        opened.close()


def test_no_file_says_whom_a_provider_signed_out(browser: Browser, provider: FictionalProvider, tmp_path: Path) -> None:
    provider.person["sub"] = "Morwenna-Quillfeather"
    sign_in(browser, sid="Session-Of-Morwenna")
    tell(browser, provider.logout_token(sid="Session-Of-Morwenna"))
    files = [path for path in (tmp_path / "record").rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not any(b"Morwenna" in path.read_bytes() for path in files)


def test_where_nobody_can_sign_in_there_is_no_such_address(tmp_path: Path) -> None:
    opened = open_platform(Settings(database_url=f"sqlite:///{tmp_path}/record/record.sqlite"))
    with TestClient(create_app(opened)) as http:
        assert http.post(PATH, data={"logout_token": "x"}).status_code == 404
