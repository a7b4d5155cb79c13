"""What the adoption log says: from which day on which edition of which rules counts, and that one was wrong.

No event is ever changed. An adoption that was wrong is withdrawn by a later event, or a later one takes its place. Who
adopted is a role of an organisation; the log is in the clear and names no person.
"""

from datetime import date
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from domain.clear_events import ClearEvents
from domain.rules.kinds import EVERY_COUNCIL

Kind: TypeAlias = Annotated[str, Meta(pattern="^[a-z][a-z-]{2,40}$")]
Edition: TypeAlias = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,79}$")]
Sha256: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Council: TypeAlias = Annotated[str, Meta(pattern=f"^({EVERY_COUNCIL}|[0-9]{{3}})$")]
Sentence: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1_000)]


class AdoptedBy(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who adopted or withdrew: a role of an organisation, never a person's name."""

    organisation: str
    role: str


class RulesAdopted(Struct, frozen=True, kw_only=True, rename="camel"):
    """From a civil date on an edition counts, for every council ("all") or for one (LA code).

    `sha256` is that of the edition's canonical JSON, which is kept by it (docs/log-format.md 3, 14). `source` says
    where the edition comes from: a publication, or the council's decision.
    """

    kind: Kind
    edition: Edition
    sha256: Sha256
    in_force_from: date
    council: Council
    adopted_by: AdoptedBy
    source: Sentence


class AdoptionWithdrawn(Struct, frozen=True, kw_only=True, rename="camel"):
    """The adoption at that position of the log was wrong: from here on it doesn't count for any day."""

    adoption: Annotated[int, Meta(ge=1)]
    kind: Kind
    edition: Edition
    council: Council
    withdrawn_by: AdoptedBy
    because: Sentence


Said: TypeAlias = RulesAdopted | AdoptionWithdrawn

EVENTS: Final = ClearEvents[Said](
    "adoption",
    {"ehcp.rules.adopted.v1": RulesAdopted, "ehcp.rules.adoption-withdrawn.v1": AdoptionWithdrawn},
)
"""Every event of the adoption log by its public name."""
