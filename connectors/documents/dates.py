"""Reads dates as people type them, day first, and says what it had to assume.

Nothing is guessed: a date without a day, or one that no calendar has, stays text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
          "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
          "twentieth", "twenty first", "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth",
          "twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first")  # fmt: skip
_MONTH = (
    "(?P<month>"
    + "|".join(rf"{m[:3]}(?:{m[3:]})?" if m != "september" else "sept?(?:ember)?" for m in _MONTHS)
    + r")(?![^\W\d_])\.?"
)
_SPOKEN = "|".join(sorted((unit.replace(" ", r"[\s-]") for unit in _UNITS), key=len, reverse=True))
_DAY = rf"(?:(?P<spoken>{_SPOKEN})|(?P<day>\d{{1,2}})\s?(?P<suffix>st|nd|rd|th)?)"
_SPOKEN_YEAR = (
    r"(?P<spokenyear>(?:two\s+thousand(?:\s+and)?|twenty)[\s-]+(?:(?:twenty|thirty)(?:[\s-]+(?:one|two|three|four|five|six|"
    r"seven|eight|nine))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)\b)"
)
_YEAR = rf"(?:(?P<year>\d{{4}}|'?\d{{2}})(?!\d|[./]\d|:)|{_SPOKEN_YEAR})"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})(?P<iso>[-/.])(?P<monthno>\d{1,2})(?P=iso)(?P<day>\d{1,2})(?!\d)",
        rf"(?<![\dlI])(?P<day>\d{{1,2}})\s?(?P<sep>[/.\-–\\])\s?(?P<monthno>\d{{1,2}})\s?(?P=sep)\s?{_YEAR}",
        (
            rf"(?<![\dlI])(?:(?P<otherday>\d{{1,2}})\s?(?:st|nd|rd|th)?\s?(?:and|&|-|–|to|/)\s?)?{_DAY}"
            rf"(?:\s|-|/|\.)*(?:day\s+)?(?:of\s+)?{_MONTH}(?:\s|,|-|/|\.)*(?:of\s+)?{_YEAR}"
        ),
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:\s|,)+{_YEAR}",
    )
)
# Forms that are a date only where nothing else stands in the text; the first that a calendar has is taken.
_ALONE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<day>\d{1,2})[\s,|]+(?P<monthno>\d{1,2})[\s,|]+(?P<year>\d{4}|\d{2})\.?",
        r"(?P<day>\d{2})(?P<monthno>\d{2})(?P<year>(?:19|20)\d{2})",
        r"(?P<year>(?:19|20)\d{2})(?P<monthno>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{2})(?P<monthno>\d{2})(?P<year>\d{2})",
    )
)
_SERIAL = re.compile(r"(?P<days>[2-5]\d{4})(?:\.\d+)?")
_SERIAL_ZERO = date(1899, 12, 30)
_QUOTES = str.maketrans(dict.fromkeys("’‘`´", "'"))  # noqa: RUF001
_CENTURY = 2000
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30}
_LAST_CENTURY_FROM = 70


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a text says about dates.

    ``found`` are the dates in order of appearance. ``assumed`` is how the first was read where that needs saying:
    ``date-ordinal``, ``date-two-digit-year``, ``date-in-words``, ``date-month-first``, ``date-serial-number``; else
    empty. ``impossible`` says that something has the form of a date that no calendar has (31/02/2026).
    """

    found: tuple[date, ...] = ()
    assumed: str = ""
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class _Mention:
    at: int
    days: tuple[date, ...]
    assumed: str


def read_dates(text: str) -> DateReading:
    """Read all dates in a text. ``03/04/26`` is 3 April 2026: day first; this century, from 70 on the last.

    ``03 04 26``, ``03042026`` and a day number of a spreadsheet (``46115``) are dates where they stand alone.
    """
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    mentions: list[_Mention] = []
    taken: list[range] = []
    impossible = False
    for form in _FORMS:
        for match in form.finditer(text):
            if any(match.start() in span or match.end() - 1 in span for span in taken):
                continue
            taken.append(range(match.start(), match.end()))
            mention = _mention(match)
            impossible = impossible or mention is None
            mentions += [mention] if mention else []
    mentions = sorted(mentions, key=lambda each: each.at) or ([] if impossible else _alone(text.strip()))
    days = tuple(dict.fromkeys(day for mention in mentions for day in mention.days))
    return DateReading(days, mentions[0].assumed if mentions else "", impossible)


def _alone(text: str) -> list[_Mention]:
    """Read a text that is nothing but figures."""
    found = (_mention(match) for form in _ALONE if (match := form.fullmatch(text)))
    mention = next(filter(None, found), None)
    serial = _SERIAL.fullmatch(text)
    if mention is None and serial is not None:
        mention = _Mention(0, (_SERIAL_ZERO + timedelta(days=int(serial["days"])),), "date-serial-number")
    return [mention] if mention else []


def _mention(match: re.Match[str]) -> _Mention | None:
    parts = match.groupdict()
    year = _year(parts["year"]) if parts["year"] else _spoken_year(parts["spokenyear"])
    month = int(parts["monthno"]) if parts.get("monthno") else _month(parts["month"])
    day = (
        _UNITS.index(re.sub(r"[\s-]+", " ", parts["spoken"].lower())) + 1 if parts.get("spoken") else int(parts["day"])
    )
    found = _day(year, month, day)
    if found is None and parts.get("monthno") and not parts.get("iso"):
        found = _day(year, day, month)
        return _Mention(match.start(), (found,), "date-month-first") if found else None
    if found is None:
        return None
    other = _day(year, month, int(parts["otherday"])) if parts.get("otherday") else None
    return _Mention(match.start(), (other, found) if other else (found,), _assumed(parts))


def _assumed(parts: dict[str, str | None]) -> str:
    if parts.get("spoken") or parts.get("spokenyear"):
        return "date-in-words"
    if len((parts["year"] or "").lstrip("'")) == 2:  # noqa: PLR2004  # digits of a short year
        return "date-two-digit-year"
    return "date-ordinal" if parts.get("suffix") else ""


def _year(text: str) -> int:
    digits = text.lstrip("'")
    if len(digits) > 2:  # noqa: PLR2004  # digits of a short year
        return int(digits)
    return int(digits) + (_CENTURY - 100 if int(digits) >= _LAST_CENTURY_FROM else _CENTURY)


def _spoken_year(text: str) -> int:
    """Read "twenty twenty-six" and "two thousand and twenty-six"."""
    _, *words = re.sub(r"two\s+thousand(?:\s+and)?", "twenty", text.lower()).replace("-", " ").split()
    return _CENTURY + sum(_TENS.get(word) or _NUMBERS.index(word) for word in words)


def _month(text: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower().rstrip(".")[:3]))


def _day(year: int, month: int, day: int) -> date | None:
    if not 1900 <= year <= 2199:  # noqa: PLR2004  # outside, a slip of the keyboard (year 0206)
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def first_date(text: str) -> date | None:
    """Return the first date in a text, or None."""
    found = read_dates(text).found
    return found[0] if found else None


def dates_after(text: str, words: str) -> Iterator[date]:
    """Go through the dates that stand right after given words (a pattern) in a text."""
    for match in re.finditer(words, text, re.IGNORECASE):
        found = first_date(text[match.end() : match.end() + 40])
        if found:
            yield found
