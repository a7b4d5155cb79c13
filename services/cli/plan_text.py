"""A plan and its history as a person reads them in a terminal, under the statutory headings."""

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
TEXTS = ("description", "what", "text", "name", "type", "kind", "from", "title")


def print_plan(view: Mapping[str, Any]) -> None:
    """Print where a plan stands and the text that was read."""
    version = view.get("version")
    text = (
        f"{version['kind']} {version['number']}, in force from {version['effectiveOn']}" if version else "no text yet"
    )
    typer.echo(f"Plan {view['planId']} · {view['phase']} · council {view['maintainingLa']} · {text}")
    document = view.get("plan")
    if not document:
        return
    person = document["personalDetails"]
    console.print(f"\n[bold]{escape(person['name'])}[/], born {person.get('dateOfBirth', 'not known')}")
    for section in SECTIONS:
        _print_section(document, section.key, section.heading)
    for note in document.get("unplacedNotes", {}).values():
        console.print(f"\n[bold]Not placed[/] ({escape(note['origin'])})\n  {escape(note['text'])}")


def _print_section(document: Mapping[str, Any], key: str, heading: str) -> None:
    console.print(f"\n[bold]{key}[/] {escape(heading)}")
    lines = [*_narrative(document["sections"][key]), *_items(document, key)]
    for line in lines or ["none"]:
        console.print(f"  {escape(line)}")


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
        table.add_row(str(event["sequence"]), event.get("effectiveOn", ""), recorded, title, who, event.get("mode", ""))
        for finding in event.get("findings", ()):
            table.add_row("", "", "", f"[yellow]! {escape(finding['text'])} ({escape(finding['law'])})[/]", "", "")
    console.print(table)


def _label(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]
