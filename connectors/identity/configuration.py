"""What an operator writes down about identity, checked against its published schema before anything is believed."""

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jsonschema_rs
import orjson

_SCHEMAS: Final = Path(__file__).resolve().parents[2] / "schemas" / "identity"
ISSUER_SCHEMA: Final = "issuer.schema.json"
CLIENTS_SCHEMA: Final = "clients.schema.json"


class ConfigurationFault(ValueError):
    """A file that can't be used; the text says which, where and why."""


def checked(stated: Any, schema: str, where: str) -> None:
    """Hold a configuration to its schema. Raises ConfigurationFault with the first fault and its place."""
    for error in _validator(schema).iter_errors(stated):
        place = "".join(f"/{part}" for part in error.instance_path)
        raise ConfigurationFault(f"{where}{place}: {error.message}")


def require_safe_address(address: str, where: str, *, loopback: bool) -> str:
    """An address that the platform may call or send people to: https, or with `loopback` this machine itself.

    Raises ConfigurationFault.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise ConfigurationFault(f"{where}: {address} is no address") from None
    if not host or (parts.scheme != "https" and not (loopback and is_loopback(host))):
        raise ConfigurationFault(f"{where}: {address} must begin with https://")
    return address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache
def _validator(schema: str) -> Any:
    return jsonschema_rs.validator_for(orjson.loads((_SCHEMAS / schema).read_bytes()))
