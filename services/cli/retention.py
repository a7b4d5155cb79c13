"""`ehcp retention`: what is due to be destroyed, the two steps of destroying it, and the certificates.

Whoever is at the keyboard acts as a records manager of the council that is named, under an id made of their own account
on this machine: two people need two accounts. Every act goes through the API, as anybody's does.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
import typer
from rich.table import Table

from connectors.identity.tokens import Principal
from domain.calendar import london_date
from services.bootstrap import NOT_FIT, utc_now
from services.cli.own_record import operator_id
from services.cli.session import answered, load_settings, session
from services.cli.talk import MISUSE, console, result, say, stop
from services.keyrings import open_keyring
from services.reference_data import load_reference_data
from services.store.keyring import COUNCIL as LA_CODE

Council = Annotated[str, typer.Option(help="LA code of the council that you act for, for example 855.")]
PlanId = Annotated[str, typer.Argument(help="The record's id.")]
Reason = Annotated[str, typer.Option(help="Why. It is destroyed with the record.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def list_due(
    council: Council,
    everything: Annotated[bool, typer.Option("--all", help="Also records at rest that aren't due yet.")] = False,
    json: AsJson = False,
) -> None:
    """List the records whose retention is over, by which rule, since when, and what holds them back."""
    which = "all" if everything else "due"
    with session(manager(council)) as place:
        page: dict[str, Any] = {"next": 0}
        found: list[Any] = []
        while "next" in page:
            page = place.get("/v1/retention", which=which, after=page["next"], limit=500)
            found += page["records"]
    if json:
        result({name: page[name] for name in ("council", "schedule", "scheduleSha256", "on")} | {"records": found})
        return
    table = Table("Record", "Rule", "Kept until", "Held back by", "Proposed", box=None, pad_edge=False)
    for record in found:
        held = ", ".join(one["code"] for one in record.get("heldBack", ()))
        proposal = record.get("proposal", {})
        proposed = f"{proposal['erasureId']} until {proposal['until']}" if proposal else ""
        table.add_row(record["planId"], record["rule"], record.get("keptUntil", "unknown"), held, proposed)
    console.print(table)
    say(f"{len(found):,} records of council {council}, by the schedule of {page['schedule']}.")


def propose(
    plan_id: PlanId,
    council: Council,
    reason: Reason,
    entry: Annotated[int | None, typer.Option(help="Only this entry of the record, by its sequence.")] = None,
    basis: Annotated[str, typer.Option(help="Why one entry must not be kept.")] = "WRONG_CHILD",
    json: AsJson = False,
) -> None:
    """Propose to destroy a record, or one entry of it. Somebody else approves it."""
    erasure = f"erasure-{uuid4().hex[:12]}"
    body = {"erasureId": erasure, "reason": reason} | ({"entry": entry, "basis": basis} if entry else {})
    _act(plan_id, council, "propose-entry-erasure" if entry else "propose-erasure", body)
    if json:
        result({"planId": plan_id, "erasureId": erasure})
    else:
        say(f"Proposed as {erasure}. Somebody else approves it: ehcp retention erase {plan_id} {erasure}")


def withdraw(
    plan_id: PlanId,
    erasure_id: Annotated[str, typer.Argument(help="The proposal.")],
    council: Council,
    reason: Reason,
    entry: Annotated[bool, typer.Option("--entry", help="The proposal is about one entry.")] = False,
) -> None:
    """Withdraw a proposal, or turn it down."""
    act = "withdraw-entry-erasure" if entry else "withdraw-erasure"
    _act(plan_id, council, act, {"erasureId": erasure_id, "reason": reason})
    say("The proposal is withdrawn.")


def erase(
    plan_id: PlanId,
    erasure_id: Annotated[str, typer.Argument(help="The proposal that you approve.")],
    council: Council,
    entry: Annotated[int | None, typer.Option(help="The entry that the proposal is about.")] = None,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Approve somebody else's proposal: the key is destroyed and a certificate issued. Nobody can undo this."""
    if not yes:
        say("Nobody, whatever key they hold, can read it afterwards.")
        typer.confirm("Destroy it?", abort=True)
    body: dict[str, Any] = {"erasureId": erasure_id} | ({"entry": entry} if entry else {})
    _act(plan_id, council, "erase-entry" if entry else "expire-retention", body)
    certificate(plan_id, council, json=json)


def certificate(plan_id: PlanId, council: Council, json: AsJson = False) -> None:
    """Print the certificates about one record, and who had read it."""
    with session(manager(council)) as place:
        found = place.get(f"/v1/retention/certificates/{_identity(plan_id)}")
    if json:
        result(found)
        return
    for one in found["certificates"]:
        _print(one)
    say(f"{len(found['readers']):,} readings of the record were on record.")


def certificates(council: Council, json: AsJson = False) -> None:
    """List what a council has destroyed."""
    with session(manager(council)) as place:
        page: dict[str, Any] = {"next": 0}
        found: list[Any] = []
        while "next" in page:
            page = place.get("/v1/retention/certificates", after=page["next"], limit=500)
            found += page["certificates"]
    if json:
        result({"certificates": found})
        return
    for one in found:
        _print(one)


def _print(one: dict[str, Any]) -> None:
    what = (
        f"entry {one['entry']} ({one['basis']})" if one["destroyed"] == "entry" else f"the record (rule {one['rule']})"
    )
    console.print(f"[bold]{one['planId']}[/]: {what} was destroyed on {one['approved']['on']}")
    for step in ("proposed", "approved"):
        by = one[step]
        console.print(f"  {step} by {by['by']}, {by['role']} of {by['organisation']}, on {by['on']}")
    console.print(f"  certificate {one['id']}, retention log position {one['position']}, leaf {one['leaf']}")
    console.print(f"  log of plans position {one['logPosition']}, leaf {one['logLeaf']}")


def _act(plan_id: str, council: str, act: str, body: dict[str, Any]) -> None:
    """Perform an act today. Ends the command with the rule that refuses it."""
    content = {"mode": "PERFORM", "effectiveOn": london_date(utc_now()).isoformat(), **body}
    path = f"/v1/plans/{_identity(plan_id)}/acts/{act}"
    with session(manager(council)) as place:
        answered(place.post(path, orjson.dumps(content), "application/json", key=str(uuid4())))


def _identity(plan_id: str) -> UUID:
    try:
        return UUID(plan_id)
    except ValueError:
        stop(f"'{plan_id}' isn't a record's id.", MISUSE)


def manager(council: str) -> Principal:
    """Whoever is at the keyboard, as a records manager of a council."""
    if not LA_CODE.fullmatch(council):
        stop(f"'{council}' isn't an LA code: it has three digits, for example 855.", MISUSE)
    if council not in load_reference_data().code_set("local-authorities").codes:
        stop(f"There is no council with the code {council}.", MISUSE)
    try:
        keyring = open_keyring(load_settings())
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    subject = operator_id(keyring)
    keyring.close()
    return Principal(subject=subject, organisation=f"la:{council}", role="records-manager")
