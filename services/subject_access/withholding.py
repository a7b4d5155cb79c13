"""Taking out what is withheld: the parts themselves, and their words wherever else the record repeats them.

What is withheld mustn't come back by another way, so a name, an address or a sentence of a withheld part is blacked out
in everything that is given.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from domain.plan.events import JsonObject
from domain.plan.opinions import RELEASE
from services.subject_access.parts import WHOLE, Marked, Source, leaves, lies_in

BLACKED_OUT: Final = "[withheld]"
#: Shorter texts, and those that are codes, dates or pointers to a part, are said of many things.
_SHORTEST: Final = 6
_COMMON: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?|[a-z]+(-[a-z0-9]+)*|[a-z]+:[A-Z0-9-]+|[a-z]+([A-Z][a-z]+)+|[A-Z0-9_.]+"
    r"|(/[a-zA-Z0-9~-]+)+"
)


def undecided(marked: Iterable[Marked], decisions: Mapping[str, Any]) -> list[Marked]:
    """The parts about which nobody has decided, unless what they lie in is withheld anyway."""
    return [part for part in _left_in(marked, decisions) if part.id not in decisions]


def released(marked: Iterable[Marked], decisions: Mapping[str, Any]) -> list[Marked]:
    """The marked parts that are given: decided so, and in nothing that is withheld."""
    return [part for part in _left_in(marked, decisions) if decisions.get(part.id, {}).get("decision") == RELEASE]


def withheld(marked: Iterable[Marked], decisions: Mapping[str, Any]) -> list[Marked]:
    """The parts that aren't given: decided so, or not decided about."""
    return [part for part in marked if decisions.get(part.id, {}).get("decision") != RELEASE]


def given(sources: Iterable[Source], parts: Collection[Marked]) -> list[Source]:
    """The sources as they are given: one that is withheld as a whole isn't there at all."""
    by_source: dict[str, list[str]] = {}
    for part in parts:
        by_source.setdefault(part.source, []).append(part.pointer)
    left = [source for source in sources if WHOLE not in by_source.get(source.name, ())]
    return [replace(s, content=_without(s.content, by_source.get(s.name, ()))) for s in left]


def blacking_out(
    parts: Iterable[Marked], hidden: Collection[str], spared: Collection[str], always: Collection[str] = ()
) -> re.Pattern[str] | None:
    """What is blacked out wherever it stands: texts withheld or `hidden` that are somebody's words, names or addresses.

    `spared` are texts that whoever asks can read already: a withheld draft repeats most of the plan. `always` are names
    and codes that are blacked out whatever was decided.
    """
    texts = {leaf.text for part in parts for leaf in leaves(part.value)} | set(hidden)
    telling = {text for text in texts - set(spared) if _is_telling(text)} | set(always)
    said = sorted(telling, key=lambda text: (-len(text), text))
    return re.compile("|".join(map(re.escape, said)), re.IGNORECASE) if said else None


def blacked_out(value: Any, pattern: re.Pattern[str] | None) -> Any:
    """A copy in which the pattern is blacked out in every text."""
    if pattern is None:
        return value
    if isinstance(value, dict):
        return {name: blacked_out(member, pattern) for name, member in value.items()}
    if isinstance(value, list):
        return [blacked_out(member, pattern) for member in value]
    return pattern.sub(BLACKED_OUT, value) if isinstance(value, str) else value


def _left_in(marked: Iterable[Marked], decisions: Mapping[str, Any]) -> Iterator[Marked]:
    """The parts that lie in nothing that was decided to be withheld; one that was itself isn't left either."""
    parts = list(marked)
    gone: dict[str, list[str]] = {}
    for part in parts:
        if part.id in decisions and decisions[part.id]["decision"] != RELEASE:
            gone.setdefault(part.source, []).append(part.pointer)
    for part in parts:
        if not any(lies_in(part.pointer, place) for place in gone.get(part.source, ())):
            yield part


def _is_telling(text: str) -> bool:
    return len(text) >= _SHORTEST and not _COMMON.fullmatch(text)


def _without(content: JsonObject, places: Iterable[str]) -> JsonObject:
    gone = set(places)
    left: JsonObject = _left(content, "", gone)
    return left


def _left(value: Any, place: str, gone: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _left(m, under, gone) for name, m, under in _members(value, place) if under not in gone}
    if isinstance(value, list):
        numbered = ((f"{place}/{number}", member) for number, member in enumerate(value))
        return [_left(member, under, gone) for under, member in numbered if under not in gone]
    return value


def _members(value: JsonObject, place: str) -> Iterator[tuple[str, Any, str]]:
    for name, member in value.items():
        yield name, member, f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
