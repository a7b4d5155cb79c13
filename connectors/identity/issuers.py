"""The trusted issuers of an installation, read from what the operator wrote down (schemas/identity/issuer.schema.json).

A file holds one issuer or a list of them; a folder holds such files. Files that an issuer names (a private key, a
secret) are looked for beside the file that names them.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson
from msgspec import Struct

from connectors.identity.claims import OWN_CLAIMS, ClaimMapping, Entry, Requirement, Source
from connectors.identity.configuration import ISSUER_SCHEMA, ConfigurationFault, checked, require_safe_address
from connectors.identity.fetched_keys import FetchedKeys
from connectors.identity.jws import Keys
from connectors.identity.keys import LEAST_RSA_BITS, KeysUnusable, public_keys
from connectors.identity.principal import ROLES
from connectors.identity.provider import Provider, lower_types, provider_of
from connectors.identity.tokens import ALGORITHMS, LONGEST_LIFE, TYPES, TrustedIssuer

_FORM: Final = '[{"issuer": "...", "jwks": {"keys": [...]}}]'


class Issuers(Struct, frozen=True, kw_only=True):
    """Who is trusted with access tokens, and where people sign in; both by the issuer's name."""

    access: Mapping[str, TrustedIssuer]
    providers: Mapping[str, Provider]


NO_ISSUERS: Final = Issuers(access={}, providers={})


def read_issuers(
    path: Path,
    *,
    audience: str,
    development: bool = False,
    complain: Callable[[str, str], None] = lambda _issuer, _code: None,
) -> Issuers:
    """The issuers that the file or folder states.

    `audience` is the platform's own address; in `development` a provider may be on this machine, without TLS, and
    no second factor is demanded by default; `complain` is told when keys can't be fetched. Raises ConfigurationFault.
    """
    access: dict[str, TrustedIssuer] = {}
    providers: dict[str, Provider] = {}
    for file in _files(path):
        for stated in _entries(file):
            checked(stated, ISSUER_SCHEMA, str(file))
            name = stated["issuer"]
            if name in access or name in providers:
                raise ConfigurationFault(f"{file} states the issuer {name} twice")
            keys = _keys(stated, file, loopback=development, complain=complain)
            mapping = _mapping(stated, file)
            if stated.get("accessTokens", {}) is not False:
                access[name] = _trusted(stated, keys, mapping, audience)
            if "signIn" in stated:
                providers[name] = provider_of(stated, keys, mapping, file, development=development)
    return Issuers(access=access, providers=providers)


def _files(path: Path) -> Iterable[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else (path,)


def _entries(file: Path) -> list[Any]:
    try:
        stated = orjson.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        text = f"EHCP_ISSUERS must name a JSON file of the form {_FORM}, or a folder of such: {file}"
        raise ConfigurationFault(f"{text} ({type(error).__name__}).") from None
    return stated if isinstance(stated, list) else [stated]


def _keys(stated: Any, file: Path, *, loopback: bool, complain: Callable[[str, str], None]) -> Keys:
    least_bits = stated.get("shortRsaKeys", {}).get("leastBits", LEAST_RSA_BITS)
    if "jwks" in stated:
        try:
            return public_keys(stated["jwks"], least_bits=least_bits)
        except KeysUnusable as unusable:
            raise ConfigurationFault(f"{file}/jwks: {unusable}") from None
    name = stated["issuer"]
    address = require_safe_address(stated["jwksUri"], f"{file}/jwksUri", loopback=loopback)
    return FetchedKeys(address, least_bits=least_bits, complain=lambda code: complain(name, code))


def _trusted(stated: Any, keys: Keys, mapping: ClaimMapping, audience: str) -> TrustedIssuer:
    tokens = stated.get("accessTokens", {})
    return TrustedIssuer(
        issuer=stated["issuer"],
        keys=keys,
        audiences=tuple(tokens.get("audiences", (audience,))),
        algorithms=tuple(stated.get("algorithms", ALGORITHMS)),
        types=lower_types(tokens.get("types", TYPES)),
        claims=mapping,
        longest_life=tokens.get("longestLifeSeconds", LONGEST_LIFE),
    )


def _mapping(stated: Any, file: Path) -> ClaimMapping:
    roles = frozenset(stated.get("allowedRoles", ()))
    if roles - ROLES:
        raise ConfigurationFault(f"{file}/allowedRoles: there is no role {', '.join(sorted(roles - ROLES))}")
    sources = OWN_CLAIMS.sources
    if "claims" in stated:
        sources = {
            field: tuple(msgspec.convert(source, Source) for source in listed)
            for field, listed in stated["claims"].items()
        }
    return ClaimMapping(
        sources=sources,
        entry=msgspec.convert(stated["entry"], Entry) if "entry" in stated else None,
        require=tuple(msgspec.convert(one, Requirement) for one in stated.get("require", ())),
        roles=roles,
        organisations=tuple(stated.get("allowedOrganisations", ())),
    )
