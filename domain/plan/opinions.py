"""Opinions of a professional: what may neither be withheld nor given without one, and how long one counts.

Whoever isn't a health professional withholds health data only on an opinion that the serious harm test is met (DPA 2018
Sch 3 para 5), and gives what the data subject hasn't seen and doesn't know only on an opinion that it isn't (para 6).
The data subject is the child or young person, also where a parent asks: what the parent has seen doesn't count.
Which exemptions ask for an opinion, and how many months one counts, is data: the code set `access-exemptions`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

from msgspec import Struct

from domain.calendar import last_of_months_beginning_with
from domain.codesets import Code, CodeSet

RELEASE: Final = "RELEASE"


class Lacking(Struct, frozen=True, kw_only=True):
    """What is missing of a decision about a part: the rule, the provision, and which member of the decision it is."""

    part: str
    member: str
    rule: str
    law: str
    text: str


def lacking(
    decisions: Mapping[str, Any], given: Mapping[str, Collection[str]], exemptions: CodeSet, on: date
) -> Iterator[Lacking]:
    """What is missing of these decisions where they are relied on on a civil date.

    `given` are the parts that would be given, by id, with the exemptions for which they were marked.
    """
    for part, decided in decisions.items():
        code = _asks(decided, given.get(part, ()), exemptions)
        if code is not None:
            yield from (
                Lacking(part=part, member=member, rule=rule, law=code.text("law"), text=text)
                for member, rule, text in _missing(decided, code, on)
            )


def _asks(decided: Mapping[str, Any], marks: Collection[str], exemptions: CodeSet) -> Code | None:
    """The exemption for which a professional has to be asked, whether the part is withheld under it or given."""
    named = marks if decided.get("decision") == RELEASE else (decided.get("exemption"),)
    return next((code for code in exemptions if code.code in named and code.text("opinion")), None)


def _missing(decided: Mapping[str, Any], code: Code, on: date) -> Iterator[tuple[str, str, str]]:
    """The member, the rule and a sentence for each thing that is missing."""
    if decided.get("decision") == RELEASE and decided.get("alreadySeen"):
        if not decided.get("reasons"):
            text = "Say how you know that the child or young person has seen it, or knows it; a parent isn't enough."
            yield "reasons", "seen-without-reasons", text
        return
    if not decided.get("consulted"):
        text = "Whether it would cause serious harm is for the responsible professional to say: name whom you asked."
        yield "consulted", "professional-not-asked", text
    if not decided.get("opinionOn"):
        yield "opinionOn", "opinion-undated", "Say on which day the professional gave the opinion."
    else:
        yield from _out_of_time(date.fromisoformat(decided["opinionOn"]), code.number("opinionMonths"), on)


def _out_of_time(given_on: date, months: int | None, on: date) -> Iterator[tuple[str, str, str]]:
    if given_on > on:
        text = f"The opinion is dated {given_on}, after the day on which it is relied on ({on})."
        yield "opinionOn", "opinion-not-yet-given", text
    elif months is not None and (last := last_of_months_beginning_with(given_on, months)) < on:
        text = f"The opinion of {given_on} counted for {months} months, up to {last}: ask the professional again."
        yield "opinionOn", "opinion-too-old", text
