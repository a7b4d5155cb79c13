"""Random bodies of acts, made from the published catalogue: each fits its schema, most are what the law wants."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from domain.access import named_settings
from domain.calendar import plan_may_run_to
from domain.document import items
from domain.plan.catalogue import ActSpec
from domain.plan.state import Case, PlanState
from tests.trials import act_texts

Json = dict[str, Any]
#: Fields that name a matter of another kind than the act's own.
NAMES_MATTER: Mapping[str, str] = {
    "adviceId": "advice",
    "appealId": "appeal",
    "amendmentNoticeId": "amendment",
    "capacityId": "capacity",
    "ceaseId": "cease",
    "consultationId": "consultation",
    "decisionId": "decision",
    "directPaymentId": "direct-payment",
    "headConsentId": "head-consent",
    "mediationId": "mediation",
    "preferenceId": "preference",
    "reassessmentId": "reassessment",
    "requestId": "request",
    "reviewId": "review",
    "transferId": "transfer",
}
#: Fields that name a matter by the contact or the provision that it is about.
NAMES_OF_ITEMS = frozenset({"contactId", "itemId", "provisionId"})
#: Given in earnest even where the schema doesn't ask for them: an officer who obeys the law would.
IN_EARNEST = frozenset({
    "amendmentNoticeId", "contactId", "familyConsultedOn", "notifiedOn", "outcomesConsidered", "overrideReason",
    "parentInformedOn", "reasons", "recipients", "reviewRightExplained", "rightsExplained", "sentTo", "servedOn",
    "serviceMethods", "settingConsultedOn", "writtenAgreement", "authorAgreed", "councilAgreed", "familyAgreed",
    "evidenceNote", "notifiedOrganisations", "proposedBy", "orders",
})  # fmt: skip
#: Left out in earnest: each says that something is so which makes the act unlawful.
NOT_IN_EARNEST = frozenset({"apprenticeship", "inEducation", "onPremises", "adviceShared"})
#: These records have no working drafts: a text is given whole.
DRAFT = frozenset({"draftId", "draftRevision"})
#: What a body of those who obey the law says where the schema allows more.
USUAL: Mapping[str, tuple[Any, ...]] = {
    "basis": ("COUNCIL",),
    "decision": ("ASSESS", "ISSUE", "NAME", "KEEP", "REASSESS", "PROVIDED"),
    "ground": ("NO_LONGER_NECESSARY", "NOT_NECESSARY"),
    "origin": ("OWN_DECISION",),
    "education": ("FURTHER_EDUCATION",),
    "reason": ("2",),
    "source": ("1",),
}
ORGANISATIONS = ("la:850", "urn:199303", "ods:QK1", *act_texts.SETTINGS)
BY_PATTERN: Mapping[str, tuple[str, ...]] = {
    "^(la:": ORGANISATIONS,
    "^[0-9a-f]{64}": ("ab" * 32, "cd" * 32),
    "^([1-9][0-9]{5}|1[0-9]{7})": ("199101", "199404", "10099801"),
    "^[1-9][0-9]{5}": ("199101",),
    "^[0-9]{10}": ("9990000050",),
    "^[1-9][0-9]{9}": ("9276308686",),
    "^[A-Z][0-9]{11}": ("B801200005001",),
    "^[A-HJ-NP-RT-Z]": ("B801200005001",),
    "^[0-9]{3}": ("850", "936", "855"),
    "^[A-Z0-9]{3,10}": ("QJK", "QK1"),
    "^[A-Z][A-Z0-9_]": ("DOB_31",),
    "^D[0-9]": ("D4", "D31"),
    "^(/.*)?": ("/plan",),
}
#: Acts whose matter the catalogue leaves open, because a text may rest on an order instead.
RESTS_ON: Mapping[str, tuple[str, ...]] = {"amend": ("SERVED",), "decide-reassessment": ("REQUESTED",)}
UUIDS = ("0199f000-0000-7000-8000-0000000000aa", "0199f000-0000-7000-8000-0000000000bb")


class BodyMaker:
    """Makes the body of one act on one day of one record."""

    def __init__(
        self, rng: random.Random, state: PlanState, spec: ActSpec, on: date, *, lawful: bool, slip: bool = False
    ) -> None:
        """Draw from `rng`; `lawful` bodies are what an officer who obeys the law would send, but for one `slip`."""
        self.rng, self.state, self.spec, self.on, self.lawful = rng, state, spec, on, lawful
        self.slip = self._slips_at() if slip and spec.body else ""
        self.made: Json = {}
        self.by_name: Mapping[str, Callable[[Json], Any]] = {
            "child": lambda _: act_texts.child(rng, on.year),
            "plan": self._plan,
            "contactId": lambda _: self._contact(),
            "requester": lambda _: self._contact(),
            "recipients": lambda _: self._contacts(),
            "servedOn": self._served_on,
            "serviceMethods": lambda _: dict.fromkeys(self._contacts(), "EMAIL"),
            "representationsUntil": lambda _: self._ahead(14, 30) if self.lawful else self._ahead(3, 20),
            "sentTo": self._sent_to,
            "itemId": lambda _: self._item(),
            "provisionId": lambda _: self._item(),
            "textHash": lambda _: self._health()[1],
            "bodyType": lambda _: self._health()[2]["commissioner"]["type"],
            "purpose": self._purpose,
            "category": self._category,
            "entry": lambda _: max(1, rng.randint(0, state.sequence)),
            "corrects": lambda _: max(1, rng.randint(0, state.sequence)),
            "replacement": lambda _: {},
            "patch": lambda _: self._slip(),
            "meetingOn": self._meeting,
            "replyBy": lambda _: self._ahead(15, 20),
            "placementId": lambda _: "placement-1",
            "scheme": self._scheme,
            "formerValue": lambda _: self._number_in_force(),
            "council": lambda _: "855",
            "organisation": lambda _: self._organisation(),
            "until": self._until,
            "transferOn": lambda _: self._ahead(200, 400) if self.lawful else self._ahead(-30, 60),
            "notifiedOrganisations": self._sent_to,
        }

    def body(self) -> Json:
        """The act's own data."""
        obeys = self.lawful
        for name, schema in self.spec.body.items():
            self.lawful = obeys and name != self.slip
            if name in self.spec.required or self._wanted(name):
                self.made[name] = self._value(name, schema)
        self.lawful = obeys
        if self.spec.text and not self.spec.text_optional:
            self.made.setdefault("plan", self._plan({}))
        return self.made

    def _slips_at(self) -> str:
        """The field that is filled in carelessly: mostly the text or the family's time, where there is one."""
        weighty = [name for name in ("plan", "representationsUntil") if name in self.spec.body]
        if weighty and self.rng.random() < 0.7:
            return self.rng.choice(weighty)
        return self.rng.choice(sorted({*self.spec.body} - DRAFT))

    def _wanted(self, name: str) -> bool:
        if name in DRAFT or (self.lawful and name in NOT_IN_EARNEST):
            return False
        return (self.lawful and name in IN_EARNEST) or name == "plan" == self.slip or self.rng.random() < 0.3

    def _value(self, name: str, schema: Json) -> Any:
        case = self.spec.case
        if case and name == case.id_field and name not in NAMES_OF_ITEMS:
            return self._matter(case.kind, case.from_ or RESTS_ON.get(self.spec.act, ()), schema)
        if schema.get("x-legalDate"):
            return self.on.isoformat()
        usual = [value for value in USUAL.get(name, ()) if value in schema.get("enum", ())]
        if self.lawful and usual and self.rng.random() < 0.85:
            return self.rng.choice(usual)
        if name in self.by_name and self._fits(name, schema):
            return self.by_name[name](schema)
        if name in NAMES_MATTER:
            return self._matter(NAMES_MATTER[name], ("",), schema)
        return self._by_schema(schema)

    def _fits(self, name: str, schema: Json) -> bool:
        """Some names mean a code in one act and a record of another in the next."""
        return name not in {"organisation", "category", "purpose"} or "pattern" in schema or "enum" in schema

    def _by_schema(self, schema: Json) -> Any:
        if "$ref" in schema:
            return self._referenced(schema["$ref"])
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        makers: Mapping[str, Callable[[Json], Any]] = {
            "boolean": lambda _: self.lawful or self.rng.random() < 0.5,
            "integer": self._integer,
            "array": lambda array: [self._by_schema(array["items"])],
            "object": self._object,
            "string": self._string,
        }
        return makers[schema["type"]](schema)

    def _integer(self, schema: Json) -> int:
        return self.rng.randint(schema["minimum"], min(schema["maximum"], schema["minimum"] + 50))

    def _object(self, schema: Json) -> Json:
        properties = schema.get("properties", {})
        made = {name: self._value(name, properties[name]) for name in schema.get("required", ())}
        if "propertyNames" in schema:
            made[self._contact()] = self._by_schema(schema["additionalProperties"])
        return made

    def _string(self, schema: Json) -> str:
        if schema.get("format") == "date":
            return (self.on + timedelta(days=self.rng.randint(-30, 0 if self.lawful else 60))).isoformat()
        if schema.get("format") == "uuid":
            return self.rng.choice(UUIDS)
        pattern = schema.get("pattern", "")
        known = next((values for start, values in BY_PATTERN.items() if pattern.startswith(start)), None)
        if known:
            return self.rng.choice(known)
        return f"matter-{self.rng.randint(1, 9)}" if pattern else "Said in a few words"

    def _referenced(self, reference: str) -> Json:
        if reference.endswith("/contact"):
            return {"order": 3, "kind": "other", "name": "Another Person", "mayReceive": "yes"}
        return {"name": "Robin Example", "dateOfBirth": "2014-05-06", "sex": "notKnown"}

    def _matter(self, kind: str, statuses: tuple[str, ...], schema: Json) -> str:
        """A matter that is known and stands right, or a new name."""
        known = list(self.state.open_cases(kind))
        fitting = [case for case in known if case.status in statuses]
        chosen: list[Case] = fitting or (known if statuses and (not self.lawful or "" in statuses) else [])
        if chosen and self.rng.random() < 0.95:
            return max(chosen, key=lambda case: case.changed_by).id if self.lawful else self.rng.choice(chosen).id
        if "pattern" not in schema:
            return self._string(schema)
        return f"{kind}-{self.state.sequence + 1}"

    def _contact(self) -> str:
        return self.rng.choice(self._contacts())

    def _contacts(self) -> list[str]:
        """Who may be written to; now and then everybody, as in a careless letter."""
        held = self.state.person.get("contacts", {})
        free = [name for name, contact in held.items() if contact.get("mayReceive") != "no" or not self.lawful]
        return free or ["contact-1"]

    def _served_on(self, _schema: Json) -> Json:
        return {name: self.on.isoformat() for name in self._contacts()}

    def _ahead(self, least: int, most: int) -> str:
        return (self.on + timedelta(days=self.rng.randint(least, most))).isoformat()

    def _plan(self, _schema: Json) -> Json:
        final, slip = self.spec.text == "final", self.slip == "plan"
        amending = self.spec.act in {"serve-amendment-notice", "amend", "correct-clerical-error"}
        lawful = self.lawful or slip
        if self.spec.act == "correct-clerical-error" and self.state.document and lawful and not slip:
            return self.state.document
        return act_texts.text(self.rng, self.state, final=final, amending=amending, lawful=lawful, slip=slip)

    def _sent_to(self, _schema: Json) -> list[str]:
        """The named settings and the health bodies of the text."""
        text = self.made.get("plan", self.state.document)
        provisions = text.get("sections", {}).get("G", {}).get("provisions", {}).values()
        bodies = {f"ods:{p['commissioner']['odsCode']}" for p in provisions if "odsCode" in p.get("commissioner", {})}
        return sorted({*named_settings(text), *bodies}) or [self.rng.choice(ORGANISATIONS)]

    def _item(self) -> str:
        if self.spec.case and self.spec.case.kind == "health-agreement":
            return self._health()[0]
        held = [item.id for item in items(self.state.document, "provision")] if self.state.document else []
        return self.rng.choice(held) if held else "provision-1"

    def _health(self) -> tuple[str, str, Json]:
        """The same item for the whole body."""
        asked = self.made.get("itemId")
        if asked in act_texts.HEALTH:
            item = act_texts.HEALTH[asked]
            return asked, act_texts.text_hash(item), item
        return act_texts.health_item(self.rng)

    def _purpose(self, schema: Json) -> str:
        maintained = self.state.phase == "MAINTAINED"
        fitting = "REASSESSMENT" if maintained else "INITIAL"
        codes: list[str] = schema.get("enum", ["INITIAL"])
        return fitting if fitting in codes and self.lawful else self.rng.choice(codes)

    def _category(self, schema: Json) -> str:
        asked = {case.data.get("category") for case in self.state.open_cases("advice")}
        missing = [code for code in schema["enum"] if code not in asked]
        return missing[0] if missing else str(self.rng.choice(schema["enum"]))

    def _meeting(self, schema: Json) -> str:
        booked = next((c.data.get("meetingOn") for c in self.state.open_cases("review", "SCHEDULED")), None)
        return str(booked) if booked and "x-legalDate" not in schema else self._ahead(20, 40)

    def _number_in_force(self) -> str:
        return str(self._placement().get(self.made.get("scheme", "urn"), "199101"))

    def _scheme(self, schema: Json) -> str:
        held = [scheme for scheme in schema["enum"] if scheme in self._placement()]
        return held[0] if held and self.lawful else str(self.rng.choice(schema["enum"]))

    def _placement(self) -> Json:
        placements = self.state.document.get("sections", {}).get("I", {}).get("placements", {})
        held: Json = placements.get("placement-1", {})
        return held

    def _slip(self) -> Json:
        """A slip of the pen; said carelessly, a change of section B."""
        if self.lawful or self.rng.random() < 0.5:
            return {"sections": {"A": {"history": f"Corrected {self.state.sequence} times."}}}
        return {"sections": {"B": {"strengths": {act_texts.AREAS[0]: "Numbers"}}}}

    def _until(self, schema: Json) -> str:
        """The last day that the law allows past 25, where the act is about that."""
        born = self.state.date_of_birth()
        if self.spec.act != "extend-past-25" or born is None or not self.lawful:
            return self._string(schema)
        return plan_may_run_to(born).isoformat()

    def _organisation(self) -> str:
        return self.rng.choice(act_texts.SETTINGS)
