"""A difference between two texts as a sentence: "Outcome 3 reworded", "Provision: 2 h -> 1 h a week"."""

from domain.document.difference import Difference
from domain.document.json_values import value_at
from domain.document.labels import field_name, value_in_words
from domain.document.quantity import change_in_words, quantity_in_words


def in_words(difference: Difference) -> str:
    """The sentence, without a full stop. It names items as `differences` numbered them."""
    match difference.kind:
        case "quantity":
            return _quantity(difference)
        case "links":
            return f"{difference.subject}: {difference.note}"
        case "moved":
            return _moved(difference)
        case "changed":
            return _changed(difference)
        case _:
            return f"{_named(difference)} {difference.kind}"


def _quantity(difference: Difference) -> str:
    before, after = difference.before, difference.after
    if not quantity_in_words(after):
        return f"{difference.subject} no longer quantified"
    if not quantity_in_words(before):
        return f"{difference.subject} now quantified: {quantity_in_words(after)}"
    role = value_at(after, ("deliveredBy", "role"))
    sentence = f"{difference.subject}: {change_in_words(before, after)}"
    return f"{sentence}, {role}" if role else sentence


def _moved(difference: Difference) -> str:
    if difference.note:
        return f"{difference.subject} moved (it was number {difference.note})"
    before, after = difference.before, difference.after
    return f"{difference.subject} keeps its number; its order changed from {before} to {after}"


def _changed(difference: Difference) -> str:
    before, after = (value_in_words(difference.part, value) for value in (difference.before, difference.after))
    return f"{_named(difference)} changed from {before} to {after}"


def _named(difference: Difference) -> str:
    """The subject with the field that changed: "Section J: amount", "Provision 2: delivered by, role"."""
    field = ", ".join(filter(None, (difference.note, field_name(difference.part) if difference.part else "")))
    return f"{difference.subject}: {field}" if field else difference.subject
