"""Who is calling: the bearer token of the request, checked; without a valid one nothing with content answers."""

import time

from fastapi import Request

from connectors.identity.tokens import TokenChecker, TokenRefused
from domain.plan.acts import Actor
from services.api.problems import unauthorised


def caller_of(request: Request) -> Actor:
    """The actor that the token names. Raises Problem 401."""
    stated = request.headers.getlist("authorization")
    if len(stated) > 1:
        raise unauthorised("Send one Authorization header.")
    scheme, _, token = (stated[0] if stated else "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorised("Send a bearer token in the Authorization header.")
    checker: TokenChecker = request.app.state.platform.token_checker
    try:
        principal = checker.check(token.strip(), int(time.time()))
    except TokenRefused as refusal:
        raise unauthorised(str(refusal)) from None
    return Actor(
        subject=principal.subject,
        organisation=principal.organisation,
        role=principal.role,
        plan_id=principal.plan_id,
        contact_id=principal.contact_id,
    )
