"""What access asks of a directory of organisations: which identifiers name the same body on a day."""

from datetime import date
from typing import Protocol


class Directory(Protocol):
    """Identifiers change while bodies go on: an academy gets a new URN, an ICB is merged into another."""

    def same_organisation(self, one: str, other: str, on: date) -> bool:
        """Whether two identifiers ("urn:199101", "ods:QJK", "la:855") name the same organisation on a civil date."""

    def known_as(self, organisation: str, on: date) -> frozenset[str]:
        """Every identifier that names the same organisation on a civil date, the given one among them."""


class AsWritten:
    """The directory of a platform that has none: an identifier names itself and nothing else."""

    def same_organisation(self, one: str, other: str, on: date) -> bool:  # noqa: ARG002 - one signature for all
        """Whether they are written alike."""
        return one == other

    def known_as(self, organisation: str, on: date) -> frozenset[str]:  # noqa: ARG002 - one signature for all
        """The identifier itself."""
        return frozenset({organisation})


AS_WRITTEN = AsWritten()
