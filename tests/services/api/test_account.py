"""The pages that people see: signing in and out is at hand, and nothing in them is anything but text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.bootstrap import Platform
from tests.support.browser import Browser, platform_at
from tests.support.provider import FictionalProvider, configured, fictional_provider

MARKUP = '"><script>alert(1)</script>&amp;'


@pytest.fixture
def provider() -> Iterator[FictionalProvider]:
    with fictional_provider() as made:
        yield made


@pytest.fixture
def platform(tmp_path: Path, provider: FictionalProvider) -> Iterator[Platform]:
    issuers = configured(tmp_path, provider.entry(title=f"A council {MARKUP}"))
    with platform_at(tmp_path, issuers) as opened:
        yield opened


@pytest.fixture
def browser(platform: Platform, provider: FictionalProvider) -> Browser:
    return Browser(platform, provider)


def forms(page: str) -> list[dict[str, str]]:
    """What each form of a page sends to /logout, by the label of its button."""
    found = []
    for content in re.findall(r'<form method="post" action="/logout">(.*?)</form>', page):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', content))
        (label,) = re.findall(r"<button>([^<]*)</button>", content)
        found.append({name: unescape(value) for name, value in fields.items()} | {"label": label})
    return found


def press(browser: Browser, form: dict[str, str]) -> Any:
    return browser.write("/logout", None, **{name: value for name, value in form.items() if name != "label"})


def test_signing_out_is_at_hand_on_every_page_that_needs_a_session(browser: Browser) -> None:
    browser.sign_in()
    addresses = {
        str(route.path) for route in iter_route_contexts(browser.http.app.routes) if "GET" in (route.methods or ())
    }  # type: ignore[attr-defined]
    answers = {path: browser.get(path) for path in addresses if path and "{" not in path}
    pages = {path: one.text for path, one in answers.items() if "html" in one.headers.get("content-type", "")}
    assert "/account" in pages
    for page in pages.values():
        assert page.index("<button>Sign out</button>") < page.index("<main>")
    held = browser.http.cookies["__Host-ehcp-session"]
    first, *_ = forms(pages["/account"])
    assert press(browser, first).headers["Location"].startswith(f"{browser.provider.base}/logout")
    browser.http.cookies.set("__Host-ehcp-session", held, domain="ehcp.example")
    assert browser.get("/session").status_code == 401


def test_whoever_is_not_signed_in_sees_the_ways_in_and_no_more(browser: Browser) -> None:
    assert browser.get("/").headers["Location"] == "/account"
    answer = browser.get("/account")
    (way,) = re.findall(r'<a href="([^"]*)">', answer.text)
    assert "Sign out" not in answer.text
    answer = browser.come_back(browser.get(unescape(way)))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "You are signed in as school of urn:199101." in browser.get("/account").text


def test_somebody_ends_another_session_of_theirs_from_the_page(browser: Browser, platform: Platform) -> None:
    elsewhere = Browser(platform, browser.provider)
    elsewhere.sign_in()
    (own,) = (one["session"] for one in elsewhere.get("/session").json()["open"])
    browser.sign_in()
    ends = [form for form in forms(browser.get("/account").text) if form["label"] == "End"]
    assert len(ends) == 2
    answer = press(browser, next(form for form in ends if form["session"] == own))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert elsewhere.get("/session").status_code == 401
    everywhere = next(form for form in forms(browser.get("/account").text) if form["label"] == "Sign out everywhere")
    assert press(browser, everywhere).status_code == 303
    assert browser.get("/session").status_code == 401


def test_what_is_shown_is_text_and_nothing_is_loaded_run_or_framed(browser: Browser) -> None:
    for signed_in in (False, True):
        if signed_in:
            browser.sign_in()
        answer = browser.get("/account")
        assert "<script" not in answer.text
        policy = answer.headers["Content-Security-Policy"].split("; ")
        wanted = {"default-src 'none'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"}
        assert wanted <= set(policy)
        assert not [part for part in policy if part.startswith(("script-src", "connect-src", "img-src"))]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        (forms_to,) = [part for part in policy if part.startswith("form-action")]
        assert forms_to == f"form-action 'self'{f' {browser.provider.base}' if signed_in else ''}"


def test_a_title_with_markup_is_shown_as_it_is_written(browser: Browser) -> None:
    (shown,) = re.findall(r"<li><a [^>]*>(.*?)</a></li>", browser.get("/account").text)
    assert "<" not in shown
    assert unescape(shown) == f"A council {MARKUP}"


def test_nobody_is_led_to_another_site_from_the_page(browser: Browser) -> None:
    csrf = browser.sign_in()["csrfToken"]
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = browser.write("/logout", csrf, session="0" * 16, goes_to=elsewhere)
        assert (answer.status_code, "Location" in answer.headers) == (204, False)
