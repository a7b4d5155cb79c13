"""Guards on contacts, numbers and protected identities (reg 17; UK GDPR Art 5(1)(d), (f))."""

from collections.abc import Iterator
from typing import Any

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.guards.registry import guard

NUMBERS = ("nhsNumber", "upn", "uln")
#: What is looked up for a sealing and a merge: the records of the child whose identity isn't sealed.
OPEN_RECORDS = "openRecords"
#: Details of a contact that nobody sets for themselves.
DECIDED_BY_COUNCIL = ("kind", "mayReceive", "restrictionReason", "parentalResponsibility", "addressRestricted")


@guard("contact-new")
def contact_new(context: Context) -> Iterator[Breach]:
    """A contact is added under an id that this record hasn't used, not even for a former identity."""
    if context.data.get("contactId") in {*_contacts(context), *context.state.sealed_contacts}:
        yield context.breach("contact-known", "This record has a contact of that id already.", pointer="/contactId")


@guard("contact-known")
def contact_known(context: Context) -> Iterator[Breach]:
    """The contact is one of this record."""
    if context.data.get("contactId") not in _contacts(context):
        yield context.breach("unknown-contact", "This record has no contact of that id.", pointer="/contactId")


@guard("restriction-has-reason")
def restriction_has_reason(context: Context) -> Iterator[Breach]:
    """Somebody who may not be sent anything is barred for a reason that is stated."""
    contact = context.data.get("contact", {})
    if contact.get("mayReceive") == "no" and not contact.get("restrictionReason"):
        yield context.breach(
            "restriction-reason-missing",
            "Say why this contact may not be sent anything.",
            law="reg 17; Children Act 1989 s.8",
            pointer="/contact/restrictionReason",
        )


@guard("own-restriction-not-lifted")
def own_restriction_not_lifted(context: Context) -> Iterator[Breach]:
    """A restriction is lifted by its own act, decided by a named officer, never by changing an address."""
    before = _contacts(context).get(str(context.data.get("contactId")), {})
    if before.get("mayReceive") == "no" and context.data.get("contact", {}).get("mayReceive") != "no":
        yield context.breach(
            "restriction-stands",
            "This contact may not be sent anything; a named officer lifts that by its own act.",
            law="reg 17; Children Act 1989 s.8",
            pointer="/contact/mayReceive",
        )


@guard("own-details-only")
def own_details_only(context: Context) -> Iterator[Breach]:
    """A member of the family changes their own details, never another's nor what they may receive."""
    actor, contact_id = context.act.actor, str(context.data.get("contactId", ""))
    if actor.role != "family":
        return
    if contact_id != actor.contact_id:
        yield context.breach("another-persons-details", "These are another person's details.", pointer="/contactId")
    before = _contacts(context).get(contact_id, {})
    after: JsonObject = context.data.get("contact", before)
    for name in DECIDED_BY_COUNCIL:
        if before.get(name) != after.get(name):
            yield context.breach(
                "decided-by-the-council",
                "Who is a parent, and who may be sent what, is for the council to record.",
                law="reg 17; CFA s.83",
                pointer=f"/contact/{name}",
            )


def _contacts(context: Context) -> dict[str, JsonObject]:
    contacts: dict[str, JsonObject] = context.state.person.get("contacts", {})
    return contacts


@guard("identifier-changes")
def identifier_changes(context: Context) -> Iterator[Breach]:
    """At least one number is new or ends, and none is both."""
    ended = set(context.data.get("ended", ()))
    given = {name for name in NUMBERS if name in context.data}
    if not given and not ended:
        yield context.breach("nothing-changes", "Give the new number, or say which number ends.")
    for name in sorted(given & ended):
        yield context.breach("number-given-and-ended", "A number can't be given and ended at once.", pointer=f"/{name}")
    current = context.state.person.get("identifiers", {})
    for name in sorted(given):
        if current.get(name) == context.data[name]:
            yield context.breach("same-number", "This is the number on record already.", pointer=f"/{name}")


@guard("not-sealed-yet")
def not_sealed_yet(context: Context) -> Iterator[Breach]:
    """An identity that is sealed is unsealed before it is sealed anew."""
    if context.state.sealed_from:
        yield context.breach("sealed-already", "The identity is sealed already.")


@guard("is-sealed")
def is_sealed(context: Context) -> Iterator[Breach]:
    """Only a sealed identity can be unsealed."""
    if not context.state.sealed_from:
        yield context.breach("not-sealed", "The identity isn't sealed.")


@guard("no-former-identity")
def no_former_identity(context: Context) -> Iterator[Breach]:
    """The new identity, and the plan as it is issued anew, repeat neither the old name nor an old number."""
    old = _old_identity(context)
    for pointer, document in (("/person", context.data.get("person")), ("/plan", context.act.plan_text())):
        if document and any(value in text for text in _texts(document) for value in old):
            yield context.breach(
                "former-identity-repeated",
                "The new identity must not repeat the old name, NHS number, UPN or ULN.",
                law="Adoption and Children Act 2002 s.67; reg 17(4)",
                pointer=pointer,
            )


@guard("contacts-have-new-ids")
def contacts_have_new_ids(context: Context) -> Iterator[Breach]:
    """Whoever signs in under the id of a former contact must not be taken for a contact of the new identity."""
    former = {*_contacts(context), *context.state.sealed_contacts}
    for contact_id in sorted(former & context.data.get("person", {}).get("contacts", {}).keys()):
        yield context.breach(
            "contact-id-of-former-identity",
            f"'{contact_id}' was a contact of the former identity: give the contact another id, and invite them anew.",
            law="Adoption and Children Act 2002 s.67; reg 17(4)",
            pointer=f"/person/contacts/{contact_id}",
        )


@guard("merged-records-first")
def merged_records_first(context: Context) -> Iterator[Breach]:
    """What is merged into a record holds the former identity too, and is sealed before it, or before it is merged."""
    for record in context.act.resolved.get(OPEN_RECORDS, ()):
        yield context.breach(
            "merged-record-open",
            f"Record {record} holds the former identity: seal it first, or its readers would read on.",
            law="Adoption and Children Act 2002 s.67; reg 17(4)",
        )


@guard("text-issued-anew")
def text_issued_anew(context: Context) -> Iterator[Breach]:
    """A plan in force is issued anew under the new identity, since its readers lose every earlier text.

    A record that was merged into another has none in force: it is there only that it may be closed too.
    """
    if context.state.phase != "MERGED" and context.state.is_final() and context.act.plan_text() is None:
        yield context.breach(
            "text-not-issued-anew",
            "A plan is in force: give its text under the new identity, because every earlier text is closed.",
            law="CFA s.42; reg 17(4)",
            pointer="/draftId",
        )


def _old_identity(context: Context) -> tuple[str, ...]:
    person = context.state.person
    numbers = person.get("identifiers", {})
    former = [entry.get("value") for entry in person.get("formerIdentifiers", {}).values()]
    held = (
        person.get("name"),
        *(numbers.get(name) for name in NUMBERS),
        *numbers.get("formerUpns", ()),
        *former,
    )
    return tuple(str(value) for value in held if value)


def _texts(document: JsonObject) -> Iterator[str]:
    """Every text inside a JSON value."""
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
