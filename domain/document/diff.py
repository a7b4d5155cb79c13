"""What changed between two texts of a plan, field by field, as a reader would name it.

Containers that hold nothing say nothing: `{}` and an absent key are the same to a reader. Everything else
that differs is a Difference, so that no differences means the same text.
"""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from domain.document.difference import Difference, Kind
from domain.document.items import COLLECTIONS, Item, items
from domain.document.json_values import JsonObject, JsonValue, pointer, same_json
from domain.document.labels import field_name, item_name, part_name
from domain.document.sections import SECTION_KEYS, section_of
from domain.document.wording import in_words

__all__ = ["differences", "in_words"]

#: The field of an item that is the item: when it changes, the item is reworded.
MAIN_TEXT = frozenset({"description", "text", "what"})
#: Fields of running text, which are reworded rather than changed from one value to another.
PROSE = MAIN_TEXT | frozenset(
    [
        "arrangements",
        "aspirations",
        "asStated",
        "baseline",
        "child",
        "cognitionAndLearning",
        "communication",
        "communicationAndInteraction",
        "details",
        "family",
        "history",
        "impact",
        "inappropriateBecause",
        "interests",
        "measure",
        "note",
        "otherProfessionals",
        "reason",
        "reply",
        "sensoryAndPhysical",
        "socialEmotionalMentalHealth",
        "sought",
        "specific",
        "strengths",
        "target",
        "unquantifiedReason",
        "youngPerson",
    ]
)
LINKS = frozenset({"needIds", "outcomeIds", "provisionIds", "evidence"})
AMOUNT = ("quantity", "equipment")
MAPS = frozenset(path for _, _, path in COLLECTIONS)
#: The parts of the document in the order in which a plan is read.
PLACES: dict[str, int] = {
    part: place for place, part in enumerate(("", "localReference", "personalDetails", "services", *SECTION_KEYS))
}


Differences: TypeAlias = Iterator[Difference]


class _Texts(Struct, frozen=True):
    """Both texts with their items by path."""

    old: dict[str, Item]
    new: dict[str, Item]

    def name_of(self, item_id: str) -> str:
        """What a reader of the new text (else the old) calls that item; the id when neither has it."""
        named = (item for side in (self.new, self.old) for item in side.values() if item.id == item_id)
        item = next(named, None)
        return self.subject(item) if item else item_id

    def subject(self, item: Item) -> str:
        """The item's name, without number where neither text has more than one of the kind."""
        alone = all(sum(other.section == item.section for other in side.values()) <= 1 for side in (self.old, self.new))
        return item_name(item, alone=alone)

    def pairs(self) -> Iterator[tuple[Item | None, Item | None]]:
        """The same item in both texts; a placement that replaced one of the same rank counts as the same."""
        gone = [item for place, item in self.old.items() if place not in self.new]
        for place, after in self.new.items():
            before = self.old.get(place) or next((item for item in gone if _replaced(item, after)), None)
            if before in gone:
                gone.remove(before)
            yield before, after
        yield from ((item, None) for item in gone)


def differences(old: JsonObject, new: JsonObject) -> tuple[Difference, ...]:
    """What turned `old` into `new`, in the order of the plan: who it is about, sections A to K, the rest."""
    texts = _Texts({item.pointer: item for item in items(old)}, {item.pointer: item for item in items(new)})
    found = [*_plain(old, new, (), texts), *_items(texts)]
    return tuple(sorted(found, key=lambda difference: PLACES.get(difference.section, len(PLACES))))


def _plain(old: JsonValue, new: JsonValue, path: tuple[str, ...], texts: _Texts) -> Differences:
    """Everything that isn't an item of a map."""
    if path in MAPS:
        return
    if isinstance(old, dict) or isinstance(new, dict):
        before, after = _members(old), _members(new)
        for key in _keys(before, after):
            yield from _plain(before.get(key), after.get(key), (*path, key), texts)
        return
    place = pointer(*path)
    section = section_of(place)
    if path[-1] in LINKS:
        yield from _relinked(place, section, part_name(section), old, new, texts)
    elif not same_json(old, new):
        inside = path[2:] if path[0] == "sections" else path[1:]
        yield _field(place, section, part_name(section if inside else ""), inside or path, old, new)


def _items(texts: _Texts) -> Differences:
    for before, after in texts.pairs():
        if before and after:
            yield from _changes(before, after, texts)
        else:
            yield _whole(before, after, texts)


def _whole(before: Item | None, after: Item | None, texts: _Texts) -> Difference:
    item = after or before
    assert item is not None  # noqa: S101 - a pair holds at least one
    return Difference(
        pointer=item.pointer,
        section=item.section,
        kind="added" if after else "removed",
        before=before.value if before else None,
        after=after.value if after else None,
        subject=texts.subject(item),
    )


def _replaced(old: Item, new: Item) -> bool:
    return old.kind == new.kind == "placement" and old.value.get("rank", 1) == new.value.get("rank", 1)


def _changes(before: Item, after: Item, texts: _Texts) -> Differences:
    """The fields of an item that is in both texts."""
    subject = texts.subject(after)
    old, new = before.value, after.value
    for field in _keys(old, new):
        if field == "name" and after.kind == "placement":
            yield from _renamed(old, new, after, subject)
        elif field in LINKS:
            place = f"{after.pointer}/{field}"
            yield from _relinked(place, after.section, subject, old.get(field), new.get(field), texts)
        elif field not in ("order", *AMOUNT):
            yield from _leaves(old.get(field), new.get(field), (field,), after, subject)
    yield from _amount(before, after, subject)
    yield from _moved(before, after, subject)


def _leaves(old: JsonValue, new: JsonValue, path: tuple[str, ...], item: Item, subject: str) -> Differences:
    if isinstance(old, dict) or isinstance(new, dict):
        before, after = _members(old), _members(new)
        for key in _keys(before, after):
            yield from _leaves(before.get(key), after.get(key), (*path, key), item, subject)
    elif not same_json(old, new):
        yield _field(item.pointer + pointer(*path), item.section, subject, path, old, new)


def _field(place: str, section: str, subject: str, path: tuple[str, ...], old: JsonValue, new: JsonValue) -> Difference:
    kind: Kind = "changed"
    if old is None:
        kind = "added"
    elif new is None:
        kind = "removed"
    elif path[-1] in PROSE:
        kind = "reworded"
    main = len(path) == 1 and path[0] in MAIN_TEXT and kind == "reworded"
    part = "" if main else path[-1]
    return Difference(
        pointer=place,
        section=section,
        kind=kind,
        before=old,
        after=new,
        subject=subject,
        part=part,
        note=", ".join(map(field_name, path[:-1])) if part else "",
    )


def _renamed(old: JsonObject, new: JsonObject, item: Item, subject: str) -> Differences:
    """Another institution: by name, or by type where section I names none."""
    before, after = (value.get("name") or value.get("type") for value in (old, new))
    if before != after:
        place = f"{item.pointer}/name"
        yield Difference(
            pointer=place, section=item.section, kind="changed", before=before, after=after, subject=subject
        )


def _amount(before: Item, after: Item, subject: str) -> Differences:
    changed = [field for field in AMOUNT if not same_json(before.value.get(field), after.value.get(field))]
    if changed:
        yield Difference(
            pointer=f"{after.pointer}/{changed[0]}",
            section=after.section,
            kind="quantity",
            before=before.value,
            after=after.value,
            subject=subject,
            part=changed[0],
        )


def _relinked(place: str, section: str, subject: str, old: JsonValue, new: JsonValue, texts: _Texts) -> Differences:
    before, after = old or [], new or []
    gained = [texts.name_of(target) for target in after if target not in before]
    lost = [texts.name_of(target) for target in before if target not in after]
    notes = (
        f"now linked to {_list(gained)}" if gained else "",
        f"no longer linked to {_list(lost)}" if lost else "",
    )
    if gained or lost:
        yield Difference(
            pointer=place,
            section=section,
            kind="links",
            before=old,
            after=new,
            subject=subject,
            part=place.rpartition("/")[2],
            note="; ".join(filter(None, notes)),
        )


def _moved(before: Item, after: Item, subject: str) -> Differences:
    if before.value.get("order") != after.value.get("order"):
        yield Difference(
            pointer=f"{after.pointer}/order",
            section=after.section,
            kind="moved",
            before=before.value.get("order"),
            after=after.value.get("order"),
            subject=subject,
            note=str(before.number) if before.number != after.number else "",
        )


def _list(names: list[str]) -> str:
    return " and ".join(name[0].lower() + name[1:] for name in names)


def _members(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _keys(old: JsonObject, new: JsonObject) -> list[str]:
    """Keys of both, those of the new text in their order first."""
    return [*new, *(key for key in old if key not in new)]
