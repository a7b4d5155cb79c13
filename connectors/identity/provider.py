"""An OpenID Connect provider where people sign in: what the platform knows about it, all of it from the operator.

Nothing is discovered: an address that came over the network would be one more that somebody else can choose.
"""

import json
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from msgspec import Struct
from typing_extensions import override

from connectors.identity.claims import ClaimMapping
from connectors.identity.configuration import ConfigurationFault, require_safe_address
from connectors.identity.jws import KEY_KINDS, Keys, fits
from connectors.identity.keys import LEAST_RSA_BITS, rsa_bits
from connectors.identity.second_factor import SecondFactor, second_factor
from connectors.identity.tokens import ALGORITHMS

#: What a logout token calls itself (OpenID Connect Back-Channel Logout 1.0, section 2.4).
LOGOUT_TYPES: Final = ("logout+jwt",)
_OTHERS: Final = 0o077


class ClientSecret(Struct, frozen=True, kw_only=True):
    """A shared secret, sent by HTTP Basic or in the form."""

    secret: str
    basic: bool

    @override
    def __repr__(self) -> str:
        return "ClientSecret(...)"


class ClientKey(Struct, frozen=True, kw_only=True):
    """A private key that signs client assertions (private_key_jwt)."""

    key: Key
    algorithm: str

    def is_usable(self) -> bool:
        """Whether an assertion can be signed with it."""
        return (
            self.key.is_private
            and (self.key.key_type != "RSA" or rsa_bits(self.key.get("n")) >= LEAST_RSA_BITS)
            and self.key.kid is not None
            and self.algorithm in KEY_KINDS
            and fits(self.key, self.algorithm)
        )

    @override
    def __repr__(self) -> str:
        return "ClientKey(...)"


class Provider(Struct, frozen=True, kw_only=True):
    """Where people are sent to sign in, and how what comes back is checked."""

    issuer: str
    title: str
    keys: Keys
    algorithms: tuple[str, ...]
    claims: ClaimMapping
    client_id: str
    credential: ClientSecret | ClientKey
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    scopes: tuple[str, ...] = ("openid",)
    parameters: Mapping[str, str] = {}
    by_invitation: bool = False
    answers_with_issuer: bool = False
    logout_token_types: tuple[str, ...] = LOGOUT_TYPES
    second_factor: SecondFactor


def provider_of(stated: Any, keys: Keys, mapping: ClaimMapping, file: Path, *, development: bool) -> Provider:
    """The provider that an issuer's configuration describes; in development it may be on this machine, without TLS.

    Raises ConfigurationFault.
    """
    sign_in = stated["signIn"]

    def address(name: str) -> str:
        written = sign_in.get(name, "")
        return require_safe_address(written, f"{file}/signIn/{name}", loopback=development) if written else ""

    return Provider(
        issuer=stated["issuer"],
        title=stated.get("title", stated["issuer"]),
        keys=keys,
        algorithms=tuple(stated.get("algorithms", ALGORITHMS)),
        claims=mapping,
        client_id=sign_in["clientId"],
        credential=_credential(sign_in["clientAuthentication"], file),
        authorization_endpoint=address("authorizationEndpoint"),
        token_endpoint=address("tokenEndpoint"),
        userinfo_endpoint=address("userinfoEndpoint"),
        end_session_endpoint=address("endSessionEndpoint"),
        scopes=tuple(dict.fromkeys(("openid", *sign_in.get("scopes", ())))),
        parameters=sign_in.get("parameters", {}),
        answers_with_issuer=sign_in.get("answersWithIssuer", False),
        by_invitation=sign_in.get("byInvitation", False),
        second_factor=second_factor(sign_in.get("secondFactor"), mapping.roles, str(file), development=development),
        logout_token_types=lower_types(sign_in.get("logoutTokenTypes", LOGOUT_TYPES)),
    )


def lower_types(stated: Iterable[str]) -> tuple[str, ...]:
    """Types of tokens (typ) as they are compared: without case, and without "application/" (RFC 7515 section 4.1.9)."""
    return tuple(word.lower().removeprefix("application/") for word in stated)


def _credential(stated: Any, file: Path) -> ClientSecret | ClientKey:
    if stated["method"] == "private_key_jwt":
        return _client_key(_private_text(file.parent / stated["keyFile"]), file.parent / stated["keyFile"])
    secret = _private_text(file.parent / stated["secretFile"]).strip()
    return ClientSecret(secret=secret, basic=stated["method"] == "client_secret_basic")


def _client_key(content: str, path: Path) -> ClientKey:
    try:
        stated = json.loads(content)
        made = ClientKey(key=import_key(stated), algorithm=str(stated["alg"]))
    except (JoseError, ValueError, KeyError, TypeError):
        made = None
    if made is None or not made.is_usable():
        raise ConfigurationFault(
            f"{path} must hold a private key as JWK, with kid and alg; RSA: {LEAST_RSA_BITS:,} bits or more"
        )
    return made


def _private_text(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(f"{path} can't be read ({type(error).__name__})") from None
    if mode & _OTHERS:
        raise ConfigurationFault(f"{path} can be read by others (mode {mode:o}): run `chmod 600 {path}`")
    return content
