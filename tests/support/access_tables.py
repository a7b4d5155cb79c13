"""The whole matrix as it is kept: what every relation reads by every way in which a text could leave."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator

import httpx

from domain.document import SECTION_KEYS
from tests.support.life import Life, person
from tests.support.serving import Caller, Serving
from tests.support.whole_life import NEXT, TEXTS, TODAY, WholeLife, marked, whole_life, word

#: How each text of the plan that has lived is asked for, and compared with itself: by number, or by its entry.
ASKED_BY = {"pastDraft": {"draft": 2}, "past": {"version": 1}, "final": {"version": 2}, "draft": {"draft": 1}}
OTHER_WAYS = ("versions", "history", "clocks", "drafts", "entitlements", "listed", "found", "found by UPN", "header")
BORN_EARLY = "2009-08-31"


class Scene:
    """A plan at a moment, with somebody in each relation that it has then."""

    def __init__(self, name: str, life: Life, callers: dict[str, Caller]) -> None:
        self.name = name
        self.life = life
        self.callers = callers


def scenes(serving: Serving) -> Iterator[Scene]:
    """Every relation of the matrix, in as few plans as hold them side by side."""
    life = whole_life(serving)
    yield Scene("in force", life, life.callers() | strangers(serving))
    yield _rights_passed(serving)
    yield _alternative(serving)
    yield _transfer_ahead(serving)
    yield _not_to_be_found(serving)
    sealed = whole_life(serving)
    _seal(sealed)
    yield Scene("identity sealed", sealed, sealed.callers())


def strangers(serving: Serving) -> dict[str, Caller]:
    """Callers whom nothing relates to the plan, each of a kind of organisation that others of it are related by."""
    return {
        "stranger: council": serving.officer("840"),
        "stranger: council's auditor": serving.as_("auditor", "la:840"),
        "stranger: school": serving.as_("school", "urn:199190"),
        "stranger: health body": serving.as_("health", "ods:QZ9"),
        "stranger: inspectorate": serving.as_("regulator", "regulator:cqc"),
        "stranger: machine": serving.as_("service", "la:936"),
    }


def _rights_passed(serving: Serving) -> Scene:
    contacts = person()["contacts"] | {
        "contact-5": {"order": 5, "kind": "youngPerson", "name": "Robin Quillfeather", "mayReceive": "yes"}
    }
    life = WholeLife(serving).lived(dateOfBirth=BORN_EARLY, contacts=contacts)
    held = {"holder": "YOUNG_PERSON_WITH_HELPER", "helper": "contact-1", "since": "2026-10-27"}
    life.record("change-right-holder", "2026-10-27", **held)
    serving.clock.day = TODAY
    family = {"young-person": "contact-5", "helper": "contact-1", "parent without consent": "contact-2"}
    return Scene("rights passed", life, {name: life.family(contact) for name, contact in family.items()})


def _alternative(serving: Serving) -> Scene:
    life = WholeLife(serving).lived(dateOfBirth=BORN_EARLY)
    held = {"holder": "ALTERNATIVE_PERSON", "contactId": "contact-2", "alternativeKind": "PARENT"}
    life.record("change-right-holder", "2026-10-27", **held, since="2026-10-27")
    serving.clock.day = TODAY
    callers = {"alternative-person": life.family("contact-2"), "the other parent": life.family("contact-1")}
    return Scene("alternative person", life, callers)


def _transfer_ahead(serving: Serving) -> Scene:
    life = WholeLife(serving).lived()
    move = {"transferId": "move-2", "toLa": "840", "transferOn": "2026-11-30", "movedOn": "2026-11-30"}
    life.record("transfer-plan", "2026-11-01", **move, lastReviewOn="2026-09-01")
    serving.clock.day = TODAY
    callers = {"incoming-council": serving.officer("840"), "maintaining-council until then": serving.officer("936")}
    return Scene("transfer ahead", life, callers)


def _not_to_be_found(serving: Serving) -> Scene:
    life = WholeLife(serving).lived()
    final = marked(life.reference, "final", NEXT, "ods:QT1")
    hidden = {"order": 1, "kind": "locationSensitive", "subject": "contact-2", "reason": "Order", "status": "confirmed"}
    put_right = {"correctedOn": TODAY, "what": "A restriction noted"}
    life.record("correct-clerical-error", TODAY, plan=final | {"restrictions": {"restriction-1": hidden}}, **put_right)
    callers = {"parent who must not find": life.family("contact-2"), "the other parent": life.family("contact-1")}
    return Scene("not to be found", life, callers)


def _seal(life: WholeLife) -> None:
    new = {"name": "Kit Marlowe-Example", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    plan = marked("NEW-1", "final", "urn:199191") | {"personalDetails": new}
    guardian = life.serving.as_("identity-guardian", "la:936")
    sealing = {"reason": "ADOPTION", "sealedOn": TODAY, "person": new, "plan": plan}
    life.record("seal-identity", TODAY, who=guardian, **sealing)


def reads(scene: Scene) -> Iterator[str]:
    """A line for each caller, way and text: what was shown, as seen in the answers of the API."""
    for name, caller in scene.callers.items():
        for label in TEXTS:
            for channel, ask in CHANNELS.items():
                answer = ask(scene.life, caller, label)
                cell = shown(opened(answer), label) if answer.is_success else "-"
                yield f"{scene.name} | {name} | {channel} | {label} | {cell}"
        for older, newer in (("pastDraft", "past"), ("past", "final"), ("final", "draft")):
            pair = {"from": _named(older), "to": _named(newer)}
            answer = caller.get(f"{scene.life.path}/diff", **pair)
            cell = f"{shown(answer.text, older)} / {shown(answer.text, newer)}" if answer.is_success else "-"
            yield f"{scene.name} | {name} | diff | {older}, {newer} | {cell}"
        for way in OTHER_WAYS:
            yield f"{scene.name} | {name} | {way} | | {_other_way(scene.life, caller, way)}"


def _read(life: Life, caller: Caller, label: str) -> httpx.Response:
    return caller.get(life.path, **ASKED_BY[label])


def _fhir(life: Life, caller: Caller, label: str) -> httpx.Response:
    """The same text as the NHS reads it."""
    headers = {**caller.headers, "Accept": "application/fhir+json"}
    return caller.http.get(life.path, params=ASKED_BY[label], headers=headers)


def _as_known(life: Life, caller: Caller, label: str) -> httpx.Response:
    """The same text as it was known at the end of the log."""
    return caller.get(life.path, **ASKED_BY[label], knownAt=life.serving.platform.store.head()[0])


def _by_signal(_life: Life, caller: Caller, _label: str) -> httpx.Response:
    """The feed of whoever asks: it tells that something happened, and never a word of a text."""
    return caller.get("/v1/feed", limit=200)


def _listed_readers(life: Life, caller: Caller, _label: str) -> httpx.Response:
    """Who has seen the plan."""
    return caller.get(f"{life.path}/disclosures")


#: By which ways a text could leave, each asked for every text by everybody: a new way is a line here.
CHANNELS: dict[str, Callable[[Life, Caller, str], httpx.Response]] = {
    "read": _read,
    "fhir": _fhir,
    "as known": _as_known,
    "feed": _by_signal,
    "disclosures": _listed_readers,
}


def _named(label: str) -> str:
    ((kind, number),) = ASKED_BY[label].items()
    return f"draft-{number}" if kind == "draft" else str(number)


def opened(answer: httpx.Response) -> str:
    """An answer with what it encloses in base64, as a FHIR document does: no word hides there."""
    enclosed = re.findall(r'"data":"([A-Za-z0-9+/=]+)"', answer.text)
    return "\n".join([answer.text, *(b64decode(data).decode(errors="replace") for data in enclosed)])


def shown(answer: str, label: str) -> str:
    """The sections of a text of which an answer holds a word: own items in brackets, K+ where a report is whole."""
    cells = []
    for section in SECTION_KEYS:
        whole, own = word(section, label) in answer, word(section, label, "own") in answer
        report = "+" if section == "K" and word(section, label, "file") in answer else ""
        if whole or own:
            cells.append(f"{section}{report}" if whole else f"({section}{report})")
    return " ".join(cells) or "nothing"


def _other_way(life: Life, caller: Caller, way: str) -> str:
    if way in {"versions", "history", "clocks", "drafts"}:
        answer = caller.get(f"{life.path}/{way}")
        seen = [label for label in TEXTS if shown(answer.text, label) != "nothing"]
        return f"{answer.status_code}{' with ' + ', '.join(seen) if seen else ''}"
    if way == "entitlements":
        return str(caller.get(f"{life.path}/entitlements", organisation=NEXT, on=TODAY).status_code)
    if way == "listed":
        rows = caller.get("/v1/plans", limit=200).json()["plans"]
        return str(life.plan_id in {row["planId"] for row in rows})
    if way == "header":
        answer = caller.get(life.path)
        told = answer.json()
        held = {
            "UPN": "B801200005001",
            "NHS number": "9990000050",
            "council": '"maintainingLa"',
            "reference": life.reference,
        }
        return ", ".join(name for name, value in held.items() if value in answer.text) if "planId" in told else "-"
    terms = {"upn": "B801200005001"} if way == "found by UPN" else {"nhsNumber": "9990000050"}
    return str(life.plan_id in caller.post("/v1/plans/search", terms).json()["planIds"])
