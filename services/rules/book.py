"""From what is adopted to what decides: the rule book and the access matrix, by the day from which each part counts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from domain.access.policy import Policies
from domain.access.turns import Turns
from domain.clocks import laid_over
from domain.codesets import CodeSet
from domain.plan.catalogue import Catalogue
from domain.plan.rules import RuleBook
from domain.rules import EVERY_COUNCIL, AdoptedBy, Adoption, Adoptions, RulesAdopted, Timeline
from domain.rules.kinds import CODE_SETS
from services.reference_data import load_catalogue, load_reference_data
from services.rules.editions import Edition, shipped
from services.store.framing import instant

Find: TypeAlias = Callable[[RulesAdopted], Any]
"""What an adopted edition says, as a value of the domain."""

PLATFORM: Final = AdoptedBy(organisation="platform", role="service")
"""Who adopts the editions of a release at an installation's first start."""


def book_of(adoptions: Adoptions, find: Find, catalogue: Catalogue, code_sets: Mapping[str, CodeSet]) -> RuleBook:
    """The rule book by these adoptions. Raises KeyError when a kind of rules was never adopted."""
    relaxations = [find(one.said) for one in adoptions.standing("clock-relaxation")]
    councils = dict.fromkeys(one.said.council for one in adoptions.all("retention-schedule"))
    return RuleBook(
        catalogue=catalogue,
        code_sets=code_sets,
        legal_codes={name: _rules(adoptions, name, find) for name in CODE_SETS},
        clock_tables=_rules(adoptions, "clock-table", lambda said: laid_over(find(said), relaxations)),
        holidays=_rules(adoptions, "bank-holidays", find),
        retention={council: _rules(adoptions, "retention-schedule", find, council) for council in councils},
    )


def policies_of(adoptions: Adoptions, find: Find, upto: int | None = None) -> Policies:
    """The editions of the access matrix, as known now or at a position of the adoption log."""
    return Policies(_rules(adoptions, "access-matrix", find, upto=upto))


def turns_of(adoptions: Adoptions, find: Find) -> Turns:
    """The editions of the access matrix by the instants from which each was known to count."""
    known = adoptions.moments("access-matrix")
    return Turns.of((instant(time), policies_of(adoptions, find, position)) for time, position in known)


def first_adoptions(editions: Iterable[Edition]) -> list[RulesAdopted]:
    """The editions of a release, adopted for every council from the day that each states."""
    return [
        RulesAdopted(
            kind=edition.kind,
            edition=edition.name,
            sha256=edition.sha256,
            in_force_from=edition.in_force_from,
            council=EVERY_COUNCIL,
            adopted_by=PLATFORM,
            source=edition.source,
        )
        for edition in editions
    ]


def release_book() -> RuleBook:
    """The rules of this release, as an installation that starts for the first time adopts them."""
    adoptions = Adoptions()
    for position, said in enumerate(first_adoptions(shipped()), 1):
        adoptions.take(position, 0, said)
    by_hash = {edition.sha256: edition.rules for edition in shipped()}
    return book_of(adoptions, lambda said: by_hash[said.sha256], load_catalogue(), load_reference_data().code_sets)


def _rules(
    adoptions: Adoptions, kind: str, find: Find, council: str = EVERY_COUNCIL, *, upto: int | None = None
) -> Timeline[Any]:
    counting: Timeline[Adoption] = adoptions.timeline(kind, council, upto)
    steps: list[tuple[date, Any]] = [(one.said.in_force_from, find(one.said)) for one in counting.values]
    return Timeline(steps)
