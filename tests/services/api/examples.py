"""For every operation of the description a request that is answered with a 2xx, made for a plan of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from domain.plan.catalogue import ActSpec
from services.cli.serving import know_the_councils
from tests.domain.plan.keeping.places import PLACES as KEEPING
from tests.domain.plan.making.places import PLACES as MAKING
from tests.domain.plan.making.test_every_first_act import PLACES as FIRST
from tests.services.retention.conftest import Ended
from tests.services.subject_access.asking import Asking
from tests.support.fictional import fictional_plan
from tests.support.life import Life
from tests.support.serving import Caller, Serving

ON = "2026-06-15"
SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"


#: The address of one subscription.
SUBSCRIPTION = "/v1/subscriptions/{subscription_id}"


class Examples:
    """Requests that are right, by operation (method and path as described)."""

    def __init__(self, platform: Serving) -> None:
        self.platform = platform
        self.catalogue = platform.platform.rules.catalogue

    def send(self, method: str, path: str) -> httpx.Response:
        """Send a right request to the operation."""
        self.platform.clock.day = "2026-11-02"
        act = self.catalogue.acts.get(path.rpartition("/")[2])
        if act is not None:
            return self._act(act)
        made: dict[tuple[str, str], Callable[[], httpx.Response]] = {
            ("POST", "/v1/imports"): self._import,
            ("POST", "/v1/plans/search"): self._search,
            ("POST", "/v1/plans/{plan_id}/invitations"): self._invite,
            ("POST", "/v1/access-endings"): self._end_access,
            ("POST", "/v1/plans/{plan_id}/drafts"): lambda: self._drafts(self._final())[1],
            ("GET", "/v1/organisations/{identifier}"): self._organisation,
            ("POST", "/v1/plans/{plan_id}/emergency-reads"): lambda: self._emergency(self._final()),
            ("POST", "/v1/plans/{plan_id}/disclosures/{disclosure_id}/review"): self._review,
            ("GET", "/v1/disclosure-reviews"): self._reviews_due,
            ("GET", "/v1/audit/disclosures"): self._disclosure_log,
            ("GET", "/v1/audit/proofs/inclusion"): lambda: self._proof("inclusion", position=1),
            ("GET", "/v1/audit/proofs/consistency"): lambda: self._proof("consistency", **{"from": 1}),
            ("GET", "/v1/retention"): lambda: self.platform.manager().get("/v1/retention"),
            ("GET", "/v1/retention/certificates"): lambda: self.platform.manager().get("/v1/retention/certificates"),
            ("GET", "/v1/retention/certificates/{plan_id}"): self._certificates,
            ("GET", "/v1/rules/{sha256}"): self._rules,
            ("POST", "/v1/rules"): lambda: self._adopted("examples-2027"),
            ("POST", "/v1/rules/{position}/withdrawal"): self._withdrawn,
            ("POST", "/v1/subscriptions"): lambda: self._subscribed()[1],
            ("DELETE", f"{SUBSCRIPTION}"): self._unsubscribe,
            ("POST", f"{SUBSCRIPTION}/secret"): lambda: self.platform.officer().post(f"{self._subscribed()[0]}/secret"),
            ("POST", f"{SUBSCRIPTION}/replays"): lambda: self.platform.officer().post(
                f"{self._subscribed()[0]}/replays"
            ),
            ("PATCH", "/v1/plans/{plan_id}/drafts/{draft_id}"): self._patch,
            ("DELETE", "/v1/plans/{plan_id}/drafts/{draft_id}"): self._delete,
        }
        return made.get((method, path), lambda: self._get(path))()

    def _end_access(self) -> httpx.Response:
        somebody = {"issuer": "https://login.example", "subject": "somebody"}
        return self.platform.manager().post("/v1/access-endings", {"reason": "left", "person": somebody})

    def _rules(self) -> httpx.Response:
        officer = self.platform.officer()
        return officer.get(f"/v1/rules/{officer.get('/v1/rules').json()['adoptions'][0]['sha256']}")

    def _adopted(self, edition: str) -> httpx.Response:
        content = orjson.loads((SCHEMAS / "retention/schedules.json").read_bytes()) | {"version": edition}
        body = {"kind": "retention-schedule", "source": "A decision of the council", "content": content}
        return self.platform.as_("records-manager", "la:855").post("/v1/rules", body)

    def _withdrawn(self) -> httpx.Response:
        position = self._adopted("examples-withdrawn").json()["position"]
        manager = self.platform.as_("records-manager", "la:855")
        return manager.post(f"/v1/rules/{position}/withdrawal", {"because": "It was not decided"})

    def caller(self, act: ActSpec) -> Caller:
        """Somebody of the maintaining council who may do the act, else a machine of it."""
        return self.platform.as_(act.by[0], "la:855")

    def body(self, act: ActSpec, other: str) -> dict[str, Any]:
        """A body with which the act is recorded; `other` is another record of the council."""
        place = {**KEEPING, **MAKING, **FIRST}[act.act]
        named = {"retired", "survivor", "rightPlan"} & place.data.keys()
        entry = {"corrects": 1} if "corrects" in place.data else {}
        return {"mode": "RECORD", "effectiveOn": ON, **place.data, **dict.fromkeys(named, other), **entry}

    def opening_body(self, act: ActSpec) -> dict[str, Any]:
        """A body with which the act opens a record that wasn't there before."""
        return _known_to(act, {**self.body(act, ""), "localReference": f"EXAMPLE-{uuid4()}"})

    def _act(self, act: ActSpec) -> httpx.Response:
        if act.opens:
            return self.caller(act).post(f"/v1/plans/opened-by/{act.act}", self.opening_body(act))
        plan, other = self._final(), self._final()
        return self.caller(act).post(f"{plan.path}/acts/{act.act}", self.body(act, other.plan_id))

    def _final(self) -> Life:
        return Life(self.platform).imported()

    def _drafts(self, life: Life) -> tuple[str, httpx.Response]:
        opened = life.officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"})
        return f"{life.path}/drafts/{opened.json()['draftId']}", opened

    def _patch(self) -> httpx.Response:
        life = self._final()
        return life.officer.patch(self._drafts(life)[0], {"sections": {"A": {"history": "Anew."}}}, '"d1"')

    def _delete(self) -> httpx.Response:
        life = self._final()
        return life.officer.delete(self._drafts(life)[0], '"d1"')

    def _import(self) -> httpx.Response:
        line = orjson.dumps(fictional_plan(uuid4().int % 900_000 + 10_000))
        return self.platform.officer().send("POST", "/v1/imports?council=855", line, "application/json")

    def _subscribed(self) -> tuple[str, httpx.Response]:
        """A subscription that ends with the next one: an organisation has not so many."""
        officer = self.platform.officer()
        for one in officer.get("/v1/subscriptions").json()["subscriptions"]:
            officer.http.delete(f"/v1/subscriptions/{one['id']}", headers=officer.headers)
        body = {"channel": "webhook", "target": "https://subscriber.example/signals"}
        made = officer.post("/v1/subscriptions", body)
        return f"/v1/subscriptions/{made.json()['id']}", made

    def _unsubscribe(self) -> httpx.Response:
        officer = self.platform.officer()
        return officer.http.delete(self._subscribed()[0], headers=officer.headers)

    def _search(self) -> httpx.Response:
        return self.platform.officer().post("/v1/plans/search", {"localReference": "LIFE-00001"})

    def _organisation(self) -> httpx.Response:
        know_the_councils(self.platform.platform)
        return self.platform.officer().get("/v1/organisations/la:909", on="2022-06-01")

    def _invite(self) -> httpx.Response:
        life = self._final()
        return life.officer.post(f"{life.path}/invitations", {"contactId": "contact-1"})

    def _emergency(self, life: Life) -> httpx.Response:
        lead = self.platform.as_("safeguarding-lead", "ods:RAA")
        return lead.post(f"{life.path}/emergency-reads", {"reason": "The child said that home is not safe"})

    def _review(self) -> httpx.Response:
        life = self._final()
        life.read()
        (entry,) = life.manager.get(f"{life.path}/disclosures").json()["disclosures"]
        body = {"decision": "release", "reasons": "Nothing stands against it"}
        return life.manager.post(f"{life.path}/disclosures/{entry['id']}/review", body)

    def _reviews_due(self) -> httpx.Response:
        self._emergency(self._final())
        return self.platform.manager().get("/v1/disclosure-reviews", council="855")

    def _disclosure_log(self) -> httpx.Response:
        return self.platform.as_("auditor", "audit").get("/v1/audit/disclosures")

    def _proof(self, kind: str, **asked: int) -> httpx.Response:
        self._final()
        self.platform.platform.notary.running.look()
        return self.platform.as_("auditor", "audit").get(f"/v1/audit/proofs/{kind}", **asked)

    def _certificates(self) -> httpx.Response:
        ended = Ended(self.platform).at_rest().erased()
        return ended.manager.get(f"/v1/retention/certificates/{ended.plan_id}")

    def _get(self, path: str) -> httpx.Response:
        life = self._final()
        if "/subject-access" in path:
            Asking(life).asked().prepared().reviewed()
        queries = {"diff": {"from": 1, "to": 1}, "entitlements": {"organisation": "urn:199101", "on": ON}}
        address, query = path, queries.get(path.rpartition("/")[2], {})
        if "{draft_id}" in path:
            address = self._drafts(life)[0]
        if "{subscription_id}" in path:
            address = self._subscribed()[0] + path.removeprefix(SUBSCRIPTION)
        address = address.format(plan_id=life.plan_id, access_id="s1", path="plan/1.0/plan.schema.json")
        return life.officer.get(address, **query)


def _known_to(act: ActSpec, body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in {*act.body, "mode", "effectiveOn"}}


def described_operations(description: dict[str, Any]) -> list[tuple[str, str]]:
    """Every method and path of an OpenAPI description."""
    return [(method.upper(), path) for path, item in description["paths"].items() for method in item]


def committed_description() -> dict[str, Any]:
    """The description as committed."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / "openapi" / "openapi.json").read_text())
    return loaded
