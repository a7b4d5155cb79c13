"""Who is calling: the bearer token of the request, checked; without a valid one nothing with content answers.

Every token that isn't accepted gets the same answer, whatever is wrong with it: a forger learns nothing from trying.
Why it was refused is counted for those who run the platform.
"""

import logging
import time

from fastapi import Request
from prometheus_client import Counter

from connectors.identity.jws import TokenRefused
from connectors.identity.tokens import TokenChecker
from domain.plan.acts import Actor
from services.api.certificates import certificate_of
from services.api.problems import too_many, unauthorised

_log = logging.getLogger(__name__)
REFUSED = Counter("ehcp_tokens_refused", "Bearer tokens and client assertions that weren't accepted", ["reason"])


def caller_of(request: Request) -> Actor:
    """The actor that the token names. Raises Problem 401, and 429 for a caller that calls too often.

    What the directory has learnt, what was destroyed and which rules were adopted is looked up here, for every caller
    alike: not when there is a plan to decide on.
    """
    token = bearer_token(request.headers.getlist("authorization"))
    if token is None:
        raise unauthorised("Send a bearer token in one Authorization header.")
    checker: TokenChecker = request.app.state.platform.token_checker
    try:
        principal = checker.check(token, int(time.time()), certificate_of(request))
    except TokenRefused as refusal:
        note_refusal(refusal.code)
        raise unauthorised("This token isn't accepted.", error="invalid_token") from None
    wait = request.app.state.pace.wait_of((principal.issuer, principal.subject))
    if wait:
        raise too_many(wait)
    request.app.state.platform.directory.organisations()
    request.app.state.platform.certificates.look()
    request.app.state.platform.rules.look()
    return Actor(
        subject=principal.subject,
        organisation=principal.organisation,
        role=principal.role,
        plan_id=principal.plan_id,
        contact_id=principal.contact_id,
        issuer=principal.issuer,
        is_system=principal.is_system,
    )


def note_refusal(reason: str) -> None:
    """Count and log that a token or an assertion wasn't accepted, by the code of the reason."""
    REFUSED.labels(reason).inc()
    _log.info("a token was refused", extra={"reason": reason})


def bearer_token(stated: list[str]) -> str | None:
    """The token of the Authorization headers; None when there isn't exactly one, of that scheme, with a token."""
    scheme, _, token = (stated[0] if len(stated) == 1 else "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
