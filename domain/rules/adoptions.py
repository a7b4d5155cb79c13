"""The adoption log, folded: what counts on a day, as known now or at a position of the log; and what may be adopted."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from domain.rules.events import AdoptionWithdrawn, RulesAdopted, Said
from domain.rules.kinds import EVERY_COUNCIL, KINDS, OF_COUNCILS
from domain.rules.timeline import Timeline


class AdoptionRefused(ValueError):
    """Something that can't be adopted or withdrawn; the text says why."""


class Adoption(Struct, frozen=True, kw_only=True):
    """An edition that was adopted, where that stands in the log (`time`: microseconds since the epoch, UTC)."""

    position: int
    time: int
    said: RulesAdopted


class Adoptions:
    """What the log says up to `position`."""

    def __init__(self) -> None:
        """Nothing, to begin with."""
        self.position = 0
        self._adopted: list[Adoption] = []
        self._withdrawn: dict[int, int] = {}
        self._sequences: dict[tuple[str, str], int] = {}
        self._said: list[tuple[int, int, str]] = []

    def take(self, position: int, time: int, said: Said) -> None:
        """Take in the next event of the log."""
        if isinstance(said, AdoptionWithdrawn):
            self._withdrawn.setdefault(said.adoption, position)
        else:
            self._adopted.append(Adoption(position=position, time=time, said=said))
        self._sequences[said.kind, said.council] = self.sequence(said.kind, said.council) + 1
        self._said.append((position, time, said.kind))
        self.position = position

    def moments(self, kind: str) -> list[tuple[int, int]]:
        """When anything was said about a kind of rules: each moment, with the position up to which all was known then.

        Microseconds since the epoch, UTC, in order.
        """
        return [*{time: position for position, time, about in self._said if about == kind}.items()]

    def sequence(self, kind: str, council: str) -> int:
        """How many events there are about a kind of rules for a council: its stream's last sequence."""
        return self._sequences.get((kind, council), 0)

    def all(self, kind: str | None = None, council: str | None = None) -> Iterator[Adoption]:
        """Every adoption in order of the log, withdrawn ones too, of a kind and a council or of any."""
        for one in self._adopted:
            if kind in {None, one.said.kind} and council in {None, one.said.council}:
                yield one

    def withdrawn_at(self, adoption: Adoption) -> int | None:
        """The position at which an adoption was withdrawn, None while it stands."""
        return self._withdrawn.get(adoption.position)

    def standing(self, kind: str, council: str = EVERY_COUNCIL, upto: int | None = None) -> Iterator[Adoption]:
        """The adoptions that stand, in order; `upto` leaves out what was said behind that position of the log."""
        for one in self.all(kind, council):
            withdrawn = self._withdrawn.get(one.position)
            known = upto is None or one.position <= upto
            if known and (withdrawn is None or (upto is not None and withdrawn > upto)):
                yield one

    def timeline(self, kind: str, council: str = EVERY_COUNCIL, upto: int | None = None) -> Timeline[Adoption]:
        """What counts from which day on, for every council or for one that has editions of its own."""
        return Timeline((one.said.in_force_from, one) for one in self.standing(kind, council, upto))

    def in_force(self, kind: str, on: date, council: str = EVERY_COUNCIL, upto: int | None = None) -> Adoption | None:
        """The adoption that counts for a council on a civil date: of those in force the last one of the log.

        A council's own comes before that of every council. `upto` asks what was known at that position of the log.
        """
        for whose in dict.fromkeys((council, EVERY_COUNCIL)):
            found = self.timeline(kind, whose, upto).on(on)
            if found is not None:
                return found
        return None

    def sha256_of(self, kind: str, edition: str, council: str) -> str | None:
        """What was ever adopted under the name of an edition, withdrawn or not; None when nothing was."""
        return next((one.said.sha256 for one in self.all(kind, council) if one.said.edition == edition), None)

    def require_new(self, wanted: RulesAdopted) -> bool:
        """Whether this is to be adopted; False when the last word about it says the same already.

        Raises AdoptionRefused for a kind that isn't known or isn't a council's to decide, and for an edition that was
        adopted with another content: an edition is never changed.
        """
        if wanted.kind not in KINDS:
            raise AdoptionRefused(f"There is no kind of rules '{wanted.kind}': use one of {', '.join(KINDS)}.")
        if wanted.council != EVERY_COUNCIL and wanted.kind not in OF_COUNCILS:
            raise AdoptionRefused(f"Rules of the kind {wanted.kind} are the same for every council.")
        known = self.sha256_of(wanted.kind, wanted.edition, wanted.council)
        if known not in {None, wanted.sha256}:
            raise AdoptionRefused(
                f"{wanted.kind} {wanted.edition} was adopted with another content (SHA-256 {known}): an edition is"
                " never changed. Give yours a name of its own."
            )
        last = max(self.standing(wanted.kind, wanted.council), key=lambda one: one.position, default=None)
        return last is None or not _same(last.said, wanted)

    def require_standing(self, position: int) -> Adoption:
        """The adoption at a position of the log, to be withdrawn.

        Raises AdoptionRefused when there is none, when it was withdrawn before, and when no edition of its kind would
        be left for every council.
        """
        found = next((one for one in self._adopted if one.position == position), None)
        if found is None:
            raise AdoptionRefused(f"Nothing was adopted at position {position} of the adoption log.")
        if position in self._withdrawn:
            raise AdoptionRefused(f"The adoption at position {position} is withdrawn already.")
        left = [one for one in self.standing(found.said.kind, found.said.council) if one is not found]
        if found.said.council == EVERY_COUNCIL and not left:
            raise AdoptionRefused(f"It is the only edition of {found.said.kind}: adopt another one first.")
        return found


def _same(one: RulesAdopted, other: RulesAdopted) -> bool:
    return (one.edition, one.sha256, one.in_force_from) == (other.edition, other.sha256, other.in_force_from)
