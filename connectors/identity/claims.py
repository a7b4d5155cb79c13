"""From an issuer's claims to the platform's words, by a table that the operator writes: no code per identity provider.

Each of subject, organisation, role, name, plan and contact has a list of sources; the first that gives a value counts.
A path leads through nested claims. `@entry` begins a path in the one element of a list that the table chooses, such as
the role that a member of NHS staff has selected. What an issuer may say at all is limited too: an NHS issuer that names
a council's case officer is not believed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from connectors.identity.principal import Principal, fault_of

ENTRY: Final = "@entry"
_ABSENT: Final = object()
_FIELDS: Final = ("subject", "organisation", "role", "name", "plan", "contact", "client")


class MappingFault(Exception):
    """The claims don't name a party as the table wants it; `code` says what is missing or not allowed."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class Requirement(Struct, frozen=True, kw_only=True):
    """A claim that must have one of these values, or a list with one of them in it."""

    path: tuple[str, ...]
    values: tuple[str | int | bool, ...]

    def is_met(self, claims: Mapping[str, Any]) -> bool:
        """Whether it has."""
        found = _at(claims, self.path)
        return any(_is_one_of(value, self.values) for value in (found if isinstance(found, list) else [found]))


class Source(Struct, frozen=True, kw_only=True):
    """Where a value may come from: a claim or a constant, perhaps translated, perhaps with a word before it.

    A claim must be text. With `values` it counts only when it is, or is a list that holds, one of the words there.
    `when` says which claims must hold.
    """

    path: tuple[str, ...] = ()
    constant: str = ""
    prefix: str = ""
    values: Mapping[str, str] | None = None
    when: tuple[Requirement, ...] = ()

    def value(self, claims: Mapping[str, Any]) -> str:
        """The value, "" when this source has none. Raises MappingFault when the claim is translated in two ways."""
        if not all(requirement.is_met(claims) for requirement in self.when):
            return ""
        if self.constant:
            return self.constant
        found = _at(claims, self.path)
        if self.values is None:
            return f"{self.prefix}{found}" if isinstance(found, str) and found else ""
        words = {str(word) for word in (found if isinstance(found, list) else [found]) if _is_word(word)}
        translated = {self.values[word] for word in words if word in self.values}
        if len(translated) > 1:
            raise MappingFault("ambiguous")
        return next((f"{self.prefix}{word}" for word in translated), "")


class Entry(Struct, frozen=True, kw_only=True):
    """Which element of a list counts: the only one, or that whose member `member` is the value at `chosen`."""

    path: tuple[str, ...]
    member: str = ""
    chosen: tuple[str, ...] = ()

    def element(self, claims: Mapping[str, Any]) -> Any:
        """The element. Raises MappingFault when it can't be told which."""
        listed = _at(claims, self.path)
        found = [element for element in listed if isinstance(element, dict)] if isinstance(listed, list) else []
        choice = _at(claims, self.chosen) if self.chosen else _ABSENT
        if choice is not _ABSENT:
            found = [element for element in found if element.get(self.member) == choice]
        if len(found) != 1:
            raise MappingFault("no-single-entry")
        return found[0]


class ClaimMapping(Struct, frozen=True, kw_only=True):
    """The table of one issuer, and the limits of what it may say. Empty limits allow every role or organisation."""

    sources: Mapping[str, tuple[Source, ...]]
    entry: Entry | None = None
    require: tuple[Requirement, ...] = ()
    roles: frozenset[str] = frozenset()
    organisations: tuple[str, ...] = ()

    def principal(self, claims: Mapping[str, Any], issuer: str) -> Principal:
        """The party that the claims name. Raises MappingFault."""
        known = {name: value for name, value in claims.items() if name != ENTRY}
        if not all(requirement.is_met(known) for requirement in self.require):
            raise MappingFault("requirement")
        if self.entry is not None:
            known[ENTRY] = self.entry.element(known)
        said = {field: self._first(field, known) for field in _FIELDS}
        principal = Principal(
            subject=said["subject"],
            organisation=said["organisation"],
            role=said["role"],
            name=said["name"],
            plan_id=said["plan"],
            contact_id=said["contact"],
            issuer=issuer,
            client=said["client"],
        )
        if fault := fault_of(principal) or self._overstepped(principal):
            raise MappingFault(fault)
        return principal

    def _first(self, field: str, claims: Mapping[str, Any]) -> str:
        values = (source.value(claims) for source in self.sources.get(field, ()))
        return next((value for value in values if value), "")

    def _overstepped(self, principal: Principal) -> str | None:
        if self.roles and principal.role not in self.roles:
            return "role-not-allowed"
        if self.organisations and not any(_covers(known, principal.organisation) for known in self.organisations):
            return "organisation-not-allowed"
        return None


def _covers(allowed: str, organisation: str) -> bool:
    """Whether a limit covers an organisation: `urn:` covers every URN, `la:855` that council only."""
    return organisation == allowed or (allowed.endswith(":") and organisation.startswith(allowed))


def _at(claims: Any, path: Sequence[str]) -> Any:
    """What stands at a path; a list on the way gives the values of all its elements."""
    found = claims
    for index, name in enumerate(path):
        if isinstance(found, list):
            each = (_at(element, path[index:]) for element in found)
            return [value for value in each if value is not _ABSENT]
        if not isinstance(found, dict) or name not in found:
            return _ABSENT
        found = found[name]
    return found


def _is_word(value: Any) -> bool:
    return isinstance(value, str) or type(value) is int


def _is_one_of(value: Any, allowed: Sequence[Any]) -> bool:
    """Equal and of one type: 1 is not true."""
    return any(type(value) is type(one) and value == one for one in allowed)


def _claim(name: str) -> tuple[Source, ...]:
    return (Source(path=(name,)),)


#: The claims of the development issuer and of any issuer that is set up to speak as the platform does.
OWN_CLAIMS: Final = ClaimMapping(
    sources={
        "subject": _claim("sub"),
        "organisation": _claim("org"),
        "role": _claim("role"),
        "name": _claim("name"),
        "plan": _claim("plan"),
        "contact": _claim("contact"),
        "client": _claim("client_id"),
    }
)
