"""One performed act as the trial sees it, and the list of rules that it is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.plan.state import PlanState

Json = dict[str, Any]
ORDERED = {"TRIBUNAL_ORDER", "CONSENT_ORDER", "CONCESSION", "MEDIATION_AGREEMENT"}
FINAL = {"finalised", "amended"}


@dataclass(frozen=True)
class Done:
    """One performed act: the states around it, its short event name, its data and who did it, on which day."""

    before: PlanState
    after: PlanState
    event: str
    data: Json
    role: str
    on: date
    today: date
    subject: str = ""

    @property
    def text(self) -> Json:
        """The sections of the text that the event carries."""
        sections: Json = self.data.get("plan", {}).get("sections", {})
        return sections

    @property
    def is_council_final(self) -> bool:
        """Whether the council made a text final of its own accord."""
        return self.event in FINAL and self.data.get("basis") not in ORDERED


Rule = Callable[[Done], Iterator[str]]
RULES: list[Rule] = []


def forbidden(rule: Rule) -> Rule:
    """Add a rule to those that are checked."""
    RULES.append(rule)
    return rule
