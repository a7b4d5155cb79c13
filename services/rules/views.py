"""What is told of adopted rules: which, by whom, since when, and whether they count on a day."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET, Struct, UnsetType

from domain.rules import COLLECTED, AdoptedBy, Adoption, Adoptions
from services.rules.editions import Edition
from services.store.framing import instant


class AdoptionView(Struct, frozen=True, kw_only=True, rename="camel"):
    """An adoption, and whether its edition counts on the day that was asked about.

    `position` is where it stands in the adoption log, `withdrawn` the position at which it was withdrawn.
    """

    position: int
    kind: str
    edition: str
    sha256: str
    in_force_from: date
    council: str
    adopted_by: AdoptedBy
    source: str
    recorded_at: str
    in_force: bool
    withdrawn: int | UnsetType = UNSET


class ShippedEdition(Struct, frozen=True, kw_only=True, rename="camel"):
    """An edition that came with this release and that nobody has adopted: it doesn't count."""

    kind: str
    edition: str
    sha256: str
    in_force_from: date
    source: str
    file: str


class RulesPage(Struct, frozen=True, kw_only=True, rename="camel"):
    """Adoptions in order of the log, up to `position`; `on` is the civil date for which it is said what counts."""

    on: date
    position: int
    adoptions: tuple[AdoptionView, ...]
    not_adopted: tuple[ShippedEdition, ...]


def adoptions_of(known: Adoptions, on: date, upto: int | None = None) -> Iterator[AdoptionView]:
    """Every adoption, as known now or at a position of the log."""
    for one in known.all():
        if upto is None or one.position <= upto:
            yield adoption_view(known, one, on, upto)


def adoption_view(known: Adoptions, adoption: Adoption, on: date, upto: int | None = None) -> AdoptionView:
    """One adoption."""
    said, withdrawn = adoption.said, known.withdrawn_at(adoption)
    stands = adoption in known.standing(said.kind, said.council, upto)
    if said.kind in COLLECTED:
        counts = stands and said.in_force_from <= on
    else:
        counts = known.timeline(said.kind, said.council, upto).on(on) is adoption
    return AdoptionView(
        position=adoption.position,
        kind=said.kind,
        edition=said.edition,
        sha256=said.sha256,
        in_force_from=said.in_force_from,
        council=said.council,
        adopted_by=said.adopted_by,
        source=said.source,
        recorded_at=instant(adoption.time).isoformat(),
        in_force=counts,
        withdrawn=UNSET if stands or withdrawn is None else withdrawn,
    )


def shipped_view(edition: Edition) -> ShippedEdition:
    """One edition of the release."""
    return ShippedEdition(
        kind=edition.kind,
        edition=edition.name,
        sha256=edition.sha256,
        in_force_from=edition.in_force_from,
        source=edition.source,
        file=edition.file,
    )
