"""Who was shown a plan, as a person reads it in a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from services.cli.plan_text import console


def print_disclosures(entries: Iterable[Mapping[str, Any]], not_shared: Iterable[Mapping[str, Any]]) -> None:
    """Print the entries of the disclosure log, one a line, reviews and decisions not to share beneath."""
    table = Table("When", "Who", "What", "Why", "Outcome", box=None, pad_edge=False)
    for entry in entries:
        who = f"{entry['role']} {entry['organisation']}"
        table.add_row(_minute(entry), escape(who), _what(entry), escape(_why(entry)), entry["outcome"])
        if "review" in entry:
            review = entry["review"]
            said = f"family: {review['decision']} ({review['reasons']})"
            table.add_row("", "", f"[yellow]{escape(said)}[/]", "", "")
    for decision in not_shared:
        who = f"{decision['role']} {decision['organisation']}"
        table.add_row(_minute(decision), escape(who), "decided not to share", escape(_why(decision)), "")
    console.print(table)


def print_breaches(breaches: Iterable[Mapping[str, Any]]) -> None:
    """Print each possible breach, and beneath it who was shown what, so that they and the family can be told."""
    found = list(breaches)
    for breach in found:
        about = f"entry {breach['entry']}" if "entry" in breach else f"with {breach['otherPlan']}"
        console.print(f"[bold]{breach['kind']}[/], {about}, {_when(breach['since'])} to {_when(breach['until'])}")
        for name, told in (("readers", "read"), ("mayRepeat", "may have read"), ("told", "were told of it")):
            if breach.get(name):
                console.print(f"{len(breach[name])} {told}:")
                print_disclosures(breach[name], ())
    if not found:
        console.print("Nothing that was shown turned out to be wrong.")


def _minute(entry: Mapping[str, Any]) -> str:
    return _when(entry["time"])


def _when(time: object) -> str:
    return str(time)[:16].replace("T", " ")


def _what(entry: Mapping[str, Any]) -> str:
    parts = [entry["what"], entry.get("text", ""), " ".join(entry.get("sections", ()))]
    emergency = "[red]emergency[/]" if entry.get("emergency") else ""
    return " ".join(part for part in [emergency, *map(escape, parts)] if part)


def _why(entry: Mapping[str, Any]) -> str:
    return ": ".join(part for part in (entry.get("gateway", ""), entry.get("reason") or entry.get("reasons")) if part)
