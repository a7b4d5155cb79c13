"""Is this plan on record already? Found by identifiers only, never by name, date of birth or postcode (twins)."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from domain.identifiers import IdentifierError, parse_nhs_number, parse_upn
from domain.plan.events import JsonObject
from services.errors import PlanErased, PlanUnknown
from services.importing.reading import Candidate
from services.keeper.registering import IMPORT_SOURCE
from services.plans import Plans
from services.store.record_store import RecordStore
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_matches
from services.store.values import PlanMatch

#: NHS number status 01: present and verified (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE).
VERIFIED = "01"
#: Numbers that are one person's in the whole country; the rest is found within its council.
NATIONAL = frozenset({NHS_NUMBER, UPN})
UNVERIFIED = (
    "Another record has this NHS number, but the file doesn't say that the number is verified. Give the"
    " plan its local reference, or mark the number verified (nhsNumberStatus 01), and import it again."
)


class Ambiguous(Exception):
    """Several records, or one that isn't this council's, could be meant; the text says what to do."""


class Matcher:
    """Finds the record that a plan belongs to."""

    def __init__(self, store: RecordStore, plans: Plans) -> None:
        """Look in this store's register."""
        self._store = store
        self._plans = plans

    def find_each(self, plans: Sequence[Candidate], council: str, file_sha256: str) -> list[UUID | Ambiguous | None]:
        """For each plan its record, None when it has none yet, or why that can't be told: in one question."""
        marks = [self._marks(plan, council, file_sha256) for plan in plans]
        carriers = self._store.register.find_each(
            form for of_plan in marks for forms in of_plan.values() for form in forms
        )
        return [
            self._record_of(plan, {kind: _carrying(carriers, forms) for kind, forms in of_plan.items()}, council)
            for plan, of_plan in zip(plans, marks, strict=True)
        ]

    def _marks(self, plan: Candidate, council: str, file_sha256: str) -> dict[str, tuple[PlanMatch, ...]]:
        """What the plan may be found by: the council's reference, the place in the file, the national numbers."""
        held, reference = identifiers_in(plan.document), plan.document.get("localReference")
        stated = {
            LOCAL_REFERENCE: reference if isinstance(reference, str) else "",
            IMPORT_SOURCE: f"{file_sha256}:{plan.line}",
            NHS_NUMBER: _parsed(parse_nhs_number, held.get("nhsNumber")),
            UPN: _parsed(parse_upn, held.get("upn")),
        }
        index = self._store.index
        return {
            kind: plan_matches(index, kind, value, "" if kind in NATIONAL else council)
            for kind, value in stated.items()
            if value
        }

    def _record_of(self, plan: Candidate, found: Mapping[str, set[UUID]], council: str) -> UUID | Ambiguous | None:
        verified = identifiers_in(plan.document).get("nhsNumberStatus") == VERIFIED
        by_number, unverified = found.get(UPN, set()), found.get(NHS_NUMBER, set())
        if verified:
            by_number, unverified = by_number | unverified, set()
        for carriers in (found.get(LOCAL_REFERENCE), found.get(IMPORT_SOURCE), by_number):
            if carriers:
                return self._the_one(carriers, council)
        return Ambiguous(UNVERIFIED) if unverified else None

    def _the_one(self, found: set[UUID], council: str) -> UUID | Ambiguous:
        if len(found) > 1:
            return Ambiguous(f"{len(found)} records carry these identifiers: merge them, or give the local reference.")
        (plan_id,) = found
        try:
            state = self._plans.current(plan_id)
        except (PlanUnknown, PlanErased):
            return Ambiguous("The record with these identifiers was erased.")
        if state.maintaining_la != council:
            return Ambiguous(
                "Another council maintains this child's plan here: it comes by a transfer (reg 15), not by import."
            )
        return plan_id


def _carrying(carriers: Mapping[PlanMatch, set[UUID]], forms: Sequence[PlanMatch]) -> set[UUID]:
    return {plan for form in forms for plan in carriers.get(form, ())}


def identifiers_in(document: JsonObject) -> JsonObject:
    """The child's identifiers in what may be no digital plan yet."""
    person = document.get("personalDetails")
    held = person.get("identifiers", {}) if isinstance(person, dict) else {}
    return held if isinstance(held, dict) else {}


def _parsed(parse: Callable[[str], str], value: object) -> str:
    try:
        return parse(value) if isinstance(value, str) else ""
    except IdentifierError:
        return ""
