"""Is this plan on record already? Found by identifiers only, never by name, date of birth or postcode (twins)."""

from collections.abc import Callable
from uuid import UUID

from domain.identifiers import IdentifierError, parse_nhs_number, parse_upn
from domain.plan.events import JsonObject
from services.errors import PlanErased, PlanUnknown
from services.keeper.registering import IMPORT_SOURCE
from services.plans import Plans
from services.store.record_store import RecordStore
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_match
from services.store.values import PlanMatch

#: NHS number status 01: present and verified (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE).
VERIFIED = "01"


class Ambiguous(Exception):
    """Several records, or one that isn't this council's, could be meant; the text says what to do."""


class Matcher:
    """Finds the record that a plan belongs to."""

    def __init__(self, store: RecordStore, plans: Plans) -> None:
        """Look in this store's register."""
        self._store = store
        self._plans = plans

    def find(self, document: JsonObject, council: str, file_sha256: str, line: int) -> UUID | None:
        """The plan's record, None when it has none yet. Raises Ambiguous."""
        for found in (*self._by_place(document, council, file_sha256, line), self._by_number(document)):
            if found:
                return self._the_one(found, council)
        self._refuse_unverified(document)
        return None

    def _by_place(self, document: JsonObject, council: str, file_sha256: str, line: int) -> list[set[UUID]]:
        """By the council's reference, then by the place in the file."""
        wanted = [(IMPORT_SOURCE, f"{file_sha256}:{line}")]
        reference = document.get("localReference")
        if isinstance(reference, str):
            wanted.insert(0, (LOCAL_REFERENCE, reference))
        return self._store.register.find_each([self._match(kind, value, council) for kind, value in wanted])

    def _by_number(self, document: JsonObject) -> set[UUID]:
        held = _identifiers(document)
        found: set[UUID] = set()
        if held.get("nhsNumberStatus") == VERIFIED and (number := _parsed(parse_nhs_number, held.get("nhsNumber"))):
            found |= self._plans_with(NHS_NUMBER, number)
        if upn := _parsed(parse_upn, held.get("upn")):
            found |= self._plans_with(UPN, upn)
        return found

    def _refuse_unverified(self, document: JsonObject) -> None:
        number = _parsed(parse_nhs_number, _identifiers(document).get("nhsNumber"))
        if number and self._plans_with(NHS_NUMBER, number):
            raise Ambiguous(
                "Another record has this NHS number, but the file doesn't say that the number is verified. Give the"
                " plan its local reference, or mark the number verified (nhsNumberStatus 01), and import it again."
            )

    def _plans_with(self, kind: str, value: str, council: str = "") -> set[UUID]:
        return set(self._store.register.find(self._match(kind, value, council)))

    def _match(self, kind: str, value: str, council: str) -> PlanMatch:
        return plan_match(self._store.index, kind, value, council)

    def _the_one(self, found: set[UUID], council: str) -> UUID:
        if len(found) > 1:
            raise Ambiguous(f"{len(found)} records carry these identifiers: merge them, or give the local reference.")
        (plan_id,) = found
        try:
            state = self._plans.current(plan_id)
        except (PlanUnknown, PlanErased):
            raise Ambiguous("The record with these identifiers was erased.") from None
        if state.maintaining_la != council:
            raise Ambiguous(
                "Another council maintains this child's plan here: it comes by a transfer (reg 15), not by import."
            )
        return plan_id


def distinctive(document: JsonObject) -> set[tuple[str, object]]:
    """The identifiers by which a plan could be found, as (kind, value)."""
    held = _identifiers(document)
    stated = {
        LOCAL_REFERENCE: document.get("localReference"),
        NHS_NUMBER: held.get("nhsNumber"),
        UPN: held.get("upn"),
    }
    return {(kind, value) for kind, value in stated.items() if isinstance(value, str)}


def _identifiers(document: JsonObject) -> JsonObject:
    person = document.get("personalDetails")
    held = person.get("identifiers", {}) if isinstance(person, dict) else {}
    return held if isinstance(held, dict) else {}


def _parsed(parse: Callable[[str], str], value: object) -> str:
    try:
        return parse(value) if isinstance(value, str) else ""
    except IdentifierError:
        return ""
