"""Signing in at an OpenID Connect provider: authorization code flow with PKCE (S256), state and nonce.

An attempt belongs to one browser: what was made for it (state, nonce, code verifier) goes with that browser, sealed,
and what comes back counts only beside it. So neither a stranger's code nor another provider's answer is ever taken.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from connectors.identity.claims import MappingFault
from connectors.identity.fetched_keys import bring
from connectors.identity.jws import TokenRefused, json_object, read, verify
from connectors.identity.outbound import ProviderUnavailable, get_bytes, post_form
from connectors.identity.principal import Principal
from connectors.identity.provider import ClientSecret, Provider
from connectors.identity.signing import signed
from connectors.identity.tokens import LEEWAY_SECONDS, require_time

#: How old a provider's statement that somebody has signed in may be, in seconds.
LONGEST_ID_TOKEN: Final = 24 * 3600
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ENTROPY_BYTES: Final = 32


class SignInFailed(Exception):
    """Nobody is signed in; `code` says why, for figures and logs."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class Attempt(Struct, frozen=True, kw_only=True):
    """What was made for one try at signing in; it goes with the browser and nowhere else."""

    issuer: str
    state: str
    nonce: str
    verifier: str
    goes_to: str
    begun: int
    invitation: str = ""
    plan: str = ""


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who has signed in, and the provider's statement of it, which signing out there asks for.

    `subject` and `provider_session` ("" if it isn't said) are the provider's own names for who and in which session
    there, by which it says that they have signed out; `issued` is its time of it, in seconds since the epoch.
    """

    principal: Principal
    id_token: str
    subject: str
    provider_session: str
    issued: int


def attempt(provider: Provider, now: int, *, goes_to: str = "/", invitation: str = "", plan: str = "") -> Attempt:
    """A new attempt: every secret of it is 256 bits from the system's source of randomness."""
    state, nonce, verifier = (secrets.token_urlsafe(_ENTROPY_BYTES) for _ in range(3))
    return Attempt(
        issuer=provider.issuer,
        state=state,
        nonce=nonce,
        verifier=verifier,
        goes_to=goes_to,
        begun=now,
        invitation=invitation,
        plan=plan,
    )


def address_of(provider: Provider, begun: Attempt, redirect_uri: str) -> str:
    """Where the browser is sent."""
    challenge = urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        **provider.parameters,
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return _with_query(provider.authorization_endpoint, asked)


def farewell(provider: Provider, id_token: str, back_to: str) -> str:
    """Where the browser is sent to sign out at the provider as well; "" when the provider has no such address."""
    if not provider.end_session_endpoint:
        return ""
    said = {"id_token_hint": id_token, "client_id": provider.client_id, "post_logout_redirect_uri": back_to}
    return _with_query(provider.end_session_endpoint, said)


def finish(provider: Provider, begun: Attempt, answer: dict[str, str], redirect_uri: str, now: int) -> Person:
    """Who has signed in, from the parameters with which the browser came back; calls the provider.

    Raises SignInFailed.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise SignInFailed("state")
    # Who says who it is (RFC 9207) always says so: an answer that doesn't may be another provider's.
    if answer.get("iss", "" if provider.answers_with_issuer else provider.issuer) != provider.issuer:
        raise SignInFailed("issuer")
    if "error" in answer or not answer.get("code"):
        raise SignInFailed("refused-by-provider")
    try:
        tokens = _redeemed(provider, answer["code"], begun.verifier, redirect_uri, now)
        stated = claims = _identity(provider, tokens.get("id_token"), begun.nonce, now)
        if provider.userinfo_endpoint:
            claims = {**_userinfo(provider, tokens.get("access_token"), stated, now), **stated}
        principal = provider.claims.principal(claims, provider.issuer)
    except (ProviderUnavailable, TokenRefused, MappingFault) as fault:
        raise SignInFailed(fault.code) from None
    if not provider.second_factor.is_shown(claims):
        raise SignInFailed("second-factor")
    session = stated.get("sid")
    return Person(
        principal=principal,
        id_token=tokens["id_token"],
        subject=stated["sub"],
        provider_session=session if isinstance(session, str) else "",
        issued=stated["iat"],
    )


def _redeemed(provider: Provider, code: str, verifier: str, redirect_uri: str, now: int) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    credential, auth = provider.credential, None
    if not isinstance(credential, ClientSecret):
        form |= {"client_assertion_type": _ASSERTION, "client_assertion": _assertion(provider, now)}
    elif credential.basic:
        auth = (provider.client_id, credential.secret)
    else:
        form["client_secret"] = credential.secret
    found = post_form(provider.token_endpoint, form, auth)
    if not isinstance(found, dict):
        raise ProviderUnavailable("malformed")
    return found


def _assertion(provider: Provider, now: int) -> str:
    credential = provider.credential
    if isinstance(credential, ClientSecret):
        raise TypeError("a shared secret signs nothing")
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": provider.token_endpoint,
        "jti": secrets.token_urlsafe(_ENTROPY_BYTES),
        "iat": now,
        "exp": now + 120,
    }
    return signed(claims, credential.key, credential.algorithm)


def _identity(provider: Provider, id_token: Any, nonce: str, now: int) -> dict[str, Any]:
    """The claims of an ID token that was made for this client and this attempt (OpenID Connect Core 3.1.3.7)."""
    token = read(id_token if isinstance(id_token, str) else "")
    bring(provider.keys, token.key_id)
    claims = verify(token, provider.keys, provider.algorithms)
    if token.type != "jwt":
        raise TokenRefused("type")
    if claims.get("iss") != provider.issuer:
        raise TokenRefused("issuer")
    audience = claims.get("aud")
    if audience not in (provider.client_id, [provider.client_id]):
        raise TokenRefused("audience")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise TokenRefused("audience")
    require_time(claims, now, leeway=LEEWAY_SECONDS, longest_life=LONGEST_ID_TOKEN)
    stated = claims.get("nonce")
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
        raise TokenRefused("nonce")
    if not isinstance(claims.get("sub"), str):
        raise TokenRefused("subject")
    return claims


def _userinfo(provider: Provider, access_token: Any, identity: dict[str, Any], now: int) -> dict[str, Any]:
    """More claims about the same person (Core 5.3); signed or plain, as the provider answers."""
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        raise ProviderUnavailable("malformed")
    content = get_bytes(provider.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
    found = _plain_or_signed(provider, content, now)
    if found.get("sub") != identity["sub"]:
        raise TokenRefused("subject")
    return found


def _plain_or_signed(provider: Provider, content: bytes, now: int) -> dict[str, Any]:
    if not content.lstrip().startswith(b"{"):
        try:
            claims = verify(read(content.decode().strip(), limit=64 * 1024), provider.keys, provider.algorithms)
        except UnicodeDecodeError:
            raise ProviderUnavailable("malformed") from None
        if claims.get("iss") != provider.issuer or claims.get("aud") not in (provider.client_id, [provider.client_id]):
            raise TokenRefused("audience")
        if "exp" in claims:
            require_time(claims, now, leeway=LEEWAY_SECONDS, longest_life=LONGEST_ID_TOKEN)
        return claims
    return json_object(content)


def _with_query(address: str, parameters: dict[str, str]) -> str:
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(parameters)}"
