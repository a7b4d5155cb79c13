"""The items of a plan and the links between them.

Needs, outcomes, provision, placements, advice, contacts and notes live in maps keyed by id; links are ids.
Together they are the golden thread that the Code of Practice asks for: need -> provision -> outcome. Items
are numbered as a reader of the plan sees them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from domain.document.json_values import JsonObject, JsonValue, pointer, value_at
from domain.document.merge import merge_patch

#: The four broad areas of need in the order of the national template (SEND Code of Practice 2015, 6.28-6.35).
AREAS: tuple[str, ...] = (
    "communicationAndInteraction",
    "cognitionAndLearning",
    "socialEmotionalMentalHealth",
    "sensoryAndPhysical",
)

#: Every map of items: what it holds, the part of the document it belongs to, and its path.
COLLECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("contact", "personalDetails", ("personalDetails", "contacts")),
    ("media", "A", ("sections", "A", "media")),
    ("need", "B", ("sections", "B", "needs")),
    ("need", "C", ("sections", "C", "needs")),
    ("need", "D", ("sections", "D", "needs")),
    ("outcome", "E", ("sections", "E", "outcomes")),
    ("provision", "F", ("sections", "F", "provisions")),
    ("provision", "G", ("sections", "G", "provisions")),
    ("provision", "H1", ("sections", "H1", "provisions")),
    ("provision", "H2", ("sections", "H2", "provisions")),
    ("placement", "I", ("sections", "I", "placements")),
    ("advice", "K", ("sections", "K", "advice")),
    ("healthProvisionNotAgreed", "healthProvisionNotAgreed", ("healthProvisionNotAgreed",)),
    ("note", "unplacedNotes", ("unplacedNotes",)),
    ("restriction", "restrictions", ("restrictions",)),
)

#: Which field of which kind of item names what kind of item. Section J links without being an item.
LINK_FIELDS: Mapping[str, Mapping[str, str]] = {
    "need": {"evidence": "advice"},
    "outcome": {"needIds": "need"},
    "provision": {"needIds": "need", "outcomeIds": "outcome"},
    "restriction": {"subject": "contact"},
    "directPayment": {"needIds": "need", "outcomeIds": "outcome", "provisionIds": "provision"},
}


class Item(Struct, frozen=True, kw_only=True):
    """One item where it stands: `number` counts from 1 within its map, in reading order."""

    kind: str
    section: str
    id: str
    pointer: str
    number: int
    value: JsonObject


class Link(Struct, frozen=True, kw_only=True):
    """A reference to an item by its id: `pointer` leads to the very id in the document.

    `source` is the id of the item that links ("" for section J), `section` the part it stands in, `expects`
    the kind of item that the field may name.
    """

    pointer: str
    section: str
    source: str
    field: str
    expects: str
    target: str


class LinkedDeletion(Struct, frozen=True, kw_only=True):
    """An item that a patch would delete although something that stays names it; `links` are JSON Pointers."""

    id: str
    pointer: str
    links: tuple[str, ...]


def items(document: JsonObject, *kinds: str) -> tuple[Item, ...]:
    """The items of the document in reading order, of the kinds named or of all."""
    return tuple(
        item
        for kind, section, path in COLLECTIONS
        if not kinds or kind in kinds
        for item in _collection(document, kind, section, path)
    )


def links(document: JsonObject, found: Iterable[Item] | None = None) -> Iterator[Link]:
    """Every link of the document, in reading order of the items that hold them; section J comes last.

    `found` are the document's items, where the caller has them already.
    """
    for item in items(document) if found is None else found:
        if item.kind in LINK_FIELDS:
            yield from _links_of(item.value, item.kind, item.section, item.id, item.pointer)
    payment = value_at(document, ("sections", "J"))
    if payment:
        yield from _links_of(payment, "directPayment", "J", "", pointer("sections", "J"))


def linked_items(document: JsonObject, item_id: str) -> tuple[str, ...]:
    """JSON Pointers of the links that name the item; empty when it may be deleted."""
    return tuple(link.pointer for link in links(document) if link.target == item_id)


def deleted_but_linked(document: JsonObject, patch: JsonObject) -> tuple[LinkedDeletion, ...]:
    """The items that a merge patch deletes while a link to them stays; none lets the patch through.

    An item that the patch moves to another section under the same id is not deleted. Raises TooDeep like
    `merge_patch`.
    """
    after = merge_patch(document, patch)
    staying = {item.id for item in items(after)}
    gone = [item for item in items(document) if item.id not in staying]
    found = (LinkedDeletion(id=item.id, pointer=item.pointer, links=linked_items(after, item.id)) for item in gone)
    return tuple(deletion for deletion in found if deletion.links)


def reused_ids(ever_used: Collection[str], current: JsonObject, new: JsonObject) -> tuple[str, ...]:
    """JSON Pointers of items in `new` whose id belonged to an item that `current` no longer holds.

    `ever_used` are the ids of every item that the plan ever had. An id names one thing for the life of the
    plan: history, agreements and signals refer to it.
    """
    alive = {(item.id, item.kind) for item in items(current)}
    return tuple(item.pointer for item in items(new) if item.id in ever_used and (item.id, item.kind) not in alive)


def item_ids(document: JsonObject) -> frozenset[str]:
    """The ids of all items in the document: what to add to the plan's ids ever used."""
    return frozenset().union(*(value_at(document, path) or () for _, _, path in COLLECTIONS))


def reading_order(kind: str, collection: Mapping[str, JsonObject]) -> list[str]:
    """The ids of a map of items as a reader meets them.

    Needs go by area (section B prints one table for each), then all go by `order`; equal places by id.
    """

    def place(item_id: str) -> tuple[int, int, str]:
        value = collection[item_id]
        table = AREAS.index(value["area"]) if kind == "need" and value.get("area") in AREAS else len(AREAS)
        return table, value.get("order", 0), item_id

    return sorted(collection, key=place)


def _collection(document: JsonObject, kind: str, section: str, path: tuple[str, ...]) -> Iterator[Item]:
    collection: Mapping[str, JsonObject] = value_at(document, path) or {}
    if not collection:
        return
    base = pointer(*path)
    for number, item_id in enumerate(reading_order(kind, collection), start=1):
        yield Item(
            kind=kind,
            section=section,
            id=item_id,
            pointer=base + pointer(item_id),
            number=number,
            value=collection[item_id],
        )


def _links_of(value: JsonObject, kind: str, section: str, source: str, base: str) -> Iterator[Link]:
    for field, expects in LINK_FIELDS[kind].items():
        for place, target in _targets(value.get(field)):
            yield Link(
                pointer=f"{base}/{field}{place}",
                section=section,
                source=source,
                field=field,
                expects=expects,
                target=target,
            )


def _targets(linked: JsonValue) -> Iterator[tuple[str, str]]:
    if isinstance(linked, str):
        yield "", linked
    else:
        yield from ((f"/{index}", target) for index, target in enumerate(linked or ()))
