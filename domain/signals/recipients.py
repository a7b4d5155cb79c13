"""Which organisation is told where a plan names one: what was merged or renamed is told as what it is now."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from domain.directory.organisation import Organisation


class Answering(Protocol):
    """The directory, as far as it is asked here."""

    def answering(self, identifier: str, on: date) -> tuple[Organisation, ...]:
        """Who answers on a day for whom the identifier names."""


class Recipients:
    """Names recipients: one name for each organisation on a day, the same for whoever asks."""

    def __init__(self, directory: Answering) -> None:
        """As this directory has it; an organisation that it doesn't know is named as it is written."""
        self._directory = directory

    def of(self, organisation: str, on: date) -> str:
        """The name ("ods:QJK") under which an organisation is told on a civil date.

        Of the names that it has then, the one of the kind of the name that is given; the first, should it have two.
        """
        found = self._directory.answering(organisation, on)
        if len(found) != 1:
            return organisation
        return _named(organisation, found[0].identifiers(on))


def _named(organisation: str, identifiers: Iterable[str]) -> str:
    kind = organisation.partition(":")[0]
    return min((name for name in identifiers if name.partition(":")[0] == kind), default=organisation)
