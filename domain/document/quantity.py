"""Amounts of provision in words: how much, how often, for how long."""

from domain.document.json_values import JsonObject

PERIODS: dict[str, str] = {
    "day": "a day",
    "week": "a week",
    "fortnight": "a fortnight",
    "month": "a month",
    "halfTerm": "a half term",
    "term": "a term",
    "year": "a year",
    "total": "in total",
}


def quantity_in_words(provision: JsonObject) -> str:
    """How much a provision is: "2 h a week, 38 weeks a year, 1:1", "1 x hoist"; "" when not quantified."""
    equipment = provision.get("equipment")
    parts = [time_in_words(provision), *_circumstances(provision.get("quantity", {}))]
    if equipment:
        parts.append(f"{equipment['count']} x {equipment['item']}")
    return ", ".join(part for part in parts if part)


def change_in_words(before: JsonObject, after: JsonObject) -> str:
    """A change of amount between two states of a provision: "2 h -> 1 h a week".

    The period is said once when it stays; sessions are spelled out when the total stays and their split
    changes.
    """
    old, new = before.get("quantity", {}), after.get("quantity", {})
    if not _differs_only_in_time(before, after):
        return f"{quantity_in_words(before)} -> {quantity_in_words(after)}"
    split = _amount(old) == _amount(new)
    amounts = " -> ".join(_amount(quantity, spelled_out=split) for quantity in (old, new))
    return f"{amounts} {_period(new)}".rstrip()


def time_in_words(provision: JsonObject) -> str:
    """The time or the number of sessions in a period: "2 h a week", "6 sessions a year"; else ""."""
    quantity = provision.get("quantity", {})
    return f"{_amount(quantity)} {_period(quantity)}".strip()


def duration(minutes: int) -> str:
    """Minutes as people say them: 120 -> "2 h", 90 -> "1 h 30 min", 45 -> "45 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def _amount(quantity: JsonObject, *, spelled_out: bool = False) -> str:
    minutes, sessions = quantity.get("minutesPerSession"), quantity.get("sessions")
    if minutes and sessions:
        return f"{sessions} x {duration(minutes)}" if spelled_out else duration(minutes * sessions)
    if minutes:
        return f"{duration(minutes)} a session"
    return f"{sessions} session{'s' if sessions > 1 else ''}" if sessions else ""


def _circumstances(quantity: JsonObject) -> list[str]:
    weeks, largest = quantity.get("weeksPerYear"), quantity.get("groupSizeMax")
    return [
        f"{weeks} weeks a year" if weeks else "",
        quantity.get("ratio", ""),
        f"in a group of up to {largest}" if largest else "",
    ]


def _period(quantity: JsonObject) -> str:
    return PERIODS.get(quantity.get("per", ""), "")


def _differs_only_in_time(before: JsonObject, after: JsonObject) -> bool:
    """Both state a time in the same period, and all that stands around it is the same."""
    old, new = before.get("quantity", {}), after.get("quantity", {})
    same_setting = _circumstances(old) == _circumstances(new) and _period(old) == _period(new)
    return bool(same_setting and before.get("equipment") == after.get("equipment") and _amount(old) and _amount(new))
