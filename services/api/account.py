"""`/account`: who is signed in, where else they are, and signing out; for whoever isn't, the ways to sign in."""

import asyncio
import time
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from services.api.pages import button, open_page, signed_in_page, text
from services.api.signed_in import session_if_any
from services.identity.sessions import OpenSession, Session
from services.identity.signing_in import SigningIn

PATH = "/account"
_LONDON = ZoneInfo("Europe/London")

routes = APIRouter(include_in_schema=False)


@routes.get("/")
async def front() -> Response:
    """Where people arrive: after signing in or out, or by the bare address."""
    return Response(status_code=303, headers={"Location": PATH})


@routes.get(PATH)
async def account(request: Request) -> Response:
    """The page of a person's own sign-in; to whoever has none, the ways to sign in."""
    signing_in: SigningIn = request.app.state.platform.signing_in
    session = await session_if_any(request)
    if session is None:
        return open_page("Sign in", _ways(signing_in))
    others = await asyncio.to_thread(signing_in.sessions.open_of, session.principal, int(time.time()))
    leads_to = [provider.end_session_endpoint for provider in signing_in.providers.values()]
    return signed_in_page("Your sign-in", _own(session, others), session, leads_to)


def _ways(signing_in: SigningIn) -> str:
    """A provider each; where a family comes by invitation, the link in the council's letter leads there first."""
    links = (
        f'<li><a href="/login?{text(urlencode({"issuer": issuer, "goes_to": PATH}))}">{text(provider.title)}</a></li>'
        for issuer, provider in signing_in.providers.items()
    )
    return f"<ul>{''.join(links)}</ul>"


def _own(session: Session, others: tuple[OpenSession, ...]) -> str:
    who = f"<p>You are signed in as {text(session.principal.role)} of {text(session.principal.organisation)}.</p>"
    rows = "".join(f"<li>{_row(one, session)}</li>" for one in others)
    everywhere = button("Sign out everywhere", session, everywhere="true")
    again = "<p>To end other sessions you must have signed in within the last 15 minutes.</p>"
    return f"{who}<h2>Where you are signed in</h2><ul>{rows}</ul>{again}<p>{everywhere}</p>"


def _row(one: OpenSession, session: Session) -> str:
    since, used = (_moment(seconds) for seconds in (one.begun, one.seen))
    return f"since {since}, last used {used} {button('End', session, session=one.handle, goes_to=PATH)}"


def _moment(seconds: int) -> str:
    return text(f"{datetime.fromtimestamp(seconds, UTC).astimezone(_LONDON):%-d %B %Y, %H:%M}")
