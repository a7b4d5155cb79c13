"""Signing of tokens and assertions: compact JWS with the algorithm and the id of the key in the header."""

from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from connectors.identity.jws import KEY_KINDS

_REGISTRY: Final = JWSRegistry(algorithms=[name for name in KEY_KINDS if name != "EdDSA"])


def signed(claims: Mapping[str, Any], key: Key, algorithm: str, *, type_: str = "JWT") -> str:
    """The claims as a token; the key has an id (kid)."""
    header = {"alg": algorithm, "kid": key.kid, "typ": type_}
    return jwt.encode(header, dict(claims), key, registry=_REGISTRY)
