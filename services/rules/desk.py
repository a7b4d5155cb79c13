"""Rules for callers: what is adopted is open to everybody who is signed in; a council adopts what is its own to decide.

What counts for every council is adopted by whoever runs the platform, on the record itself (`ehcp rules adopt`): no
token opens that door.
"""

from datetime import date

from msgspec import Struct

from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.rules import AdoptedBy, AdoptionRefused, RulesAdopted
from services.errors import Fault, InvalidContent, NotYours, RulesUnknown
from services.rules.editions import Edition, edition_of, shipped
from services.rules.first_start import not_adopted
from services.rules.in_force import RulesInForce
from services.rules.views import AdoptionView, RulesPage, adoption_view, adoptions_of, shipped_view

#: Who decides for a council how long it keeps its records.
ROLE = "records-manager"
NOT_FOR_YOU = "A council's own rules are adopted by its records manager."


class OwnRules(Struct, frozen=True, kw_only=True):
    """Rules of a council's own, to be adopted: `content` is the edition as JSON."""

    kind: str
    content: JsonObject
    source: str
    in_force_from: date | None = None


class RulesDesk:
    """Tells what is adopted, and takes what councils adopt."""

    def __init__(self, rules: RulesInForce) -> None:
        """Over the rules of this process."""
        self._rules = rules

    def listed(self, on: date | None = None, upto: int | None = None) -> RulesPage:
        """Everything that was adopted up to a position of the adoption log, and what counts on a day, else today."""
        known, day = self._rules.adopted.current(), on or self._rules.today()
        return RulesPage(
            on=day,
            position=min(known.position, upto) if upto is not None else known.position,
            adoptions=tuple(adoptions_of(known, day, upto)),
            not_adopted=tuple(shipped_view(edition) for edition in not_adopted(known, shipped())),
        )

    def content(self, sha256: str) -> bytes:
        """What an adopted edition says: the bytes of which this is the SHA-256. Raises RulesUnknown."""
        found = next((one for one in self._rules.adopted.current().all() if one.said.sha256 == sha256), None)
        if found is None:
            raise RulesUnknown
        return self._rules.adopted.edition(found.said).content

    def adopt(self, actor: Actor, wanted: OwnRules) -> AdoptionView:
        """Adopt rules for the caller's own council. Raises NotYours, InvalidContent, StoreBusy, StoreUnavailable."""
        council, edition = _council(actor), _edition(wanted)
        said = RulesAdopted(
            kind=wanted.kind,
            edition=edition.name,
            sha256=edition.sha256,
            in_force_from=wanted.in_force_from or edition.in_force_from,
            council=council,
            adopted_by=_by(actor),
            source=wanted.source,
        )
        try:
            made = self._rules.adopted.adopt(
                said, edition.content, actor=actor.subject, issuer=actor.issuer, on=self._today()
            )
        except AdoptionRefused as refused:
            raise _refused(refused) from None
        return adoption_view(self._rules.adopted.current(), made, self._rules.today())

    def withdraw(self, actor: Actor, position: int, because: str) -> AdoptionView:
        """Withdraw what the caller's own council adopted.

        Raises NotYours, RulesUnknown, InvalidContent, StoreBusy, StoreUnavailable.
        """
        council, adopted = _council(actor), self._rules.adopted
        if not any(one.position == position for one in adopted.current().all(council=council)):
            raise RulesUnknown
        try:
            made = adopted.withdraw(
                position,
                because=because,
                by=_by(actor),
                actor=actor.subject,
                issuer=actor.issuer,
                on=self._today(),
            )
        except AdoptionRefused as refused:
            raise _refused(refused) from None
        return adoption_view(adopted.current(), made, self._rules.today())

    def _today(self) -> str:
        return self._rules.today().isoformat()


def _council(actor: Actor) -> str:
    kind, _, code = actor.organisation.partition(":")
    if actor.role != ROLE or kind != "la":
        raise NotYours(NOT_FOR_YOU)
    return code


def _by(actor: Actor) -> AdoptedBy:
    return AdoptedBy(organisation=actor.organisation, role=actor.role)


def _edition(wanted: OwnRules) -> Edition:
    try:
        return edition_of(wanted.kind, wanted.content)
    except ValueError as error:
        raise InvalidContent((Fault(pointer="/content", text=str(error), rule="edition"),)) from None


def _refused(refused: AdoptionRefused) -> InvalidContent:
    return InvalidContent((Fault(pointer="", text=str(refused), rule="adoption"),))
