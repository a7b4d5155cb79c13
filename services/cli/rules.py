"""`ehcp rules`: which editions of the rules count, what they say, adopting one and withdrawing what was wrong.

What counts for every council is adopted by whoever runs the platform, on the record itself. A council's own retention
schedule is adopted through the API, as its records manager, whether a server has the record or not.
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import orjson
import typer
from rich.table import Column, Table

from connectors.identity.tokens import Principal
from domain.rules import EVERY_COUNCIL, KINDS, AdoptedBy, AdoptionRefused, RulesAdopted
from services.bootstrap import Platform
from services.cli.own_record import operator_id, own_record
from services.cli.retention import manager
from services.cli.session import answered, load_settings, session
from services.cli.talk import MISUSE, REFUSED, console, result, say, stop
from services.directory.service import OPERATOR
from services.errors import ConfigurationError
from services.rules.editions import Edition, read_edition, shipped
from services.rules.first_start import not_adopted, require_unchanged
from services.rules.looking import adopted_in
from services.rules.views import adoption_view
from services.store.errors import StoreError

_READER: Final = Principal(subject="operator", organisation="platform", role="auditor")
_BY: Final = AdoptedBy(organisation="platform", role=OPERATOR)
Kind = Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")]
On = Annotated[str | None, typer.Option(help="The civil date (YYYY-MM-DD) that is asked about; else today.")]
Council = Annotated[str | None, typer.Option(help="LA code, for rules of a council's own.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def list_rules(
    on: On = None,
    known_at: Annotated[int | None, typer.Option(help="A position of the adoption log: as known then.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also editions that don't count on that day.")] = False,
    json: AsJson = False,
) -> None:
    """List the editions that count on a day: from when, for which council, and at which position they were adopted."""
    page = _page(on, known_at)
    found = [one for one in page["adoptions"] if everything or one["inForce"]]
    if json:
        result(page | {"adoptions": found})
        return
    edition = Column("Edition", overflow="fold")
    table = Table(Column("Kind", no_wrap=True), edition, "From", "For", "At", box=None, pad_edge=False)
    for one in found:
        state = f" (withdrawn at {one['withdrawn']})" if "withdrawn" in one else ""
        table.add_row(one["kind"], one["edition"] + state, one["inForceFrom"], one["council"], str(one["position"]))
    console.print(table)
    for one in page["notAdopted"]:
        say(f"[yellow]![/] {_how_to_adopt(one['kind'], one['edition'])}")


def show(kind: Kind, on: On = None, council: Council = None, json: AsJson = False) -> None:
    """Print what the edition says that counts on a day, as canonical JSON, and where it stands in the adoption log."""
    _require_kind(kind)
    adoptions = [one for one in _page(on)["adoptions"] if one["kind"] == kind and one["inForce"]]
    own = [one for one in adoptions if one["council"] == council]
    counting = own or [one for one in adoptions if one["council"] == EVERY_COUNCIL]
    if not counting:
        stop(f"No edition of {kind} counts on that day.")
    with session(_READER) as place:
        said = [(one, place.download(f"/v1/rules/{one['sha256']}")) for one in counting]
    if json:
        result([one | {"content": orjson.loads(content)} for one, content in said])
        return
    for one, content in said:
        say(f"{one['kind']} {one['edition']}, from {one['inForceFrom']}, position {one['position']}: {one['source']}")
        say(f"SHA-256 {one['sha256']}, and of what follows {sha256(content).hexdigest()}")
        typer.echo(content.decode())


def adopt(
    kind: Kind,
    edition: Annotated[str | None, typer.Argument(help="An edition of this release (ehcp rules list).")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with the edition, where this release has none.")] = None,
    in_force_from: Annotated[
        str | None, typer.Option("--from", help="The civil date from which it counts; else the one that it states.")
    ] = None,
    council: Council = None,
    source: Annotated[str | None, typer.Option(help="Who decided it and when; no person's name.")] = None,
    json: AsJson = False,
) -> None:
    """Adopt an edition from a day on. What was decided before keeps the edition by which it was decided."""
    _require_kind(kind)
    wanted = _edition(kind, edition, file)
    day = _day(in_force_from) or wanted.in_force_from
    if council is not None:
        made = _adopt_own(wanted, day, council, source or stop("State with --source who decided it and when.", MISUSE))
    else:
        made = _adopt_for_all(wanted, day, source or wanted.source)
    if json:
        result(made)
        return
    whose = "every council" if made["council"] == EVERY_COUNCIL else f"council {made['council']}"
    say(f"{kind} {made['edition']} counts for {whose} from {made['inForceFrom']} (position {made['position']}).")


def withdraw(
    position: Annotated[int, typer.Argument(help="Where the adoption stands (ehcp rules list --all).")],
    because: Annotated[str, typer.Option(help="Why it was wrong; no person's name.")],
    council: Council = None,
    json: AsJson = False,
) -> None:
    """Withdraw what was adopted in error: from now on it counts for no day. The log keeps both."""
    if council is not None:
        body = orjson.dumps({"because": because})
        with session(manager(council)) as place:
            made = answered(place.post(f"/v1/rules/{position}/withdrawal", body, "application/json"))
    else:
        with own_record() as platform:
            made = _told(platform, lambda: _withdrawn(platform, position, because))
    if json:
        result(made)
    else:
        say(f"{made['kind']} {made['edition']}, adopted at position {position}, doesn't count any more.")


def check(
    file: Annotated[Path | None, typer.Argument(help="An edition; without one, those of this release.")] = None,
    kind: Annotated[str | None, typer.Option(help=f"Its kind: {', '.join(KINDS)}.")] = None,
    json: AsJson = False,
) -> None:
    """Check an edition before it is adopted; or whether those of this release are adopted and as they were."""
    if file is None:
        _check_release(json=json)
        return
    _require_kind(kind or stop("Name its kind with --kind.", MISUSE))
    found = _edition(str(kind), None, file)
    named = {"kind": found.kind, "edition": found.name, "inForceFrom": found.in_force_from, "sha256": found.sha256}
    if json:
        result(named)
    else:
        say(f"{found.kind} {found.name}, from {found.in_force_from}, SHA-256 {found.sha256}")


def _check_release(*, json: bool) -> None:
    known = adopted_in(load_settings())
    try:
        require_unchanged(known, shipped())
    except ConfigurationError as fault:
        stop(str(fault))
    left = not_adopted(known, shipped()) if known.position else []
    if json:
        result({"adopted": known.position > 0, "notAdopted": [f"{one.kind} {one.name}" for one in left]})
    elif not known.position:
        say("Nothing is adopted yet: the first start adopts the editions of this release.")
    else:
        say(f"{len(shipped()) - len(left)} of {len(shipped())} editions of this release are adopted, as they were.")
        for one in left:
            say(_how_to_adopt(one.kind, one.name))
    if left:
        raise typer.Exit(REFUSED)


def _page(on: str | None, known_at: int | None = None) -> dict[str, Any]:
    _day(on)
    with session(_READER) as place:
        page: dict[str, Any] = place.get("/v1/rules", on=on, knownAt=known_at)
    return page


def _adopt_own(wanted: Edition, day: date, council: str, source: str) -> dict[str, Any]:
    content = orjson.loads(wanted.content)
    body = {"kind": wanted.kind, "inForceFrom": day.isoformat(), "source": source, "content": content}
    with session(manager(council)) as place:
        made: dict[str, Any] = answered(place.post("/v1/rules", orjson.dumps(body), "application/json"))
    return made


def _adopt_for_all(wanted: Edition, day: date, source: str) -> dict[str, Any]:
    said = RulesAdopted(
        kind=wanted.kind,
        edition=wanted.name,
        sha256=wanted.sha256,
        in_force_from=day,
        council=EVERY_COUNCIL,
        adopted_by=_BY,
        source=source,
    )
    with own_record() as platform:
        adopted = platform.rules.adopted
        return _told(platform, lambda: adopted.adopt(said, wanted.content, **_as_operator(platform)))


def _withdrawn(platform: Platform, position: int, because: str) -> Any:
    return platform.rules.adopted.withdraw(position, because=because, by=_BY, **_as_operator(platform))


def _as_operator(platform: Platform) -> dict[str, str]:
    return {"actor": operator_id(platform.keyring), "on": platform.rules.today().isoformat()}


def _told(platform: Platform, do: Any) -> dict[str, Any]:
    """What came of adopting or withdrawing, as the API would tell it. Ends the command with what refuses it."""
    try:
        made = do()
    except AdoptionRefused as refused:
        stop(str(refused))
    except StoreError as fault:
        stop(f"Nothing was adopted: {fault}.")
    view = adoption_view(platform.rules.adopted.current(), made, platform.rules.today())
    told: dict[str, Any] = msgspec.to_builtins(view)
    return told


def _edition(kind: str, name: str | None, file: Path | None) -> Edition:
    if (name is None) == (file is None):
        stop("Name an edition of this release, or a file with --file.", MISUSE)
    if file is not None:
        try:
            return read_edition(kind, file.read_bytes(), str(file))
        except OSError as error:
            stop(f"{file} can't be read: {error.strerror}.", MISUSE)
        except ValueError as error:
            stop(f"{error}", MISUSE)
    of_kind: Mapping[str, Edition] = {one.name: one for one in shipped() if one.kind == kind}
    if name is None or name not in of_kind:
        stop(f"This release has no {kind} {name}: it has {', '.join(of_kind)}.", MISUSE)
    return of_kind[name]


def _day(stated: str | None) -> date | None:
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError:
        stop("Give the day as YYYY-MM-DD, for example 2027-04-01.", MISUSE)


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        stop(f"There is no kind of rules '{kind}': use one of {', '.join(KINDS)}.", MISUSE)


def _how_to_adopt(kind: str, edition: str) -> str:
    return f"{kind} {edition} came with this release and isn't adopted: ehcp rules adopt {kind} {edition}"
