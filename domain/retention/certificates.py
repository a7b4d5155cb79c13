"""What the retention log says: certificates of destruction. They name ids, codes and officers, and no word of a child.

A certificate is on disk before the key is destroyed, in a log that no key closes: whoever asks later finds what was
destroyed, by which rule, who proposed and who approved it, and the leaf by which the log proves the approval.
"""

from typing import Final, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from domain.clear_events import ClearEvents


class Decision(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who decided something about a record, on which civil date, by which entry: `by` is an opaque id of `issuer`."""

    by: str
    organisation: str
    role: str
    on: str
    sequence: int
    issuer: str | UnsetType = UNSET


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

EVENTS: Final = ClearEvents[Certificate](
    "retention",
    {"ehcp.retention.record-erased.v1": RecordErased, "ehcp.retention.entry-erased.v1": EntryErased},
)
"""Every event of the retention log by its public name."""
