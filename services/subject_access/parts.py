"""The parts of what is held: each piece of text with where it stands, and an id by which it is decided about."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from msgspec import Struct

from domain.document.json_values import pointer
from domain.plan.events import JsonObject

WHOLE: Final = ""
"""The pointer to a source as a whole."""


class Source(Struct, frozen=True, kw_only=True):
    """Something that is held: an entry of the history or a working draft, with what it says.

    `about` is what is told of it beside its content: when, of which kind, by which role.
    """

    name: str
    about: JsonObject
    content: JsonObject


class Leaf(Struct, frozen=True):
    """A text of a source, and the path to it."""

    path: tuple[str, ...]
    text: str


class Marked(Struct, frozen=True, kw_only=True, rename="camel"):
    """A part that somebody has to decide about, and why: codes of the set `access-exemptions`."""

    id: str
    source: str
    pointer: str
    reasons: tuple[str, ...]
    value: Any = None


def part_id(source: str, place: str) -> str:
    """The id of a part, the same whenever it is asked for; it tells nothing of the part."""
    named = f"{source}\x00{place}"
    return f"p-{sha256(named.encode()).hexdigest()[:16]}"


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every text inside a value."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from leaves(member, (*path, str(place)))
    elif isinstance(value, str):
        yield Leaf(path, value)


def pointer_to(path: tuple[str, ...]) -> str:
    """A path as a JSON Pointer."""
    return pointer(*path) if path else WHOLE


def lies_in(place: str, other: str) -> bool:
    """Whether a place is another one, or inside it."""
    return other in (place, WHOLE) or place.startswith(f"{other}/")
