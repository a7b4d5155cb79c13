"""`ehcp subject-access`: the requests of a plan, what has to be decided about, and the package that is given."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from services.cli.plans import OPERATOR, AsJson, PlanId, read
from services.cli.session import session
from services.cli.talk import MISUSE, result, say, stop
from services.subject_access.rendering import HTML, JSON, ZIP

#: The form of a package by how a file's name ends.
FORMS = {".zip": ZIP, ".json": JSON, ".html": HTML}


def subject_access(
    plan_id: PlanId,
    request: Annotated[str | None, typer.Option(help="A request's id: what has to be decided about it.")] = None,
    package: Annotated[
        Path | None, typer.Option(help="Write what is given to this new file: NAME.zip, NAME.json or NAME.html.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Print a plan's subject access requests, the marked parts of one, or take the package of one that is reviewed."""
    if package is not None:
        _take(plan_id, request, package, json=json)
        return
    view = read(plan_id, f"/subject-access/{request}" if request else "/subject-access")
    if json:
        result(view)
    elif request:
        _print_marked(view)
    else:
        _print_requests(view["requests"])


def _take(plan_id: str, request: str | None, package: Path, *, json: bool) -> None:
    if request is None:
        stop("Say which request: --request ID.", MISUSE)
    form = FORMS.get(package.suffix)
    if form is None:
        stop(f"{package.name} should end in {', '.join(FORMS)}: in which form is it given?", MISUSE)
    if package.exists():
        stop(f"{package} exists already.", MISUSE)
    try:
        identity = UUID(plan_id)
    except ValueError:
        stop(f"'{plan_id}' isn't a plan's id.", MISUSE)
    with session(OPERATOR) as place:
        content = place.download(f"/v1/plans/{identity}/subject-access/{request}/package", form)
    package.touch(mode=0o600)
    package.write_bytes(content)
    digest = sha256(content).hexdigest()
    if json:
        result({"file": str(package), "bytes": len(content), "sha256": digest})
    else:
        say(f"{package}: {len(content)} bytes, SHA-256 {digest}")


def _print_requests(requests: list[Any]) -> None:
    for asked in requests:
        due = f", due {asked['dueOn']}" if "dueOn" in asked else ""
        why = asked.get("ground") or asked.get("takenBack")
        because = f" ({why})" if why else ""
        typer.echo(f"{asked['accessId']}  {asked['status']}{because}  received {asked['receivedOn']}{due}")
    if not requests:
        typer.echo("Nobody has asked.")


def _print_marked(view: dict[str, Any]) -> None:
    asked, open_parts = view["request"], set(view["undecided"])
    say(f"{escape(asked['accessId'])}: {asked['status']}, up to entry {view['upTo']}")
    for part in view["marked"]:
        mark = "?" if part["id"] in open_parts else view["decisions"].get(part["id"], {}).get("decision", "WITHHOLD")
        typer.echo(f"{part['id']}  {mark:<8}  {part['source']}{part['pointer']}  {', '.join(part['reasons'])}")
    doubtful = f", {len(view['withoutOpinion'])} without an opinion that counts today"
    say(f"{len(view['marked'])} marked parts, {len(open_parts)} undecided{doubtful if view['withoutOpinion'] else ''}")
    for other in view["alsoHeld"]:
        say(f"{other} was merged into this record: what it holds is answered there.")
    if "packageSha256" in view:
        say(f"What is given has SHA-256 {view['packageSha256']}")
    if view.get("releasedSha256", view.get("packageSha256")) != view.get("packageSha256"):
        say(f"What was released had SHA-256 {view['releasedSha256']}: take it back (reopen-subject-access).")
