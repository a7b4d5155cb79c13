"""Fictional plans in any number: every name, number and word is invented; NHS numbers are of the 999 test range."""

import random
from typing import Any

GIVEN = ("Aled", "Bryony", "Caius", "Delphine", "Eamon", "Farah", "Gethin", "Hyacinth", "Idris", "Jorah")
FAMILY = (
    "Quillfeather",
    "Marshbanks",
    "Ottershaw",
    "Penhallow",
    "Rookwood",
    "Silverdale",
    "Thistlewood",
    "Umberland",
)
NEEDS = (
    "finds it hard to follow instructions of more than two steps and waits to see what others do",
    "reads at a level about three years below what is expected and avoids reading aloud",
    "becomes anxious when the timetable changes and may leave the classroom",
    "tires quickly when writing by hand and cannot yet type fluently",
)
PROVISION = (
    "A teaching assistant trained by the speech and language therapist works 1:1 on the programme, 20 minutes a day",
    "Structured teaching of reading by a specialist teacher, 45 minutes, three times a week",
    "A key adult meets the pupil at the start and the end of each day for 10 minutes",
    "Touch-typing, 15 minutes, four times a week, with an occupational therapist's review once a term",
)
AREAS = (
    "communicationAndInteraction",
    "cognitionAndLearning",
    "socialEmotionalMentalHealth",
    "sensoryAndPhysical",
)


def fictional_plan(number: int, *, needs: int = 6, seed: int = 0) -> dict[str, Any]:
    """A valid digital plan of a child that doesn't exist; the same number and seed give the same plan."""
    dice = random.Random(f"{seed}/{number}")
    given, family = dice.choice(GIVEN), dice.choice(FAMILY)
    return {
        "planType": "EHCP",
        "schemaVersion": "1.0",
        "localReference": f"FIC-{number:06d}",
        "personalDetails": {
            "name": f"{given} {family}",
            "dateOfBirth": f"{dice.randint(2008, 2020)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            "sex": dice.choice("MF"),
            "contacts": {
                "contact-1": {
                    "order": 1,
                    "kind": "parentOrCarer",
                    "name": f"Morwenna {family}",
                    "relationship": "Mother",
                    "telephone": f"07700 900{dice.randint(0, 999):03d}",
                    "mayReceive": "yes",
                }
            },
        },
        "sections": {
            "A": {"history": f"{given} lives with family in a town that is on no map. {dice.choice(NEEDS)}."},
            "B": {"needs": {f"need-{n}": _need(given, n, dice) for n in range(1, needs + 1)}},
            "C": {},
            "D": {},
            "E": {"outcomes": {f"outcome-{n}": _outcome(given, n) for n in range(1, needs + 1)}},
            "F": {"provisions": {f"provision-{n}": _provision(n, dice) for n in range(1, needs + 1)}},
            "G": {},
            "H1": {},
            "H2": {},
            "I": {
                "placementBasis": "NAMED",
                "placements": {
                    "placement-1": {
                        "order": 1,
                        "rank": 1,
                        "name": f"Fictional Park School {number % 40}",
                        "type": "Mainstream secondary school",
                        "urn": f"{199000 + number % 40}",
                    }
                },
            },
            "J": {"directPayments": "none"},
            "K": {},
        },
    }


def _need(given: str, number: int, dice: random.Random) -> dict[str, Any]:
    return {
        "order": number,
        "area": AREAS[number % 4],
        "description": f"{given} {dice.choice(NEEDS)}. Observed on {dice.randint(2, 9)} of 10 occasions.",
    }


def _outcome(given: str, number: int) -> dict[str, Any]:
    text = f"By July 2027 {given} will do so without a prompt on {number + 2} out of 10 occasions."
    return {"order": number, "text": text, "needIds": [f"need-{number}"]}


def _provision(number: int, dice: random.Random) -> dict[str, Any]:
    return {
        "order": number,
        "what": f"{dice.choice(PROVISION)}, 38 weeks a year.",
        "needIds": [f"need-{number}"],
        "outcomeIds": [f"outcome-{number}"],
        "quantity": {
            "minutesPerSession": dice.choice((15, 20, 30, 45)),
            "sessions": 3,
            "per": "week",
            "weeksPerYear": 38,
        },
    }
