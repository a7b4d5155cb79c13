"""Plan texts for random histories: mostly such as the law wants them at that stage, now and then not."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

from domain.document import empty_document, text_hash
from domain.plan.state import PlanState

Json = dict[str, Any]
SETTINGS = ("urn:199101", "urn:199202", "ukprn:10099801")
#: Health provision that may come into section G, each with the body that commissions it.
HEALTH: dict[str, Json] = {
    "provision-h1": {
        "order": 1,
        "what": "Physiotherapy to keep the range of movement in both ankles",
        "quantity": {"minutesPerSession": 45, "sessions": 1, "per": "fortnight"},
        "commissioner": {"type": "ICB", "odsCode": "QJK"},
    },
    "provision-h2": {
        "order": 2,
        "what": "The school nurse keeps the individual health care plan",
        "quantity": {"minutesPerSession": 30, "sessions": 1, "per": "term"},
        "commissioner": {"type": "PUBLIC_HEALTH", "name": "Example public health"},
    },
}
NEEDS = ("Reading", "Understanding what is said", "Staying calm in a crowd")
AREAS = ("cognitionAndLearning", "communicationAndInteraction", "socialEmotionalMentalHealth")
PERSON_FIELDS = ("name", "preferredName", "dateOfBirth", "sex", "ncYear")
IDENTIFIERS = ("nhsNumber", "upn", "uln")


def child(rng: random.Random, opened_in: int) -> Json:
    """A fictional child, between a baby and a young adult when the record opens."""
    year = opened_in - rng.choice((2, 3, 6, 9, 12, 15, 17, 19, 23))
    born = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    contacts = {
        f"contact-{n}": {"order": n, "kind": "parentOrCarer", "name": f"Parent {n}", "mayReceive": may}
        for n, may in enumerate(rng.choice((("yes",), ("yes", "yes"), ("yes", "no"))), start=1)
    }
    return {"name": "Robin Example", "dateOfBirth": born, "sex": "notKnown", "contacts": contacts}


def text(
    rng: random.Random, state: PlanState, *, final: bool, amending: bool, lawful: bool, slip: bool = False
) -> Json:
    """A digital plan that fits its schema, for a draft or a final plan of this record; a `slip` spoils one thing."""
    document = _about(rng, state)
    sections: Json = document["sections"]
    _with_needs(rng, state, sections, lawful=lawful)
    _with_health(rng, sections, state, lawful=lawful)
    standing = deepcopy(state.document.get("sections", {}).get("I", {}))
    if final:
        sections["I"] = standing if amending and rng.random() < 0.5 else _placement(rng, state, lawful=lawful)
    elif amending:
        sections["I"] = standing
    if slip or not lawful:
        _spoil(rng, document)
    return document


def _about(rng: random.Random, state: PlanState) -> Json:
    """The child of this record, as the record has them; a new child where it has none yet."""
    known = state.person if "dateOfBirth" in state.person else {**child(rng, 2025), **state.person}
    document: Json = empty_document(name=known.get("name", "Robin Example"), date_of_birth=known["dateOfBirth"])
    details: Json = document["personalDetails"]
    details |= {name: deepcopy(known[name]) for name in PERSON_FIELDS if name in known}
    # A contact that was only ever restricted, and never added, has no name to be printed.
    contacts = {k: deepcopy(v) for k, v in known.get("contacts", {}).items() if "name" in v}
    numbers = {k: v for k, v in known.get("identifiers", {}).items() if k in IDENTIFIERS}
    details |= {name: held for name, held in (("contacts", contacts), ("identifiers", numbers)) if held}
    return document


def _with_needs(rng: random.Random, state: PlanState, sections: Json, *, lawful: bool) -> None:
    """Sections B and F: a few needs, each with its provision. What is there stays, since ids are never used again."""
    held: Json = state.document.get("sections", {})
    if lawful and held.get("B", {}).get("needs"):
        sections["B"], sections["F"] = deepcopy(held["B"]), deepcopy(held["F"])
        _provide(sections, state.sequence)
        return
    count = rng.randint(1, len(NEEDS))
    sections["B"] = {
        "needs": {f"need-{n + 1}": {"order": n + 1, "area": AREAS[n], "description": NEEDS[n]} for n in range(count)}
    }
    sections["F"] = {
        "provisions": {
            f"provision-{n + 1}": _teaching(n + 1, f"need-{n + 1}", rng.choice((15, 30, 60))) for n in range(count)
        }
    }


def _provide(sections: Json, number: int) -> None:
    """Give every need provision that lacks it, under an id that no item had."""
    provisions: Json = sections["F"].setdefault("provisions", {})
    met = {need for provision in provisions.values() for need in provision.get("needIds", ())}
    for place, need in enumerate(sorted(sections["B"]["needs"].keys() - met), start=len(provisions) + 1):
        provisions[f"provision-{number}-{place}"] = _teaching(place, need, 30)


def _teaching(place: int, need: str, minutes: int) -> Json:
    return {
        "order": place,
        "what": f"Teaching for {need}",
        "needIds": [need],
        "quantity": {"minutesPerSession": minutes, "sessions": 2, "per": "week"},
    }


def _with_health(rng: random.Random, sections: Json, state: PlanState, *, lawful: bool) -> None:
    """Section G: of the health provision what was agreed; sometimes what wasn't."""
    agreed = {item for item, known in state.health_agreements.items() if known.get("status") == "agreed"}
    taken = [item for item in HEALTH if (item in agreed if lawful else rng.random() < 0.5)]
    provisions = {item: deepcopy(HEALTH[item]) for item in taken if rng.random() < 0.8}
    if provisions:
        sections["G"] = {"provisions": provisions}


def _placement(rng: random.Random, state: PlanState, *, lawful: bool) -> Json:
    """Section I of a final plan: a consulted setting where there is one, else one of the other forms."""
    consulted = [
        str(case.data["organisation"])
        for case in state.open_cases("consultation", "RESPONDED", *([] if lawful else ["SENT", "WITHDRAWN"]))
        if str(case.data.get("organisation", "")).startswith(("urn:", "ukprn:"))
    ]
    if not lawful:
        consulted.extend(SETTINGS)
    if consulted and rng.random() < 0.8:
        return _named(rng.choice(consulted))
    other: Json = rng.choice((TYPE_ONLY, OTHERWISE, AT_HOME))
    return deepcopy(other)


def _named(organisation: str) -> Json:
    scheme, _, number = organisation.partition(":")
    placement = {"order": 1, "rank": 1, "name": "Elm Tree School", scheme: number}
    return {"placementBasis": "NAMED", "placements": {"placement-1": placement}}


TYPE_ONLY: Json = {
    "placementBasis": "TYPE_ONLY",
    "placements": {"placement-1": {"order": 1, "rank": 1, "type": "Special school"}},
}
OTHERWISE: Json = {
    "placementBasis": "EOTAS",
    "inappropriateBecause": "No classroom can be borne",
    "familyConsultedOn": "2025-01-10",
}
AT_HOME: Json = {
    "placementBasis": "EHE_S42_5",
    "note": "The parents make their own arrangements.",
    "placements": {"placement-1": {"order": 1, "rank": 1, "type": "Mainstream school", "senSetting": "EHE"}},
}


def _spoil(rng: random.Random, document: Json) -> None:
    """Make one thing wrong, in a text that still fits its schema."""
    sections: Json = document["sections"]
    match rng.randrange(7):
        case 0:
            sections["F"] = {}
        case 1:
            sections["I"] = _named(rng.choice(SETTINGS))
        case 2:
            sections["I"] = deepcopy(TYPE_ONLY)
        case 3:
            document["personalDetails"]["dateOfBirth"] = "2011-11-11"
        case 4:
            sections["I"] = {}
        case 5:
            item, _, provision = health_item(rng)
            worse = {**provision, "what": f"{provision['what']}, as often as the service can"}
            sections["G"] = {"provisions": {item: worse}}
        case _:
            needs: Json = sections["B"]["needs"]
            needs["need-9"] = {"order": 9, "area": AREAS[0], "description": "Number"}


def health_item(rng: random.Random) -> tuple[str, str, Json]:
    """An item of section G that a body may be asked about: its id, the hash of its text, and the item."""
    item = rng.choice(sorted(HEALTH))
    return item, text_hash(HEALTH[item]), HEALTH[item]
