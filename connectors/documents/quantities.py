"""Reads how much provision a text promises, where it says so plainly, and notices where it promises nothing.

Provision in section F is to be "detailed and specific and should normally be quantified" (SEND Code of Practice 9.69).
The full text always stays; a quantity is set only when the text has exactly one amount and one frequency.
"""

from __future__ import annotations

import re
from typing import Any

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten":
    10,
    "eleven": 11, "twelve": 12, "a": 1, "an": 1, "once": 1, "twice": 2,
}  # fmt: skip
_N = r"(?:\d+(?:\.\d+)?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PERIODS = {
    "day": "day", "school day": "day", "week": "week", "fortnight": "fortnight", "month": "month",
    "half term": "halfTerm", "half-term": "halfTerm", "term": "term", "year": "year", "school year": "year",
    "academic year": "year", "daily": "day", "weekly": "week", "fortnightly": "fortnight", "monthly": "month",
    "half-termly": "halfTerm", "half termly": "halfTerm", "termly": "term", "annually": "year",
}  # fmt: skip
_PER = r"(?:school |academic )?(?:day|week|fortnight|month|half[ -]term|term|year)"
_LY = r"(?:dai|week|fortnight|month|half[ -]term|term|annual)ly"
_PERIOD = rf"(?:{_PER}|{_LY})"
_DURATION = re.compile(rf"\b(?P<n>{_N})(?:\s+an?)?[\s-]*(?P<unit>minutes?|mins?|hours?|hrs?)\b", re.IGNORECASE)
_SESSIONS = re.compile(
    r"\b(?P<n>\d+|one|two|three|four|five|six|eight|ten|twelve)\s+(?:\w+\s+)?(?:sessions|visits|lessons)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(
    rf"\b(?:(?P<n>once|twice)|(?P<m>\d+|{_N})\s+times)\s+(?:a|an|per|each|every|in a)\s+(?P<per>{_PERIOD})\b",
    re.IGNORECASE,
)
_EACH = re.compile(rf"(?:\b(?:a|an|per|each|every)\s+(?P<per>{_PER})\b|\b(?P<ly>{_LY})\b)", re.IGNORECASE)
_WEEKS = re.compile(
    r"\b(?P<n>\d{2})\s+weeks\b(?!\s+(?:from|after|before|in))(?P<yearly>\s+(?:a|per|each)\s+year)?",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?<![\d:.])([1-9][0-9]?:[1-9][0-9]?)(?![\d:])")
_GROUP = re.compile(
    r"\b(?:group|class)\b[^.;]{0,30}?\b(?:up to|no more than|at most|maximum of|max)\s+(?P<n>\d{1,3})\b",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"\b(speech and language therapist|occupational therapist|physiotherapist|educational psychologist|"
    r"clinical psychologist|specialist teacher|teaching assistant|qualified teacher|class teacher|"
    r"learning support assistant|job coach|emotional literacy support assistant|ELSA|SENCO|youth worker|support worker|"
    r"personal assistant|mentor|community paediatrician|community children['’]s nurse|specialist nurse|dietitian|"
    r"teacher of the deaf|counsellor)\b",
    re.IGNORECASE,
)
_TERM_TIME_WEEKS = range(30, 54)

_TIMES_OF = (
    r"minutes?|mins?|hours?|hrs?|sessions?|visits?|lessons?|days?|weeks?|months?|terms?|times|nights?|evenings?|"
    r"mornings?|afternoons?|years?|occasions?|blocks?|meetings?|periods?|half-days?"
)
_OCCASIONS = (
    r"day|week|fortnight|month|half[ -]term|term|year|lessons?|sessions?|mornings?|afternoon|evening|night|breaks?|"
    r"lunchtimes?|occasions?|times|subjects|transitions?|mealtimes?|weekend"
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_CONDITION = r"(?:required|needed|necessary|appropriate|possible)\b"
_AMOUNT = re.compile(
    rf"\b{_N}[\s-]*(?:an?\s+)?(?:full|whole|half|direct|individual|school|working)?[\s-]*(?:{_TIMES_OF})\b"
    r"|\b(?:once|twice|weekly|daily|fortnightly|monthly|termly|half[ -]termly|annually|annual|nightly|hourly)\b"
    rf"|\b(?:a|an|per|each|every|any|all|whole)\s+(?:\w+\s+){{0,2}}?(?:{_OCCASIONS})\b"
    r"|\b(?:throughout|always|full[ -]time|all day|continuous(?:ly)?|constant(?:ly)?)\b"
    rf"|\bwhenever\b(?! {_CONDITION})"
    r"|\b\d{1,2}[.:]\d{2}\b(?!\s*%)"
    rf"|\bby\s+(?:the end of|\d{{1,2}}|{_MONTHS})\b"
    r"|£\s*\d",
    re.IGNORECASE,
)
_EQUIPMENT = re.compile(
    r"\b(?:an?|his|her|their|own)\s+(?:[\w-]+\s+){0,3}?(?:laptop|tablet|ipad|chromebook|computer|radio aid|braille\w*|"
    r"wheelchair|walker|standing frame|seat|chair|hoist|sling|slope|board|stool|cushion|magnifier|monitor|keyboard|"
    r"communication (?:aid|book|device)|voice output device|headset|ear defenders|splints?)\b",
    re.IGNORECASE,
)
_ANY_FIGURE = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|both|all|each|every)\b", re.IGNORECASE)
_VAGUE = re.compile(
    rf"\b(?:as|as and when|when|whenever|if|where) {_CONDITION}|\baccess to\b|\bopportunit(?:y|ies)\b|"
    r"\b(?:regular|frequent|periodic)(?:ly|ally)?\b|\bbenefit from\b|\bsupport(?:ed)? (?:with|from|to)\b|"
    r"\bsufficient\b|\bsome\b|\bmay\b",
    re.IGNORECASE,
)


def is_unquantified(text: str) -> bool:
    """Tell whether a provision promises no amount, frequency or duration.

    Vague wording ("as and when required", "access to") needs a real amount beside it; other wording passes with any
    figure at all (a ratio, a group size, a number of adults) or with a thing that is simply there (a laptop).
    """
    if not text.strip() or _AMOUNT.search(text):
        return False
    if _EQUIPMENT.search(text) and _VAGUE.search(text) is None:
        return False
    return _VAGUE.search(text) is not None or _ANY_FIGURE.search(text) is None


def is_vague(text: str) -> bool:
    """Tell whether a provision is worded vaguely and promises no amount, frequency or duration."""
    return is_unquantified(text) and _VAGUE.search(text) is not None


def read_quantity(text: str) -> dict[str, Any]:
    """Return the ``quantity`` of a provision, empty where the text is not plain about it."""
    quantity: dict[str, Any] = _amount(text)
    ratios = set(_RATIO.findall(text))
    groups = {int(match["n"]) for match in _GROUP.finditer(text)}
    if quantity and len(ratios) == 1:
        quantity["ratio"] = ratios.pop()
    if quantity and len(groups) == 1 and max(groups) > 0:
        quantity["groupSizeMax"] = groups.pop()
    return quantity


def _amount(text: str) -> dict[str, Any]:
    durations = list(_DURATION.finditer(text))
    if len(durations) != 1:
        return {}
    minutes = _minutes(durations[0])
    times, sessions = list(_TIMES.finditer(text)), list(_SESSIONS.finditer(text))
    periods = [match for match in _EACH.finditer(text) if not _within(match, times) and not _yearly_weeks(text, match)]
    frequency = _frequency(times, sessions, periods)
    if not frequency or not 1 <= minutes <= 10_080:  # noqa: PLR2004  # minutes of a week
        return {}
    return {"minutesPerSession": minutes, **frequency, **_weeks(text)}


def _frequency(
    times: list[re.Match[str]], sessions: list[re.Match[str]], periods: list[re.Match[str]]
) -> dict[str, Any]:
    if len(times) == 1 and not sessions and not periods:
        return {"sessions": _number(times[0]["n"] or times[0]["m"]), "per": _period(times[0]["per"])}
    if not times and len(sessions) <= 1 and len(periods) == 1:
        count = _number(sessions[0]["n"]) if sessions else 1
        return {"sessions": count, "per": _period(periods[0]["per"] or periods[0]["ly"])}
    return {}


def _within(match: re.Match[str], others: list[re.Match[str]]) -> bool:
    return any(each.start() <= match.start() < each.end() for each in others)


def _yearly_weeks(text: str, match: re.Match[str]) -> bool:
    return any(each.start() <= match.start() < each.end() for each in _WEEKS.finditer(text))


def _weeks(text: str) -> dict[str, int]:
    weeks = {
        int(match["n"]) for match in _WEEKS.finditer(text) if match["yearly"] or int(match["n"]) in _TERM_TIME_WEEKS
    }
    return {"weeksPerYear": weeks.pop()} if len(weeks) == 1 and max(weeks) in range(1, 54) else {}


def _minutes(match: re.Match[str]) -> int:
    text = match["n"].lower()
    amount = 0.5 if text.startswith("half") else _decimal(text)
    return round(amount * (60 if match["unit"].lower().startswith("h") else 1))


def _decimal(text: str) -> float:
    return float(_NUMBERS[text]) if text in _NUMBERS else float(text[:9])


def _number(text: str) -> int:
    return max(1, min(10_000, int(_decimal(text.lower()))))


def _period(text: str) -> str:
    return _PERIODS[text.lower()]


def read_role(text: str) -> str | None:
    """Return who is to deliver, when the text names exactly one role that is known."""
    roles = {match.group().lower(): match.group() for match in _ROLES.finditer(text)}
    return next(iter(roles.values())) if len(roles) == 1 else None
