"""The values of the disclosure log, and content that nobody has been shown yet."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.plan.acts import Actor
from domain.plan.events import JsonObject

RECORDED: Final = "ehcp.disclosure.recorded.v1"
"""The type of every entry but a review: what came of it, and what it was, are sealed."""

REVIEWED: Final = "ehcp.disclosure.reviewed.v1"
"""The type of the entry by which somebody decided whether the family is shown another one."""

PLATFORM: Final = UUID(int=0)
"""The record to which entries about no known plan belong: searches, lists, and refusals to strangers."""

PLATFORM_COUNCIL: Final = "000"
"""Under whose key the platform's own entries are: no council's."""

SHOWN: Final = "shown"
REFUSED: Final = "refused"
SEARCHED: Final = "searched"
EXPORTED: Final = "exported"

T_co = TypeVar("T_co", covariant=True)
Ranges = tuple[tuple[int, int], ...]
"""Sequences of a plan's events, as first and last of each run."""


class Reader(Struct, frozen=True, kw_only=True):
    """Who asks, through which channel, and for which stated purpose where the caller has a choice.

    `gateway` is a code of the gateways' code set, `reason` the caller's own sentence: both are sealed with the entry.
    """

    actor: Actor
    channel: str = "http"
    gateway: str | None = None
    reason: str = ""
    on_behalf_of: str = ""
    correlation_id: str = ""


class Showing(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is about to be shown, or was refused.

    `entries` are the events of the plan whose own content is shown; `text` names a legal text ("final-2", "draft-1");
    `plan_ids` are what a search or list returns; `request` is a digest that tells a repeated request from another one.
    `plan` is the record that the entry belongs to, None for the platform's.
    """

    what: str
    outcome: str = SHOWN
    plan: UUID | None = None
    relation: str = ""
    gateway: str | None = None
    sections: tuple[str, ...] = ()
    text: str = ""
    entries: Ranges = ()
    draft_id: str = ""
    plan_ids: tuple[str, ...] = ()
    asked: str = ""
    terms: tuple[str, ...] = ()
    emergency: bool = False
    review_by: str = ""
    review_by_council: str = ""
    request: str = ""

    def data(self, reader: Reader) -> JsonObject:
        """The entry's content: everything that its metadata doesn't hold already.

        The reader's own sentence may say anything of a child, so it stands only where it goes with that child's key.
        """
        said: JsonObject = {"what": self.what, "outcome": self.outcome, "channel": reader.channel}
        named = {
            "relation": self.relation,
            "sections": list(self.sections),
            "text": self.text,
            "entries": [list(run) for run in self.entries],
            "draftId": self.draft_id,
            "planIds": list(self.plan_ids),
            "asked": self.asked,
            "terms": list(self.terms),
            "emergency": self.emergency,
            "reviewBy": self.review_by,
            "reviewByCouncil": self.review_by_council,
            "request": self.request,
            "reason": reader.reason if self.plan else "",
            "contactId": reader.actor.contact_id,
        }
        return said | {name: value for name, value in named.items() if value}


class Recorded(Struct, frozen=True, kw_only=True):
    """The proof that a showing is on disk: its entry's id, and where that stands in the disclosure log."""

    id: UUID
    position: int
    time: datetime
    showing: Showing


class Withheld(Generic[T_co]):
    """Content that nobody has been shown yet. It comes out against the proof that this showing is on record."""

    __slots__ = ("__content", "showing")

    def __init__(self, content: T_co, showing: Showing) -> None:
        """`showing` says what of the record the content holds."""
        self.__content = content
        self.showing = showing

    def recorded_as(self, showing: Showing) -> "Withheld[T_co]":
        """The same content, of which more is to be recorded."""
        return Withheld(self.__content, showing)

    def against(self, proof: Recorded) -> T_co:
        """The content. Raises ValueError for the proof of another showing."""
        if proof.showing is not self.showing:
            raise ValueError("this showing is not on record")
        return self.__content


def runs(sequences: Iterable[int]) -> Ranges:
    """Sequences in ascending order as runs: 1, 2, 3, 7 is (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for sequence in sequences:
        if found and sequence == found[-1][1] + 1:
            found[-1] = (found[-1][0], sequence)
        else:
            found.append((sequence, sequence))
    return tuple(found)
