"""The demonstration records: fictional plans at different stages, made by acts like everybody's.

They are data (`deploy/demonstration`): each record is opened by one act and goes on by others. The council writes them
down as having happened (mode RECORD); what the NHS body does, it does.
A date written "@-20" means twenty days ago, so that the records are always in the middle of something; "#provision-3"
is the hash of that item's text, which an agreement names.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from connectors.identity.tokens import Principal
from domain.document import merge_patch, text_hash
from domain.plan.acts import PERFORM, RECORD, Actor
from domain.plan.events import JsonObject
from services.bootstrap import Platform
from services.identity.wiring import development_issuer
from services.requests import ActRequest
from services.store.register import LOCAL_REFERENCE, plan_matches

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "demonstration"
COUNCIL = "855"
#: Who may look at the demonstration records, and what for.
USERS: Mapping[str, Principal] = {
    "case officer": Principal(subject="demo-officer", organisation=f"la:{COUNCIL}", role="case-officer"),
    "SEND manager": Principal(subject="demo-manager", organisation=f"la:{COUNCIL}", role="send-manager"),
    "school": Principal(subject="demo-senco", organisation="urn:199501", role="school"),
    "NHS body": Principal(subject="demo-icb", organisation="ods:QK1", role="health"),
    "auditor": Principal(subject="demo-auditor", organisation="audit", role="auditor"),
}
#: The record of which the family's token and the commands to try speak.
SHOWN = "DEMO-0003"


def load_demonstration(platform: Platform) -> None:
    """Load the demonstration records into an empty record; one that holds plans already is left alone."""
    if platform.store.head()[0]:
        return
    with asyncio.Runner() as runner:
        for number, record in enumerate(orjson.loads((FOLDER / "records.json").read_bytes()), 1):
            runner.run(_make(platform, number, record))


def welcome(platform: Platform) -> str:
    """The address, a line for each kind of user with a token, and three commands to try."""
    address, plan_id = platform.settings.base_url, shown_plan(platform)
    users = dict(USERS)
    users["family"] = Principal(
        subject="demo-family", organisation="family", role="family", plan_id=str(plan_id), contact_id="contact-1"
    )
    issuer, now = development_issuer(platform.settings), int(time.time())
    tokens = [f"  {name:<13}{issuer.issue(user, audience=address, now=now)}" for name, user in users.items()]
    return "\n".join(
        [
            f"EHCP Exchange is at {address}  (OpenAPI: {address}/openapi.json)",
            "",
            "Sign in as (Authorization: Bearer ...; valid for eight hours):",
            *tokens,
            "",
            "Try, in a second terminal:",
            f"  EHCP_ENV=development .venv/bin/ehcp plan show {plan_id}",
            f"  EHCP_ENV=development .venv/bin/ehcp plan diff {plan_id} 1 2",
            f"  EHCP_ENV=development .venv/bin/ehcp plan history {plan_id}",
            "",
            "Stop with Ctrl-C. The records stay in ./var for the next start.",
        ]
    )


def shown_plan(platform: Platform) -> UUID | None:
    """The demonstration record that was amended, if it is there."""
    found = platform.store.register.find(plan_matches(platform.store.index, LOCAL_REFERENCE, SHOWN, COUNCIL))
    return found[0] if found else None


async def _make(platform: Platform, number: int, record: JsonObject) -> None:
    officer = _actor(USERS["case officer"])
    opened = await platform.keeper.open_record(_request(record["open"], officer, f"demo-{number}-open", platform))
    for step, act in enumerate(record["acts"], 1):
        actor = _actor(USERS["NHS body"]) if act.get("health") else officer
        request = _request(act, actor, f"demo-{number}-{step}", platform)
        await platform.keeper.perform(UUID(opened.plan_id), request)


def _request(step: JsonObject, actor: Actor, key: str, platform: Platform) -> ActRequest:
    today = platform.keeper.today()
    body = _resolved({"effectiveOn": step["on"], **step["body"]}, today)
    content: JsonObject = {"mode": PERFORM if actor.role == "health" else RECORD, **body}
    return ActRequest(
        act=step["act"],
        body=content,
        actor=actor,
        idempotency_key=key,
        body_sha256=sha256(orjson.dumps(content)).digest(),
    )


def _resolved(value: Any, today: date) -> Any:
    """Dates relative to today, documents by their file, and hashes of section G's texts by their items."""
    if isinstance(value, str) and value.startswith("@"):
        return (today + timedelta(days=int(value[1:]))).isoformat()
    if isinstance(value, str) and value.startswith("#"):
        return _text_hash(value[1:])
    if isinstance(value, dict) and "document" in value:
        return merge_patch(
            orjson.loads((FOLDER / value["document"]).read_bytes()), _resolved(value.get("patch", {}), today)
        )
    if isinstance(value, dict):
        return {key: _resolved(member, today) for key, member in value.items()}
    return [_resolved(member, today) for member in value] if isinstance(value, list) else value


def _text_hash(item_id: str) -> str:
    document = orjson.loads((FOLDER / "maya.json").read_bytes())
    return text_hash(document["sections"]["G"]["provisions"][item_id])


def _actor(principal: Principal) -> Actor:
    return Actor(subject=principal.subject, organisation=principal.organisation, role=principal.role)
