"""The dimensions beside relation, text and section, every pair of values together: who is shown what must not be.

What a child may be: hidden from somebody, with an address that is held back, in rights of their own, with a parent who
is barred, moved to another council, adopted. Each reader asks by each way; the rules are written apart from the matrix.
"""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

from tests.support.access_tables import opened
from tests.support.life import ICB, SCHOOL, Life, person, text
from tests.support.serving import Caller, Serving

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "place": ("open", "hidden from one", "hidden from all", "lifted"),
    "address": ("open", "held back"),
    "rights": ("parents", "young person", "alternative person"),
    "barred": ("nobody", "second parent"),
    "council": ("same", "moved"),
    "identity": ("open", "sealed"),
}
PLACES = ("Elm Tree School", "199101", "Leicestershire", "Lutterfield", "la:855", '"855"', "QJK")
LANE, UPN, NHS_NUMBER, OLD_NAME = "12 Hidden Lane", "B801200005001", "9990000050", "Robin Quillfeather"
WAYS = (
    "", "?version=1", "?asAt=2026-06-01", "/versions", "/history", "/clocks", "/disclosures", "/subject-access",
    "/diff?from=1&to=1", "?knownAt=",
)  # fmt: skip
ON, MOVED, SEALED, TODAY = "2026-06-10", "2026-06-20", "2026-06-25", "2026-07-01"


def pairwise() -> list[dict[str, str]]:
    """Few cases in which every pair of values of two dimensions occurs."""
    names = list(DIMENSIONS)
    wanted = {
        ((one, a), (other, b))
        for one, other in combinations(names, 2)
        for a, b in product(DIMENSIONS[one], DIMENSIONS[other])
    }
    every = [dict(zip(names, values, strict=True)) for values in product(*DIMENSIONS.values())]
    found = []
    while wanted:
        best = max(every, key=lambda case: len(wanted & set(combinations(case.items(), 2))))
        wanted -= set(combinations(best.items(), 2))
        found.append(best)
    return found


CASES = pairwise()


def life_of(platform: Serving, case: dict[str, str]) -> Life:
    contacts = person()["contacts"] | {
        "contact-5": {"order": 5, "kind": "youngPerson", "name": "Robin Quillfeather", "mayReceive": "yes"}
    }
    contacts["contact-1"] |= {"homeAddress": f"{LANE}, Lutterfield"}
    if case["address"] == "held back":
        contacts["contact-1"] |= {"addressRestricted": True}
    born = "2015-03-04" if case["rights"] == "parents" else "2009-08-31"
    life = Life(platform).imported(dateOfBirth=born, contacts=contacts)
    _restricted(life, case["place"])
    if case["barred"] != "nobody":
        life.do("restrict-contact", ON, contactId="contact-2", reason="Court order")
    if case["rights"] != "parents":
        holder = {"holder": "YOUNG_PERSON", "since": ON}
        if case["rights"] == "alternative person":
            holder = {
                "holder": "ALTERNATIVE_PERSON",
                "contactId": "contact-1",
                "alternativeKind": "PARENT",
                "since": ON,
            }
        life.record("change-right-holder", ON, **holder)
    if case["council"] == "moved":
        move = {"transferId": "move-1", "toLa": "840", "transferOn": MOVED, "movedOn": MOVED}
        life.record("transfer-plan", MOVED, **move, lastReviewOn="2026-01-01")
    if case["identity"] == "sealed":
        _sealed(life, "840" if case["council"] == "moved" else "855")
    platform.clock.day = TODAY
    return life


def _restricted(life: Life, place: str) -> None:
    if place == "open":
        return
    hidden: dict[str, Any] = {"order": 1, "kind": "locationSensitive", "reason": "Order", "status": "confirmed"}
    hidden |= {"subject": "contact-2"} if place == "hidden from one" else {}
    hidden |= {"status": "lifted"} if place == "lifted" else {}
    noted = life.read()["plan"] | {"restrictions": {"restriction-1": hidden}}
    life.record("correct-clerical-error", ON, correctedOn=ON, what="A restriction noted", plan=noted)


def _sealed(life: Life, council: str) -> None:
    new = {"name": "Kit Marlowe-Example", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    guardian = life.serving.as_("identity-guardian", f"la:{council}")
    plan = text("NEW-1", G={"provisions": None}) | {"personalDetails": new}
    life.record("seal-identity", SEALED, guardian, reason="ADOPTION", sealedOn=SEALED, person=new, plan=plan)


def readers(life: Life) -> dict[str, Caller]:
    served = life.serving
    return {
        "first parent": life.family("contact-1"),
        "second parent": life.family("contact-2"),
        "young person": life.family("contact-5"),
        "school": served.as_("school", SCHOOL),
        "health": served.as_("health", ICB),
        "old council": served.officer("855"),
        "new council": served.officer("840"),
        "stranger": served.as_("school", "urn:199109"),
    }


def told(life: Life, who: Caller) -> Iterator[tuple[str, int, str]]:
    """What somebody is answered by every way."""
    position = life.serving.platform.store.head()[0]
    for way in WAYS:
        answer = who.get(life.path + (f"{way}{position}" if way.endswith("=") else way))
        yield way, answer.status_code, answer.text
    fhir = who.http.get(life.path, headers={**who.headers, "Accept": "application/fhir+json"})
    yield "fhir", fhir.status_code, opened(fhir)


def forbidden_to(who: str, case: dict[str, str]) -> tuple[set[str], bool]:
    """The words that somebody must never read of this child, and whether they must not learn that there is a plan."""
    words: set[str] = set()
    family = who in {"first parent", "second parent", "young person"}
    if (case["place"] == "hidden from one" and who == "second parent") or (
        case["place"] == "hidden from all" and family
    ):
        words |= set(PLACES)
    if case["address"] == "held back" and who not in {"old council", "new council", "first parent"}:
        words.add(LANE)
    if who == "health":
        words.add(UPN)
    sealed, moved = case["identity"] == "sealed", case["council"] == "moved"
    if sealed:
        words |= {UPN, NHS_NUMBER, OLD_NAME, LANE}
    passed = case["rights"] != "parents"
    unknown = {
        "stranger": True,
        "first parent": sealed or case["rights"] == "young person",
        "second parent": sealed or passed or case["barred"] != "nobody",
        "young person": sealed,
        "new council": not moved,
        "school": sealed,
        "health": sealed,
        "old council": sealed and moved,
    }
    return words, unknown[who]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ", ".join(case.values()))
def test_nobody_reads_what_must_not_be_read(
    platform: Serving, case: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    life = life_of(platform, case)
    asked, leaks = 0, []
    for name, who in readers(life).items():
        words, unknown = forbidden_to(name, case)
        for way, status, said in told(life, who):
            asked += 1
            leaks += [f"{name} {way}: {word}" for word in words if word in said]
            leaks += [f"{name} {way}: {status}"] * (unknown and status != 404)
    with capsys.disabled():
        print(f"\n{asked} answers, {len(leaks)} leaks of case {CASES.index(case) + 1} of {len(CASES)}", end="")
    assert leaks == []
