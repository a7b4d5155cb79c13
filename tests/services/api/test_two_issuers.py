"""Two issuers give the same subject: they stay two people, on record and wherever two people are asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from domain.plan.acts import Actor
from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.settings import Settings
from services.signals import subscribed
from services.store.values import DRAFT_LOG
from tests.services.retention.conftest import LATER, OVER, PROPOSAL, Ended
from tests.services.rules.test_rules_change import own_schedule
from tests.services.signals.test_subscriptions import WEBHOOK
from tests.support.life import Life
from tests.support.serving import Caller, Clock, Serving

OTHER = "https://other-issuer.example"


class TwoIssuers(Serving):
    """Callers of either issuer."""

    def of(self, issuer: str, role: str, subject: str = "same", organisation: str = "la:855") -> Caller:
        principal = Principal(subject=subject, organisation=organisation, role=role)
        audience = self.platform.settings.base_url
        token = self.issuer.issue(principal, audience=audience, now=int(time.time()), issuer=issuer)
        return Caller(self.http, token, self.clock, principal)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[TwoIssuers]:
    issuer, clock = DevelopmentIssuer.ephemeral(), Clock()
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/record/record.sqlite",
        calls_per_minute=0,
        webhook_hosts="subscriber.example",
    )
    trusted = {ISSUER: issuer.public_keys(), OTHER: issuer.public_keys()}
    platform: Platform = open_platform(settings, trusted=trusted, now=clock)
    with TestClient(create_app(platform), raise_server_exceptions=False) as http:
        yield TwoIssuers(platform, http, issuer, clock)


def noted(plan: Life, caller: Caller, key: str) -> Any:
    body = {"mode": "RECORD", "effectiveOn": "2026-01-05", "diedOn": "2026-01-04", "source": "Register office"}
    return caller.post(f"{plan.path}/acts/record-death", body, Idempotency_Key=key)


def test_auditors_are_told_by_which_issuer_somebody_was_named_and_others_are_not(served: TwoIssuers) -> None:
    life = Life(served).imported()
    assert noted(life, served.of(OTHER, "case-officer"), "one").status_code == 201
    told = life.history(served.as_("auditor", "ombudsman"))
    assert told[-1]["actor"] == {
        "organisation": "la:855", "role": "case-officer", "subject": "same", "issuer": OTHER,
    }  # fmt: skip
    assert told[0]["actor"]["issuer"] == ISSUER
    assert life.history()[-1]["actor"] == {"organisation": "la:855", "role": "case-officer"}
    draft = life.officer.post(f"{life.path}/drafts", {"purpose": "TRIBUNAL_WORKING_DOCUMENT"})
    assert draft.status_code == 201, draft.json()
    (event,) = served.platform.store.read_log(log=DRAFT_LOG)
    assert event.metadata.actorissuer == ISSUER


def test_disclosures_tell_readers_of_two_issuers_apart(served: TwoIssuers) -> None:
    life = Life(served).imported()
    for issuer in (ISSUER, OTHER):
        life.read(served.of(issuer, "case-officer"))
    listed = served.as_("auditor", "ombudsman").get(f"{life.path}/disclosures").json()["disclosures"]
    assert [entry["issuer"] for entry in listed if entry["actor"] == "same"] == [ISSUER, OTHER]


def test_whoever_has_the_same_name_elsewhere_is_somebody_else_to_approve(served: TwoIssuers) -> None:
    ended = Ended(served).at_rest()
    ended.do("propose-erasure", OVER, who=served.of(ISSUER, "records-manager"), **PROPOSAL)
    refused = ended.refused("expire-retention", LATER, who=served.of(ISSUER, "send-manager"), erasureId="erasure-1")
    assert "second-person-needed" in refused
    ended.do("expire-retention", LATER, who=served.of(OTHER, "send-manager"), erasureId="erasure-1")


@pytest.mark.parametrize(("named", "allowed"), [(OTHER, True), (ISSUER, False), ("", False)])
def test_whoever_proposed_on_the_other_record_is_told_by_issuer_too(
    served: TwoIssuers, named: str, *, allowed: bool
) -> None:
    """Without an issuer the name alone counts: it may be the same person."""
    survivor, retired = Life(served).imported(), Life(served).requested()
    said = {"survivor": survivor.plan_id, "proposedBy": "same"} | ({"proposedByIssuer": named} if named else {})
    manager = served.of(ISSUER, "send-manager")
    answer = manager.act(retired.plan_id, "retire-record", **said)
    refused = {found["rule"] for found in answer.json().get("errors", ())}
    assert (answer.status_code == 201, "second-person-needed" not in refused) == (allowed, allowed)


def test_whoever_has_the_same_name_elsewhere_reviews_what_was_read(served: TwoIssuers) -> None:
    life = Life(served).imported()
    life.read(served.of(ISSUER, "send-manager"))
    auditor = served.as_("auditor", "ombudsman")
    listed = auditor.get(f"{life.path}/disclosures").json()["disclosures"]
    (read,) = [entry for entry in listed if entry["actor"] == "same"]
    body = {"decision": "withhold", "reasons": "It would tip somebody off"}
    path = f"{life.path}/disclosures/{read['id']}/review"
    assert [served.of(by, "send-manager").post(path, body).status_code for by in (ISSUER, OTHER)] == [403, 201]


def test_certificates_and_adopted_rules_tell_by_which_issuer_somebody_was_named(served: TwoIssuers) -> None:
    ended = Ended(served).at_rest()
    ended.do("propose-erasure", OVER, who=served.of(ISSUER, "records-manager"), **PROPOSAL)
    ended.do("expire-retention", LATER, who=served.of(OTHER, "send-manager"), erasureId="erasure-1")
    certificate = ended.officer.get(ended.path).json()["certificate"]
    assert [certificate[part]["issuer"] for part in ("proposed", "approved")] == [ISSUER, OTHER]
    (event,) = [event for page in served.platform.store.retention.pages() for event in page]
    assert (event.metadata.actor, event.metadata.actorissuer) == ("same", OTHER)

    own = {"kind": "retention-schedule", "source": "A decision", "content": own_schedule(46, "leicestershire-2046")}
    records_manager = served.of(OTHER, "records-manager")
    made = records_manager.post("/v1/rules", own)
    assert made.status_code == 201, made.json()
    path = f"/v1/rules/{made.json()['position']}/withdrawal"
    assert records_manager.post(path, {"because": "It was not decided"}).status_code == 201
    said = [event for page in served.platform.store.adoption.pages() for event in page][-2:]
    assert [(event.metadata.actor, event.metadata.actorissuer) for event in said] == [("same", OTHER)] * 2


def test_what_a_subscription_is_sent_is_recorded_for_whoever_asked_for_it(served: TwoIssuers) -> None:
    for issuer in (ISSUER, OTHER):
        key = {"Idempotency_Key": "one-key"}
        assert served.of(issuer, "case-officer").post("/v1/subscriptions", WEBHOOK, **key).status_code == 201
    with served.platform.signals.database.reading() as connection:
        found = subscribed.found(connection, recipient="la:855")
    assert {(one.client, one.issuer) for one in found} == {("same", ISSUER), ("same", OTHER)}
    assert len(found) == 2


def test_a_request_is_repeated_by_whoever_made_it_only(served: TwoIssuers) -> None:
    lives = [Life(served).imported() for _ in range(2)]
    receipts = [
        noted(life, served.of(issuer, "case-officer"), "key")
        for life, issuer in zip(lives, (ISSUER, OTHER), strict=True)
    ]
    assert [receipt.status_code for receipt in receipts] == [201, 201]
    again = noted(lives[0], served.of(ISSUER, "case-officer"), "key")
    assert again.json() == receipts[0].json()


@pytest.mark.parametrize(
    ("subject", "issuer", "same"),
    [("s", "i", True), ("s", "", True), ("s", None, True), ("s", "j", False), ("t", "i", False), (None, None, False)],
)
def test_who_was_recorded_without_an_issuer_may_be_the_same(
    subject: str | None, issuer: str | None, *, same: bool
) -> None:
    actor = Actor(subject="s", organisation="la:855", role="case-officer", issuer="i")
    assert actor.may_be(subject, issuer) is same
