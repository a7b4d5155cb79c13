"""The family of a plan: parents and carers, the young person, whoever stands in for or helps them. Each by name.

The rights pass to the young person at the end of the school leaving date, not on a birthday (CFA 2014 ss.80, 83). From
the day on which they are recorded as the young person's, a parent sees the plan only if the young person wants it;
until somebody records it, nobody is cut off.
"""

from collections.abc import Iterator

from domain.access.matters import OWN_CONSENT, as_recorded
from domain.access.relation import Relation, day_after, windows
from domain.calendar import compulsory_school_age_ends
from domain.plan.events import JsonObject
from domain.plan.state import PlanState

#: Who is recorded as holding the rights when they have left the parents.
YOUNG_PERSON = frozenset({"YOUNG_PERSON", "YOUNG_PERSON_WITH_HELPER"})
ALTERNATIVE = "ALTERNATIVE_PERSON"


def family(state: PlanState, contact_id: str) -> Iterator[Relation]:
    """In which relations a contact of the record stands to the plan; none when the contact is barred.

    None either under an id from before the identity was sealed, whoever the record has under it now: who signed in
    under it then would else be taken for them.
    """
    contact = state.person.get("contacts", {}).get(contact_id)
    if contact is None or contact.get("mayReceive") == "no" or contact_id in state.sealed_contacts:
        return
    rights = _rights(state)
    holder, since = str(rights.get("holder", "")), str(rights.get("since", ""))
    party = f"contact:{contact_id}"
    if contact.get("kind") == "youngPerson" and holder != ALTERNATIVE:
        yield from _young_person(state, party, holder, since)
    if contact.get("kind") == "parentOrCarer":
        passed = since if holder in YOUNG_PERSON or (holder == ALTERNATIVE and "contactId" in rights) else ""
        yield Relation(name="parent", party=party, ended=passed)
    if holder == ALTERNATIVE and rights.get("contactId") == contact_id:
        yield Relation(name="alternative-person", party=party, since=since)
    if holder == "YOUNG_PERSON_WITH_HELPER" and rights.get("helper") == contact_id:
        yield Relation(name="helper", party=party, since=since)
    yield from _by_consent(state, party, contact_id)
    if contact.get("kind") in {"representative", "other"} and contact.get("mayReceive") == "yes":
        yield Relation(name="representative", party=party)


def must_not_find(state: PlanState, contact_id: str) -> bool:
    """Whether where the child is must be held back from this contact.

    A restriction "locationSensitive" of the text that stands says so, until an officer lifts it: for the contact that
    it names, or for every contact when it names none.
    """
    lifted = {c.id for c in state.open_cases("restriction", "DECIDED") if c.data.get("decision") == "lifted"}
    return any(
        restriction.get("kind") == "locationSensitive"
        and restriction.get("status") != "lifted"
        and restriction_id not in lifted
        and restriction.get("subject", contact_id) == contact_id
        for restriction_id, restriction in state.document.get("restrictions", {}).items()
    )


def _rights(state: PlanState) -> JsonObject:
    """Who holds the rights, as last recorded; empty when nobody has said."""
    return state.last("right-holder-changed")


def _young_person(state: PlanState, party: str, holder: str, since: str) -> Iterator[Relation]:
    born = state.date_of_birth()
    if holder in YOUNG_PERSON:
        yield Relation(name="young-person", party=party, since=since)
    elif born and not holder:
        last = compulsory_school_age_ends(born).isoformat()
        yield Relation(name="young-person", party=party, since=day_after(last))


def _by_consent(state: PlanState, party: str, contact_id: str) -> Iterator[Relation]:
    for case in state.open_cases("consent"):
        if case.data.get("contactId") == contact_id and case.data.get("by") in OWN_CONSENT:
            for window in windows(case, {"GIVEN"}):
                yield as_recorded("helper", party, case, window, "CONSENT_CHILD")
