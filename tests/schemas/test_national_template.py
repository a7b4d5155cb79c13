"""Every field of the national template has a place in the digital plan.

The list below is our own account of the form, in its order; each field comes with the JSON Pointer that holds
it. `*` stands for the id of an item. A field is held when a plan with it validates, and when the same key
misspelt does not.
"""

import pytest

from domain.document import JsonObject, empty_document, pointer
from domain.document.json_values import JsonValue, segments
from services.validation import validate_plan

AREAS = {
    "communication and interaction": "communicationAndInteraction",
    "cognition and learning": "cognitionAndLearning",
    "social, emotional and mental health": "socialEmotionalMentalHealth",
    "sensory and physical": "sensoryAndPhysical",
}
#: The kinds of advice that the form prints, with the sub-paragraph of reg 6(1).
ADVICE = {
    "parent or young person": "a",
    "educational": "b",
    "medical": "c",
    "educational psychologist": "d",
    "social care": "e",
    "anyone else whom the council thinks appropriate": "f",
    "preparation for adulthood from year 9": "g",
    "anyone whom the family reasonably asks for": "h",
}
YES = {"answer": "yes", "asStated": "Yes, as told"}
CONTACTS = "/personalDetails/contacts/contact-"

FIELDS: list[tuple[str, str, JsonValue]] = [
    # 1 personal details
    ("name", "/personalDetails/name", "Ottoline Brackenridge"),
    ("preferred name", "/personalDetails/preferredName", "Otty"),
    ("date of birth", "/personalDetails/dateOfBirth", "2014-04-17"),
    ("date of birth in words", "/personalDetails/dateOfBirthAsStated", "17th April 2014"),
    ("sex", "/personalDetails/sex", "F"),
    ("ethnicity", "/personalDetails/ethnicity/asStated", "White - British"),
    ("child's first language", "/personalDetails/firstLanguage", "English"),
    ("parent's first language", "/personalDetails/parentFirstLanguage", "Welsh"),
    *[
        (f"{who}: {name}", f"{CONTACTS}{number}/{field}", value)
        for number, who in ((1, "main contact"), (2, "parent or carer 2"))
        for name, field, value in (
            ("name", "name", "Rhian Brackenridge"),
            ("relationship", "relationship", "Mother"),
            ("e-mail", "email", "rhian@example.org"),
            ("telephone", "telephone", "01632 960111"),
            ("home address", "homeAddress", "1 Mill Lane\nAnytown"),
        )
    ],
    ("young person as main contact", f"{CONTACTS}1/kind", "youngPerson"),
    # 2 services currently involved
    ("education setting", "/services/educationSetting/asStated", "Fernhill School"),
    ("GP and key health professional", "/services/gpAndKeyHealthProfessional", "Dr A. Example"),
    ("NHS number", "/personalDetails/identifiers/nhsNumber", "9990000050"),
    ("known to social care", "/services/knownToSocialCare", YES),
    ("other professionals", "/services/otherProfessionals", "A psychologist"),
    ("looked after now", "/services/currentlyLookedAfter", YES),
    ("looked after before", "/services/hasBeenLookedAfter", YES),
    ("one page profile", "/services/onePageProfile", YES),
    (
        "moving from another council",
        "/services/movingFromDifferentLA",
        {**YES, "fromLa": "936", "toLa": "850"},
    ),
    # 3, 4 section A
    ("A1 history", "/sections/A/history", "Born in spring."),
    ("A1 how to communicate", "/sections/A/communication", "Slowly."),
    ("A2 child's views", "/sections/A/views/child", "'I like it.'"),
    ("A2 parents' views", "/sections/A/views/family", "We like it."),
    ("A2 young person's views", "/sections/A/views/youngPerson", "'Fine.'"),
    ("A2 interests", "/sections/A/interests", "Trains."),
    ("A2 strengths", "/sections/A/strengths", "Memory."),
    ("A2 aspirations", "/sections/A/aspirations", "To drive one."),
    *[
        (
            f"A2 {kind}",
            "/sections/A/media/media-1",
            {"order": 1, "kind": kind, "title": "Mine", "durationSeconds": 300},
        )
        for kind in ("drawing", "photograph", "video", "recording")
    ],
    # 5 B - F - E for each area
    *[
        field
        for name, area in AREAS.items()
        for field in (
            (f"strengths in {name}", f"/sections/B/strengths/{area}", "Much."),
            (f"need in {name}", "/sections/B/needs/need-11/area", area),
            (f"F provision in {name}", "/sections/F/provisions/provision-1/area", area),
            (f"E outcome in {name}", "/sections/E/outcomes/outcome-1/area", area),
        )
    ],
    ("B need (an eleventh row)", "/sections/B/needs/need-11/description", "As assessed."),
    # 5 to 7 a row reads across by its links
    ("F provision", "/sections/F/provisions/provision-1/what", "As specified."),
    ("F provision of the row", "/sections/F/provisions/provision-1/needIds", ["need-11"]),
    ("E outcome", "/sections/E/outcomes/outcome-1/text", "As hoped."),
    ("E outcome of the row", "/sections/E/outcomes/outcome-1/needIds", ["need-11"]),
    ("outcome of a provision", "/sections/F/provisions/provision-1/outcomeIds", ["outcome-1"]),
    ("strengths in health", "/sections/C/strengths", "Sleeps well."),
    ("C health need", "/sections/C/needs/need-2/description", "As assessed."),
    ("G health care provision", "/sections/G/provisions/provision-2/what", "As agreed."),
    ("strengths in social care", "/sections/D/strengths", "Family."),
    ("D social care need", "/sections/D/needs/need-3/description", "As assessed."),
    ("H1 provision", "/sections/H1/provisions/provision-3/what", "Help at home."),
    ("H2 provision", "/sections/H2/provisions/provision-4/what", "Short breaks."),
    # 8 section I, second placement included
    *[
        field
        for number in (1, 2)
        for field in (
            (
                f"I name, placement {number}",
                f"/sections/I/placements/placement-{number}/name",
                "Fernhill School",
            ),
            (f"I type, placement {number}", f"/sections/I/placements/placement-{number}/type", "Academy"),
        )
    ],
    # 9 section J
    ("J details", "/sections/J/details", "None."),
    ("J arrangements", "/sections/J/arrangements", "Not applicable."),
    # 10 section K
    *[
        field
        for name, category in ADVICE.items()
        for field in (
            (f"K {name}: kind", "/sections/K/advice/advice-1/kind", name),
            (f"K {name}: category", "/sections/K/advice/advice-1/reg6Category", category),
            (f"K {name}: date received", "/sections/K/advice/advice-1/dateReceived", "2026-03-03"),
            (f"K {name}: from", "/sections/K/advice/advice-1/from", "Whoever gave it"),
            (f"K {name}: appended", "/sections/K/advice/advice-1/appended", "yes"),
        )
    ],
    ("K date in words", "/sections/K/advice/advice-1/dateReceivedAsStated", "3rd March 2026"),
    # 11 sign-off
    ("officer's name", "/signOff/officerName", "M. Quist"),
    ("signature", "/signOff/signature", "M. Quist"),
    ("date of signature", "/signOff/date", "2026-06-19"),
]
#: What an item must have besides the field that is being set.
SKELETONS: dict[str, JsonObject] = {
    "contacts": {"order": 1, "kind": "parentOrCarer", "name": "A name"},
    "needs": {"order": 1, "description": "A need"},
    "outcomes": {"order": 1, "text": "An outcome"},
    "provisions": {"order": 1, "what": "Provision"},
    "placements": {"order": 1},
    "advice": {"order": 1, "kind": "Advice"},
    "media": {},
    "educationSetting": {},
}


def plan_with(place: str, value: JsonValue) -> JsonObject:
    """A valid plan that holds the value at that place."""
    document = empty_document(name="A name", date_of_birth="2014-04-17")
    path = segments(place)
    holder = document
    for depth, segment in enumerate(path[:-1]):
        skeleton = dict(SKELETONS.get(path[depth - 1], {})) if depth else {}
        if path[: depth + 1][:3] == ("sections", "B", "needs") and depth == 3:
            skeleton["area"] = "communicationAndInteraction"
        holder = holder.setdefault(segment, skeleton)
    holder[path[-1]] = value
    return document


@pytest.mark.parametrize(("field", "place", "value"), FIELDS, ids=[field for field, _, _ in FIELDS])
def test_the_schema_holds_the_field(field: str, place: str, value: JsonValue) -> None:
    assert validate_plan(plan_with(place, value)) == [], field


@pytest.mark.parametrize("place", sorted({place for _, place, _ in FIELDS}))
def test_a_misspelt_key_at_the_place_of_a_field_is_refused(place: str) -> None:
    *way, key = segments(place)
    wrong = f"{key}X" if key != "media-1" else "Media 1"
    misspelt = pointer(*way, wrong)
    value = next(value for _, known, value in FIELDS if known == place)
    rule = "unevaluatedProperties" if key != "media-1" else "not"
    assert (misspelt, rule) in {(found.pointer, found.rule) for found in validate_plan(plan_with(misspelt, value))}
