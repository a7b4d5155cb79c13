"""What the router tells each relation of each text: the rows that it really writes for plans that have lived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

from domain.access import Policy
from domain.document import text_hash
from domain.plan.events import PlanEvent
from domain.signals.changes import Changes
from domain.signals.types import GRANTED, WITHDRAWN, SignalTypes
from services.projection.lanes import AllLanes
from services.signals.outbox import Signal
from services.signals.router import Router
from tests.support.access_tables import Scene, shown
from tests.support.serving import Caller, Serving
from tests.support.whole_life import (
    ADVISER,
    ASKED,
    ASKED_BODY,
    BODY,
    NEXT,
    NEXT_BODY,
    PROVIDER,
    SCHOOL,
    TEXTS,
    TODAY,
    WholeLife,
    marked,
)

#: More than any organisation is told in the scenes.
EVERYTHING = 10_000


def route(serving: Serving) -> None:
    """Write the rows of everything that has happened."""
    platform = serving.platform
    router = Router(
        platform.store,
        platform.signals.database,
        platform.signals.routing,
        AllLanes(),
        serving.clock,
        lambda: Changes(platform.rules.turns(), platform.directory.organisations(), platform.directory.successions()),
    )
    router.catch_up()
    router.close()


def as_it_happens(serving: Serving) -> Scene:
    """A plan whose parties were all asked before the texts came that they may read: they are told as it happens."""
    life = WholeLife(serving)
    life.assessing()
    first, final = marked(life.reference, "pastDraft", body=BODY), marked(life.reference, "past", SCHOOL, BODY)
    item = first["sections"]["G"]["provisions"]["g-own"]
    asked = {"bodyType": "ICB", "odsCode": ASKED_BODY.removeprefix("ods:"), "askedOn": "2026-06-13"}
    advice = {"adviceId": "of-trust", "category": "c", "organisation": ADVISER, "requestedOn": "2026-05-01"}
    life.record("request-advice", "2026-05-01", **advice, provider="Adviser")
    _served(life, "2026-06-12", first | {"signOff": {"role": "First draft"}})
    consulted = {"consultationId": "c-asked", "organisation": ASKED, "consultedOn": "2026-06-13"}
    life.record("consult-setting", "2026-06-13", **consulted)
    life.record("ask-health-agreement", "2026-06-13", itemId="g-own", textHash=text_hash(item), **asked)
    _served(life, "2026-06-20", first)
    life.record("finalise", "2026-07-10", **life.finalising_body(plan=final, sentTo=[SCHOOL, BODY]))
    change = {"changeId": "c1", "fromOds": "QJK", "toOds": "QT1", "since": "2026-08-01", "awareOn": "2026-08-01"}
    life.record("change-commissioner", "2026-08-01", **change, reason="BOUNDARY_CHANGE")
    amended = {"amendmentNoticeId": "notice-1", "purpose": "AMENDMENT_WITHOUT_REVIEW", "basis": "COUNCIL"}
    next_one = marked(life.reference, "final", NEXT, NEXT_BODY)
    life.record("amend", "2026-09-01", plan=next_one, sentOn="2026-09-01", **amended)
    serving.clock.day = TODAY
    by = serving
    callers = {
        "maintaining-council": life.officer,
        "named-setting": by.as_("school", NEXT),
        "former-named-setting": by.as_("school", SCHOOL),
        "responsible-health-body": by.as_("health", NEXT_BODY),
        "former-health-body": by.as_("health", BODY),
        "consulted-setting": by.as_("school", ASKED),
        "asked-health-body": by.as_("health", ASKED_BODY),
        "advice-author": by.as_("health", ADVISER),
        "delivering-provider": by.as_("school", PROVIDER),
        "parent": life.family(),
    }
    return Scene("told as it happens", life, callers)


def _served(life: WholeLife, on: str, plan: dict[str, Any]) -> None:
    served = {"servedOn": {"contact-1": on}, "serviceMethods": {"contact-1": "POST"}}
    life.record("serve-draft", on, plan=plan, purpose="INITIAL", representationsUntil="2026-07-05", **served)


def told(serving: Serving, scene: Scene, caller: Caller) -> list[Signal]:
    """The rows of the caller's organisation about the plan."""
    rows = serving.platform.signals.outbox.after(caller.principal.organisation, 0, EVERYTHING)
    return [row for row in rows if row.plan == UUID(scene.life.plan_id)]


def texts_by_entry(serving: Serving, scene: Scene) -> dict[int, str]:
    """Which text each entry of the plan's log brought: "pastDraft"; "other" for one without any of their words."""
    found = {}
    for entry in serving.platform.store.read_plan(UUID(scene.life.plan_id)):
        if isinstance(entry, PlanEvent) and "plan" in entry.data:
            said = orjson.dumps(entry.data["plan"]).decode()
            found[entry.position] = next((label for label in TEXTS if shown(said, label) != "nothing"), "other")
    return found


def signals(serving: Serving, found: list[Scene]) -> Iterator[str]:
    """A line for each caller and text: under which names, in which relation and of which sections it was told.

    The sections are those that a subscription is filtered by: they stand in the row and are never sent.
    """
    for scene in found:
        texts = texts_by_entry(serving, scene)
        for name, caller in scene.callers.items():
            rows = told(serving, scene, caller)
            for label in (*TEXTS, "other", "no text"):
                of_it = [row for row in rows if label == (texts[row.position] if _has_text(row) else "no text")]
                cell = "; ".join(dict.fromkeys(_named(row) for row in of_it))
                if cell or label in TEXTS:
                    yield f"{scene.name} | {name} | {label} | {cell or '-'}"


def leak(row: Signal, types: SignalTypes, policy: Policy) -> str:
    """What is wrong with a row by the published types and the matrix; "" for nothing."""
    rule = policy.relations[row.relation]
    if not rule.lists or row.relation not in types.followed_in:
        return f"{row.relation} is told nothing, and was told {row.type}"
    if row.type not in types.told_to(row.relation) | {GRANTED, WITHDRAWN}:
        return f"{row.relation} was told {row.type}"
    readings = [rule.reads[state].sections for state in _states(row) if state in rule.reads]
    if _has_text(row) and not readings:
        return f"{row.relation} was told of a text that it never reads: {row.type}"
    if more := row.sections - frozenset[str]().union(*readings):
        return f"{row.relation} was told that {sorted(more)} changed"
    return ""


def _states(row: Signal) -> tuple[str, ...]:
    """The states in which a text can be when it is told of."""
    return ("final",) if row.version else ("draft",) if row.draft else ()


def _has_text(row: Signal) -> bool:
    return bool(row.version or row.draft)


def _named(row: Signal) -> str:
    kind = row.type.removeprefix("ehcp-").removesuffix("-1")
    sections = f": {' '.join(sorted(row.sections))}" if row.sections else ""
    return f"{kind} as {row.relation}{sections}"
