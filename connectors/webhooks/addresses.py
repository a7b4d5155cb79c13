"""To which hosts and addresses a message to a subscriber may go: those that the operator has agreed to.

Of these only to public addresses, and to others by a setting of its own. A subscriber names a host; what that resolves
to at the moment of connecting is what counts, and the connection is made to the very address that was checked.
"""

from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

ANY_HOST: Final = frozenset({"*"})
"""For an operator who agrees to every public host."""

LONGEST: Final = 500
"""How long the address of a webhook may be, in characters."""

_NAT64: Final = IPv6Network("64:ff9b::/96")


class AddressRefused(ValueError):
    """An address to which nothing is sent; the text says why in a sentence."""


def check_target(target: str, allowed: Sequence[Network] = (), hosts: Collection[str] = ANY_HOST) -> None:
    """Whether this can be the address of a webhook at all. Raises AddressRefused.

    `hosts` are names, or `*.` and a domain whose hosts are meant; an address in `allowed` needs no name. Without TLS
    only where the operator allows networks of its own, and then only into those (`may_reach`).
    """
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("This isn't a web address.") from None
    plain = bool(allowed) and parts.scheme == "http"
    if parts.scheme != "https" and not plain:
        raise AddressRefused("Give an address that begins with https://.")
    if not host or port == 0 or len(target) > LONGEST or not target.isascii() or not target.isprintable():
        raise AddressRefused("This isn't a web address.")
    if parts.username is not None or parts.password is not None or parts.fragment or " " in target:
        raise AddressRefused("Give an address without a user, a password or a fragment.")
    literal = _literal(host)
    if not _is_agreed(host, literal, allowed, hosts):
        raise AddressRefused("Nothing is sent to that host: agree on it with whoever runs this platform.")
    if literal is not None and not may_reach(literal, allowed, plain=plain):
        raise AddressRefused("Nothing is sent to that address: it isn't a public one.")


def _is_agreed(host: str, literal: Address | None, allowed: Sequence[Network], hosts: Collection[str]) -> bool:
    if literal is not None and _is_within(_meant(literal), allowed):
        return True
    name = host.lower().rstrip(".")
    return any(one in {"*", name} or (one.startswith("*.") and name.endswith(one[1:])) for one in hosts)


def may_reach(address: Address, allowed: Sequence[Network], *, plain: bool = False) -> bool:
    """Whether a message may go to this address; one without TLS only into a network that is allowed."""
    real = _meant(address)
    if _is_within(real, allowed):
        return True
    return not plain and real.is_global and not real.is_multicast and not real.is_reserved


def _is_within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to, where it leads to one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
