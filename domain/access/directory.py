"""What access asks of a directory of organisations: whether two identifiers name the same body on a day."""

from datetime import date
from typing import Protocol


class Directory(Protocol):
    """Identifiers change while bodies go on: an academy gets a new URN, an ICB is merged into another."""

    def same_organisation(self, a: str, b: str, on: date) -> bool:
        """Whether two identifiers ("urn:199101", "ods:QJK", "la:855") name the same organisation on a civil date."""


class AsWritten:
    """The directory of a platform that has none: an identifier names itself and nothing else."""

    def same_organisation(self, a: str, b: str, on: date) -> bool:  # noqa: ARG002 - one signature for all directories
        """Whether they are written alike."""
        return a == b


AS_WRITTEN = AsWritten()
