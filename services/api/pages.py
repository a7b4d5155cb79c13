"""The few pages that the platform shows people itself: plain HTML without scripts, that loads nothing.

A page that needs a session is made by `signed_in_page` and by nothing else: so there is none on which one couldn't
sign out (ASVS 5.0, 7.4.4). Whatever stands in it is escaped by whoever puts it there, with `text`.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import urlsplit

from fastapi import Response

from services.api.signed_in import CSRF_FIELD
from services.identity.sessions import Session

_STYLE: Final = (
    "body{font:1.19rem/1.5 Arial,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c}"
    "header{display:flex;justify-content:space-between;align-items:center;border-bottom:.6rem solid #1d70b8}"
    "button{font:inherit;padding:.4rem .8rem;cursor:pointer}form{display:inline}a{color:#1d70b8}"
    ":focus{outline:.2rem solid #0b0c0c;outline-offset:.1rem;background:#fd0}li{margin:.6rem 0}"
)
_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
SIGN_OUT: Final = "Sign out"


def text(value: object) -> str:
    """A value as text of a page or of an attribute: nothing in it is markup."""
    return escape(str(value))


def button(label: str, of: Session, **fields: str) -> str:
    """A form that sends these fields to /logout, with the token of a session."""
    said = {CSRF_FIELD: of.csrf, **fields}
    hidden = "".join(f'<input type="hidden" name="{text(name)}" value="{text(said[name])}">' for name in said)
    return f'<form method="post" action="/logout">{hidden}<button>{text(label)}</button></form>'


def signed_in_page(title: str, content: str, session: Session, leads_to: Iterable[str] = ()) -> Response:
    """A page for somebody who is signed in, with signing out at its top; `leads_to` are where that may lead on to."""
    return _page(title, content, button(SIGN_OUT, session), leads_to)


def open_page(title: str, content: str) -> Response:
    """A page that needs no session."""
    return _page(title, content, "", ())


def _page(title: str, content: str, at_hand: str, leads_to: Iterable[str]) -> Response:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)} - EHCP Exchange</title><style>{_STYLE}</style>"
    )
    body = f"<header><p>EHCP Exchange</p>{at_hand}</header><main><h1>{text(title)}</h1>{content}</main>"
    written = f'<!doctype html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'
    return Response(written, headers={"Content-Security-Policy": _policy(leads_to)}, media_type="text/html")


def _policy(leads_to: Iterable[str]) -> str:
    """Nothing is loaded or run; forms go to the platform, and on to where a provider signs people out."""
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, leads_to) if parts.netloc}
    targets = " ".join(["'self'", *sorted(origins)])
    return (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
