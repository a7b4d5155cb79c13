"""What happens to the rules when the platform starts: a new installation adopts those of its release.

Later a release may bring newer editions. They don't count until somebody adopts them. And an edition whose file says
something else than what was adopted under its name stops the start: somebody has edited law in place.
"""

from collections.abc import Iterable

from domain.rules import EVERY_COUNCIL, Adoptions, RulesAdopted
from services.errors import ConfigurationError
from services.rules.adopting import AdoptedRules
from services.rules.book import first_adoptions
from services.rules.editions import Edition

_ACTOR = "platform"


def adopt_first(rules: AdoptedRules, editions: Iterable[Edition], on: str) -> int:
    """Adopt the editions of each kind of which nothing was ever adopted; returns how many.

    Several processes may do this at once: each edition is adopted once. Raises ConfigurationError for an edition whose
    file was changed, StoreBusy, StoreUnavailable.
    """
    found = tuple(editions)

    def decide(known: Adoptions) -> list[RulesAdopted]:
        require_unchanged(known, found)
        return first_adoptions(edition for edition in found if not any(known.all(edition.kind, EVERY_COUNCIL)))

    return rules.say(decide, [edition.content for edition in found], actor=_ACTOR, on=on)


def require_unchanged(known: Adoptions, editions: Iterable[Edition]) -> None:
    """Raises ConfigurationError for an edition whose file doesn't say what was adopted under its name."""
    for edition in editions:
        adopted = known.sha256_of(edition.kind, edition.name, EVERY_COUNCIL)
        if adopted not in {None, edition.sha256}:
            raise ConfigurationError(
                f"{edition.file} isn't what was adopted as {edition.kind} {edition.name} (SHA-256 {adopted}, the file's"
                f" is {edition.sha256}). An edition is never changed: put the file back, and give the change an edition"
                " of its own, which is then adopted (ehcp rules adopt)."
            )


def not_adopted(known: Adoptions, editions: Iterable[Edition]) -> list[Edition]:
    """The editions of this release that nobody has adopted."""
    return [e for e in editions if known.sha256_of(e.kind, e.name, EVERY_COUNCIL) is None]
