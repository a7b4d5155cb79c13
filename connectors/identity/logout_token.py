"""Logout tokens (OpenID Connect Back-Channel Logout 1.0): a provider says, signed, that somebody's session there ended.

The order matters: a token is used up only when everything else about it is right, so that nobody but the provider can
use it up. Stricter than the specification where it leaves a choice: the type must be the one that the provider is
configured with, every token counts once, and none lasts longer than a few minutes.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from connectors.identity.assertions import SingleUse
from connectors.identity.fetched_keys import bring
from connectors.identity.jws import Signed, TokenRefused, read, verify
from connectors.identity.provider import Provider
from connectors.identity.tokens import LEEWAY_SECONDS, require_time

#: The member of `events` that makes a token a logout token (section 2.4).
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
#: The longest life of a logout token that is accepted, in seconds; two minutes are recommended (section 4).
LONGEST_LIFE: Final = 600
_ONCE: Final = re.compile(r"[\x21-\x7e]{1,255}")
_LONGEST_NAME: Final = 255


class SignedOut(Struct, frozen=True, kw_only=True):
    """Whose session ended at a provider: a person (`subject`), one session of theirs (`provider_session`), or both.

    What isn't stated is "". `issued` is the provider's time of it, in seconds since the epoch.
    """

    issuer: str
    subject: str
    provider_session: str
    issued: int


def signed_out(token: str, providers: Mapping[str, Provider], once: SingleUse, now: int) -> SignedOut:
    """What a valid logout token says, the token used up; may fetch the provider's keys, so not for an event loop.

    `providers` are those that may sign one, by the issuer's name; `now` in seconds since the epoch. Raises
    TokenRefused.
    """
    signed = read(token)
    name = signed.claims.get("iss")
    provider = providers.get(name) if isinstance(name, str) else None
    if provider is None:
        raise TokenRefused("issuer")
    bring(provider.keys, signed.key_id)
    claims = verify(signed, provider.keys, provider.algorithms)
    _require_type(signed, provider)
    _require_audience(claims, provider)
    require_time(claims, now, leeway=LEEWAY_SECONDS, longest_life=LONGEST_LIFE)
    _require_event(claims)
    subject, session = _name(claims, "sub"), _name(claims, "sid")
    if not subject and not session:
        raise TokenRefused("subject")
    _use_up(claims, provider.issuer, once)
    return SignedOut(issuer=provider.issuer, subject=subject, provider_session=session, issued=claims["iat"])


def _require_type(signed: Signed, provider: Provider) -> None:
    if signed.type not in provider.logout_token_types:
        raise TokenRefused("type")


def _require_audience(claims: Mapping[str, Any], provider: Provider) -> None:
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise TokenRefused("audience")


def _require_event(claims: Mapping[str, Any]) -> None:
    """A nonce would make an ID token of it, which is no logout token whatever else it says (section 2.4)."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise TokenRefused("event")
    if "nonce" in claims:
        raise TokenRefused("nonce")


def _name(claims: Mapping[str, Any], claim: str) -> str:
    if claim not in claims:
        return ""
    stated = claims[claim]
    if not isinstance(stated, str) or not 0 < len(stated) <= _LONGEST_NAME or not stated.isprintable():
        raise TokenRefused("subject")
    return stated


def _use_up(claims: Mapping[str, Any], issuer: str, once: SingleUse) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _ONCE.fullmatch(jti):
        raise TokenRefused("jti")
    if not once.use("logout-token", f"{issuer}\x00{jti}", claims["exp"] + LEEWAY_SECONDS):
        raise TokenRefused("replayed")
