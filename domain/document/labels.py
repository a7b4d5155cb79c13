"""What a reader calls the parts of a plan: sections, items, fields; and values as people write them."""

import re
from datetime import date

from domain.document.items import Item
from domain.document.json_values import JsonValue
from domain.document.sections import SECTION_KEYS

AREA_NAMES: dict[str, str] = {
    "communicationAndInteraction": "communication and interaction",
    "cognitionAndLearning": "cognition and learning",
    "socialEmotionalMentalHealth": "social, emotional and mental health",
    "sensoryAndPhysical": "sensory and physical",
}
#: Items by their part of the document: the noun, and what tells them from the same noun elsewhere.
ITEM_NAMES: dict[str, tuple[str, str]] = {
    "personalDetails": ("Contact", ""),
    "A": ("Drawing or recording", ""),
    "B": ("Need", ""),
    "C": ("Need", "health"),
    "D": ("Need", "social care"),
    "E": ("Outcome", ""),
    "F": ("Provision", ""),
    "G": ("Provision", "health"),
    "H1": ("Provision", "social care, 1970 Act"),
    "H2": ("Provision", "other social care"),
    "I": ("Placement", ""),
    "K": ("Advice", ""),
    "healthProvisionNotAgreed": ("Health provision not agreed", ""),
    "unplacedNotes": ("Unplaced note", ""),
    "restrictions": ("Restriction", ""),
}
PART_NAMES: dict[str, str] = {
    "personalDetails": "Personal details",
    "services": "Services involved",
    "signOff": "Sign-off",
}
FIELD_NAMES: dict[str, str] = {
    **AREA_NAMES,
    "amountPence": "amount",
    "instalmentsPence": "instalments",
    "needIds": "needs",
    "outcomeIds": "outcomes",
    "provisionIds": "provision",
    "ncYear": "National Curriculum year",
    "nhsNumber": "NHS number",
    "nhsNumberStatus": "NHS number status",
    "upn": "UPN",
    "formerUpns": "former UPNs",
    "upnUnknownReason": "reason for having no UPN",
    "uln": "ULN",
    "urn": "URN",
    "ukprn": "UKPRN",
    "laestab": "DfE number",
    "odsCode": "ODS code",
    "gpOdsCode": "GP practice code",
    "gpAndKeyHealthProfessional": "GP and key health professional",
    "senType": "SEN type",
    "senSetting": "SEN setting",
    "senUnit": "SEN unit",
    "sppCode": "specialist package",
    "reg6Category": "reg 6 category",
    "email": "e-mail",
    "currentlyLookedAfter": "looked after now",
    "hasBeenLookedAfter": "looked after before",
    "movingFromDifferentLA": "moving from a different council",
    "fromLa": "from council",
    "toLa": "to council",
    "corporateParentLa": "corporate parent",
    "fundingLa": "funding council",
    "trains": "educates or trains",
    "healthOrCareTreatedAsEducation": "treated as education",
    "onePageProfile": "one page profile",
    "dpCodes": "direct payment codes",
}
#: Our own code words that read badly when they are only taken apart.
VALUE_NAMES: dict[str, str] = {
    **AREA_NAMES,
    "TYPE_ONLY": "type only",
    "EHE_S42_5": "elective home education, s.42(5)",
    "NAMED": "named",
    "notKnown": "not known",
    "notAgreed": "not agreed",
}
#: Spelt out here because the calendar module follows the machine's locale.
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def item_name(item: Item, *, alone: bool) -> str:
    """An item as a reader calls it: "Need 2 (communication and interaction)"; `alone` drops the number."""
    noun, among = ITEM_NAMES[item.section]
    among = AREA_NAMES.get(item.value.get("area", ""), "") if item.section == "B" else among
    numbered = noun if alone else f"{noun} {item.number}"
    return f"{numbered} ({among})" if among else numbered


def part_name(section: str) -> str:
    """A part of the document as a reader calls it: "Section J", "Personal details", "Plan" for the whole."""
    if not section:
        return "Plan"
    if section in SECTION_KEYS:
        return f"Section {section}"
    return PART_NAMES.get(section) or field_name(section).capitalize()


def field_name(field: str) -> str:
    """A member's name in words: achievableBy -> "achievable by", odsCode -> "ODS code"."""
    return FIELD_NAMES.get(field) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).lower()


def value_in_words(field: str, value: JsonValue) -> str:
    """A value as people write it: pence as pounds, dates in words, true as yes, lists with commas."""
    if isinstance(value, list):
        return ", ".join(value_in_words(field, member) for member in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.endswith("Pence"):
        return pounds(value)
    if isinstance(value, str) and ISO_DATE.match(value):
        return date_in_words(date.fromisoformat(value))
    return VALUE_NAMES.get(str(value), str(value))


def pounds(pence: int) -> str:
    """Whole pence as pounds sterling: 127400 -> "£1,274.00"."""
    return f"£{pence // 100:,}.{pence % 100:02d}"


def date_in_words(on: date) -> str:
    """A date as a letter writes it: 1 July 2026."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
