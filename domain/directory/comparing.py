"""What access by relation needs of the directory: whether two identifiers name one organisation."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol


class Directory(Protocol):
    """Compares organisations, so that a relation follows a conversion, a merger or a new number."""

    def same_organisation(self, one: str, other: str, on: date) -> bool:
        """Whether both identifiers ("urn:100001") stand for one organisation on a day, through their successors.

        Never true where one of several successors would have to be chosen: a plan that an abolished council kept
        belongs to that one of the new councils to which it was transferred, not to all of them.
        """

    def known_as(self, organisation: str, on: date) -> frozenset[str]:
        """Every identifier that is the same organisation on a day, its own and those that it inherited.

        For lists: a plan names an organisation by any of these.
        """


class Strings:
    """The comparison of a platform without a directory: identifiers are the same when they are equal."""

    def same_organisation(self, one: str, other: str, on: date) -> bool:  # noqa: ARG002 - the Protocol's
        """Whether they are equal."""
        return one == other

    def known_as(self, organisation: str, on: date) -> frozenset[str]:  # noqa: ARG002 - the Protocol's
        """Itself."""
        return frozenset((organisation,))


def same_as_any(directory: Directory, one: str, others: Iterable[str], on: date) -> bool:
    """Whether an identifier stands for the same organisation as one of several."""
    return any(directory.same_organisation(one, other, on) for other in others)
