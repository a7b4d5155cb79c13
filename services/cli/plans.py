"""`ehcp plan ...`: read plans and their history, and check a file against the published schema."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from connectors.identity.tokens import Principal
from domain.document import golden_thread
from domain.plan.events import JsonObject
from services.cli.disclosure_text import print_breaches, print_disclosures
from services.cli.plan_text import print_history, print_plan
from services.cli.session import session
from services.cli.talk import MISUSE, result, say, stop
from services.errors import Fault
from services.keeper.bodies import plan_faults
from services.strict_json import NotStrictJson, parse

#: The person at the keyboard of the machine that holds the record and its keys.
OPERATOR = Principal(subject="operator", organisation="operator", role="auditor")
PlanId = Annotated[str, typer.Argument(help="The plan's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def show(
    plan_id: PlanId,
    version: Annotated[int | None, typer.Option(help="A final version's number; default: the text in force.")] = None,
    as_at: Annotated[str | None, typer.Option(help="A date (YYYY-MM-DD): the text in force on that day.")] = None,
    known_at: Annotated[str | None, typer.Option(help="A log position or instant: what was on record then.")] = None,
    json: AsJson = False,
) -> None:
    """Print a plan: where it stands and its text."""
    view = read(plan_id, "", version=version, asAt=as_at, knownAt=known_at)
    if json:
        result(view)
    else:
        print_plan(view)


def history(plan_id: PlanId, json: AsJson = False) -> None:
    """Print every event of a plan in order."""
    events: list[Any] = []
    page: dict[str, Any] = {"next": 0}
    while "next" in page:
        page = read(plan_id, "/history", after=page["next"], limit=500)
        events += page["events"]
    if json:
        result({"events": events})
    else:
        print_history(events)


def diff(
    plan_id: PlanId,
    older: Annotated[str, typer.Argument(help="The older text: 2, draft-1 or event-14.")],
    newer: Annotated[str, typer.Argument(help="The newer text, named in the same way.")],
    json: AsJson = False,
) -> None:
    """Print in words what changed between two legal texts: finals, served drafts, or what an entry carries."""
    view = read(plan_id, "/diff", **{"from": older, "to": newer})
    if json:
        result(view)
        return
    for change in view["changes"]:
        typer.echo(f"- {change['text']}")
    if not view["changes"]:
        typer.echo("The two versions say the same.")


def disclosures(plan_id: PlanId, json: AsJson = False) -> None:
    """Print who was shown a plan, and what was decided not to be shared."""
    entries: list[Any] = []
    page = read(plan_id, "/disclosures", limit=500)
    not_shared = page.get("notShared", [])
    entries += page["disclosures"]
    while "next" in page:
        page = read(plan_id, "/disclosures", limit=500, cursor=page["next"])
        entries += page["disclosures"]
    if json:
        result({"disclosures": entries, "notShared": not_shared})
    else:
        print_disclosures(entries, not_shared)


def possible_breaches(plan_id: PlanId, json: AsJson = False) -> None:
    """Print who was shown what turned out to be wrong: redacted, misfiled, destroyed, or of a record wrongly merged."""
    view = read(plan_id, "/possible-breaches")
    if json:
        result(view)
    else:
        print_breaches(view["breaches"])


def check(
    file: Annotated[Path, typer.Argument(help="A digital plan as JSON.", exists=True, dir_okay=False)],
    json: AsJson = False,
) -> None:
    """Check a digital plan against the schema, its identifiers and the golden thread. Nothing is stored."""
    document, faults = _read_strictly(file.read_bytes())
    faults = faults or plan_faults(document)
    findings = [] if faults else golden_thread(document)
    if json:
        result({"valid": not faults, "faults": faults, "findings": findings})
    else:
        _tell(faults, findings)
    if faults:
        raise typer.Exit(1)


def _read_strictly(content: bytes) -> tuple[JsonObject, list[Fault]]:
    """The document, or why it is none: held to the same rules as one that is sent."""
    try:
        document = parse(content)
    except NotStrictJson as fault:
        return {}, [Fault(pointer="", text=fault.text, rule=fault.code)]
    if not isinstance(document, dict):
        return {}, [Fault(pointer="", text="A digital plan is a JSON object.", rule="not-an-object")]
    return document, []


def _tell(faults: Any, findings: Any) -> None:
    for fault in faults:
        typer.echo(f"✗ {fault.pointer or '(whole plan)'}: {fault.text}")
    for finding in findings:
        typer.echo(f"· {finding.text} ({finding.law})")
    say("[red]Not a valid plan.[/]" if faults else "[green]A valid digital plan.[/]")


def read(plan_id: str, path: str, **parameters: Any) -> Any:
    """A read of a plan. Ends the command when there is no such plan."""
    try:
        identity = UUID(plan_id)
    except ValueError:
        stop(f"'{plan_id}' isn't a plan's id.", MISUSE)
    with session(OPERATOR) as place:
        return place.get(f"/v1/plans/{identity}{path}", **parameters)
