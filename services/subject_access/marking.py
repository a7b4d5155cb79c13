"""What of the record has to be decided about before it is given: other people, serious harm, what the law restricts.

The rules are data (`schemas/codesets/access-exemptions.json`). They err towards asking: a part that is marked and not
decided about is never given.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from domain.codesets import CodeSet
from domain.document.json_values import segments
from services.subject_access.parts import WHOLE, Leaf, Marked, Source, leaves, part_id, pointer_to

THIRD_PARTY: Final = "THIRD_PARTY"
RESTRICTED: Final = "REG_17"
SAFEGUARDING: Final = "CHILD_ABUSE_DATA"
#: Fields that say from whom something came: all of it is theirs.
FROM_WHOM: Final = frozenset({"from", "requester", "contactId", "reportedBy", "appellant", "subject"})
#: Shorter parts of a name are words that stand everywhere.
_SHORTEST: Final = 3


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks: what they can read already needs no decision, and what is about other people does.

    `others` are the other contacts of the record by id; `spared` are words of the asker's and the child's own names.
    `readable` are the sections of each text, by its source, that the asker can read already.
    """

    contact: str
    others: Mapping[str, Mapping[str, Any]]
    spared: frozenset[str]
    readable: Mapping[str, frozenset[str]]


class Trait(Struct, frozen=True, kw_only=True):
    """What a source is, as far as the rules ask: kind of entry, category of advice, draft, held back, the asker's."""

    kind: str = ""
    category: str = ""
    draft: bool = False
    held_back: bool = False
    askers_own: bool = False


class Marker:
    """Marks parts by the rules."""

    def __init__(self, exemptions: CodeSet) -> None:
        """Mark by these exemptions."""
        self._exemptions = exemptions
        words = "|".join(sorted(self._listed("words")))
        self._words = re.compile(rf"\b({words})\b", re.IGNORECASE)
        self._by_event, self._by_category = self._listed("events"), self._listed("categories")
        self._by_section = self._listed("sections")
        self._asked_about = frozenset(code.code for code in exemptions if code.facts.get("opinion"))
        self._drafts = [code.code for code in exemptions if code.facts.get("drafts")]

    def marked(self, sources: Iterable[tuple[Source, Trait]], asker: Asker) -> list[Marked]:
        """Every part that needs a decision, in the order of the record, each place once with all its reasons."""
        found = []
        for source, trait in sources:
            reasons: dict[str, list[str]] = {}
            for place, reason in () if trait.askers_own else self._marks(source, trait, asker):
                if reason not in reasons.setdefault(place, []):
                    reasons[place].append(reason)
            found += [_marked(source, place, why) for place, why in reasons.items()]
        return found

    def _listed(self, fact: str) -> dict[str, str]:
        return {name: code.code for code in self._exemptions for name in code.facts.get(fact, ())}

    def _marks(self, source: Source, trait: Trait, asker: Asker) -> Iterator[tuple[str, str]]:
        if trait.held_back:
            yield WHOLE, RESTRICTED
        if trait.kind in self._by_event:
            yield WHOLE, self._by_event[trait.kind]
        if trait.category in self._by_category:
            yield WHOLE, self._by_category[trait.category]
        if trait.draft:
            yield from ((place, code) for code in self._drafts for place in (WHOLE, "/plan/sections/I"))
        yield from self._sections(source, trait, asker)
        for leaf in leaves(source.content):
            yield from self._in_leaf(leaf, asker)
        yield from ((place, THIRD_PARTY) for place in _contacts(source.content, (), asker.others))

    def _sections(self, source: Source, trait: Trait, asker: Asker) -> Iterator[tuple[str, str]]:
        """Sections that the asker can't read already, and why something is held back from whom.

        A draft is decided about as a whole, but for what a professional has to be asked about.
        """
        plan = source.content.get("plan", {})
        readable = asker.readable.get(source.name, frozenset())
        for letter, section in plan.get("sections", {}).items():
            code = self._by_section.get(letter, RESTRICTED)
            if section and letter not in readable and (not trait.draft or code in self._asked_about):
                yield f"/plan/sections/{letter}", code
        if plan.get("restrictions"):
            yield "/plan/restrictions", SAFEGUARDING

    def _in_leaf(self, leaf: Leaf, asker: Asker) -> Iterator[tuple[str, str]]:
        if leaf.text in asker.others:
            theirs = leaf.path[-1] in FROM_WHOM
            yield (pointer_to(leaf.path[:-1]) if theirs else pointer_to(leaf.path)), THIRD_PARTY
        elif self._words.search(leaf.text) or _names_another(leaf.text, asker):
            yield pointer_to(leaf.path), THIRD_PARTY


def _contacts(value: Any, path: tuple[str, ...], others: Mapping[str, Any]) -> Iterator[str]:
    """Where another contact has a place of its own: in a list of contacts, or as the name of a member."""
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if name in others:
            yield pointer_to((*path, name))
        else:
            yield from _contacts(member, (*path, name), others)


def _names_another(text: str, asker: Asker) -> bool:
    held = {word.casefold() for word in re.findall(r"\w+", text)}
    names = (str(contact.get("name", "")) for contact in asker.others.values())
    theirs = {w.casefold() for name in names for w in re.findall(r"\w+", name) if len(w) >= _SHORTEST}
    return bool(held & (theirs - asker.spared))


def _marked(source: Source, place: str, reasons: list[str]) -> Marked:
    value: Any = source.content
    for step in segments(place):
        value = value[int(step)] if isinstance(value, list) else value.get(step, {})
    return Marked(
        id=part_id(source.name, place), source=source.name, pointer=place, reasons=tuple(reasons), value=value
    )
