"""What the retention log says: certificates of destruction. They name ids, codes and officers, and no word of a child.

A certificate is on disk before the key is destroyed, in a log that no key closes: whoever asks later finds what was
destroyed, by which rule, who proposed and who approved it, and the leaf by which the log proves the approval.
"""

from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

_BASE: Final = "https://ehcp-exchange.example/schemas/events/"


class Decision(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who decided something about a record, on which civil date, by which entry: `by` is an opaque id."""

    by: str
    organisation: str
    role: str
    on: str
    sequence: int


class RecordErased(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole record was made unreadable by destroying the child's key.

    `events` is how many entries it held; `position` and `leaf` are those of the approval in the log of plans. `told`
    are the organisations that were party to the record: they, and no stranger, are told that it is gone.
    """

    plan: str
    council: str
    rule: str
    schedule: str
    schedule_sha256: str
    proposed: Decision
    approved: Decision
    events: int
    position: int
    leaf: str
    told: tuple[str, ...]


class EntryErased(Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of a record was made unreadable by destroying its own key; `basis` is why, as a code.

    `position` and `leaf` are those of the entry: the log still proves that it was there.
    """

    plan: str
    council: str
    entry: int
    type: str
    basis: str
    proposed: Decision
    approved: Decision
    position: int
    leaf: str


Certificate: TypeAlias = RecordErased | EntryErased

TYPES: Final[dict[str, type[Certificate]]] = {
    "ehcp.retention.record-erased.v1": RecordErased,
    "ehcp.retention.entry-erased.v1": EntryErased,
}
"""Every event of the retention log by its public name."""

_NAMES: Final = {kind: name for name, kind in TYPES.items()}


def type_of(certificate: Certificate) -> str:
    """The public name of a certificate's type."""
    return _NAMES[type(certificate)]


def data_of(certificate: Certificate) -> dict[str, Any]:
    """A certificate's data as JSON."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(certificate))
    return data


def certificate_of(type_: str, data: dict[str, Any]) -> Certificate:
    """A certificate from its type and data. Raises ValueError for what is none."""
    if type_ not in TYPES:
        raise ValueError(f"not an event of the retention log: {type_}")
    return msgspec.convert(data, TYPES[type_])


def certificate_schema(type_: str) -> dict[str, Any]:
    """The published JSON Schema of the data of a certificate."""
    (reference,), components = msgspec.json.schema_components([TYPES[type_]], ref_template="#/$defs/{name}")
    own = reference["$ref"].rpartition("/")[2]
    schema = dict(components.pop(own))
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{_BASE}{type_}.schema.json"}
    return named | schema | {"$defs": components}
