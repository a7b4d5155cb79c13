"""A plan and its history as a person reads them in a terminal, under the statutory headings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.document import SECTIONS, items
from domain.document.quantity import quantity_in_words

console = Console(highlight=False)
#: Fields of an item that are its text, in the order in which they are read.
TEXTS = ("description", "what", "text", "name", "type", "kind", "dateReceivedAsStated", "from", "title", "note")
#: Parts of a plan beside its sections, by their headings.
BESIDE = {"personalDetails": "Personal details", "services": "Services involved", "signOff": "Sign-off"}
#: What stands for a part that isn't shown.
HIDDEN = "not shown"
#: What says nothing to a reader, or repeats what is printed as it was stated.
NOT_PRINTED = frozenset({"order", "mainContact", "restrictionReason", "kind", "answer"})


def print_plan(view: Mapping[str, Any]) -> None:
    """Print where a plan stands and the text that was read."""
    version = view.get("version")
    without = "no text in force on that day" if "asAt" in view else "no text yet"
    council = f"council {view['maintainingLa']}" if view.get("maintainingLa") else ""
    facts = [f"Plan {view['planId']}", view["phase"], council, _standing(version) if version else without]
    typer.echo(" · ".join(fact for fact in facts if fact))
    document = view.get("plan")
    if not document:
        return
    person, disputed = document.get("personalDetails", {}), list(view.get("statements", ()))
    _print(f"\n[bold]{escape(person.get('name', HIDDEN))}[/], born {person.get('dateOfBirth', 'not known')}")
    for part, heading in BESIDE.items():
        _print(f"\n[bold]{heading}[/]", *(f"  {escape(line)}" for line in _details(document.get(part, {}))))
    for section in SECTIONS:
        _print_section(document, section.key, section.heading)
        _print(*_disputed(one for one in disputed if _is_about(one, section.key)))
    for note in document.get("unplacedNotes", {}).values():
        _print(f"\n[bold]Not placed[/] ({escape(note['origin'])})\n  {escape(note['text'])}")
    placed = [section.key for section in SECTIONS]
    _print(*_disputed(one for one in disputed if not any(_is_about(one, key) for key in placed)))


def _print(*lines: str) -> None:
    """Print lines; for a program or a file each stays whole, whatever its length."""
    for line in lines:
        console.print(line, soft_wrap=not console.is_terminal)


def _standing(version: Mapping[str, Any]) -> str:
    since = "in force from" if version["kind"] == "final" else "of"
    return f"{version['kind']} {version['number']}, {since} {version['effectiveOn']}"


def _details(value: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The fields of a part, one a line, those of its parts under their names."""
    for name, member in value.items():
        label = f"{above}, {_label(name).lower()}" if above else _label(name)
        if isinstance(member, Mapping):
            yield from _details(member, "" if name == "contacts" else label.removesuffix(", as stated"))
        elif name not in NOT_PRINTED:
            yield f"{label.removesuffix(', as stated')}: {'yes' if member is True else member}"


def _print_section(document: Mapping[str, Any], key: str, heading: str) -> None:
    section = document.get("sections", {}).get(key)
    lines = [HIDDEN] if section is None else [*_narrative(section), *_items(document, key)]
    _print(f"\n[bold]{key}[/] {escape(heading)}", *(f"  {escape(line)}" for line in lines or ["none"]))


def _is_about(statement: Mapping[str, Any], key: str) -> bool:
    return f"{statement['pointer']}/".startswith(f"/plan/sections/{key}/")


def _disputed(statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What somebody of the family says of a part, beneath it."""
    for one in statements:
        about = one["pointer"].rpartition("/")[2] or "the whole text"
        said = f"{about} is disputed by {one['by']} since {one['statedOn']}: {one['statement']}"
        yield f"  [yellow]! {escape(said)}[/]"


def _narrative(value: Any) -> Iterator[str]:
    for name, member in value.items():
        if isinstance(member, str):
            yield f"{_label(name)}: {member}"
        elif isinstance(member, Mapping) and all(isinstance(text, str) for text in member.values()):
            yield from (f"{_label(inner)}: {text}" for inner, text in member.items())


def _items(document: Any, key: str) -> Iterator[str]:
    for number, item in enumerate((i for i in items(document) if i.section == key), 1):
        said = " · ".join(str(item.value[name]) for name in TEXTS if name in item.value)
        amount = quantity_in_words(item.value) if "what" in item.value else ""
        yield f"{number}. {said}" + (f" [{amount}]" if amount else "")


def print_history(events: Iterable[Mapping[str, Any]]) -> None:
    """Print the events of a plan, one a line, findings beneath."""
    table = Table("No.", "Legal date", "Recorded", "What happened", "By", "Mode", box=None, pad_edge=False)
    for event in events:
        by = event.get("actor", {})
        who = f"{by.get('role', '')} {by.get('organisation', '')}".strip()
        status = "" if event["status"] == "counted" else f" ({event['status']})"
        recorded = event["time"][:16].replace("T", " ")
        title = escape(event["title"] + status)
        table.add_row(str(event["number"]), event.get("effectiveOn", ""), recorded, title, who, event.get("mode", ""))
        for finding in event.get("findings", ()):
            table.add_row("", "", "", f"[yellow]! {escape(finding['text'])} ({escape(finding['law'])})[/]", "", "")
    console.print(table)


def _label(name: str) -> str:
    parts = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z0-9-]+|[A-Z]", name)
    words = " ".join(part if part.isupper() else part.lower() for part in parts).replace("-", " ")
    return words[:1].upper() + words[1:]
