"""The words of a plan, each text with its place: for search, for counting, to prove that none is lost."""

from collections.abc import Iterator

from domain.document.items import AREAS
from domain.document.json_values import JsonObject, JsonValue, pointer

#: The members that hold free text (`$defs/text` in the plan schema; a test holds this list to it).
TEXT_FIELDS: frozenset[str] = frozenset(AREAS) | frozenset(
    [
        "agreedBy",
        "appendedAsStated",
        "arrangements",
        "asStated",
        "aspirations",
        "author",
        "baseline",
        "body",
        "child",
        "communication",
        "dateAsStated",
        "dateOfBirthAsStated",
        "dateReceivedAsStated",
        "description",
        "details",
        "email",
        "expertiseLevel",
        "family",
        "firstLanguage",
        "from",
        "gpAndKeyHealthProfessional",
        "history",
        "homeAddress",
        "impact",
        "inappropriateBecause",
        "interests",
        "item",
        "keyStageOrYear",
        "kind",
        "localReference",
        "measure",
        "name",
        "note",
        "officerName",
        "origin",
        "otherProfessionals",
        "parentFirstLanguage",
        "preferredName",
        "profession",
        "reason",
        "registration",
        "relationship",
        "reply",
        "restrictionReason",
        "role",
        "setting",
        "sexAsStated",
        "signature",
        "sought",
        "specific",
        "strengths",
        "target",
        "telephone",
        "text",
        "title",
        "type",
        "unquantifiedReason",
        "what",
        "youngPerson",
    ]
)
#: Where a member of such a name holds a code or a date instead, by the map that its item stands in.
CODED: frozenset[tuple[str, str]] = frozenset(
    {("contacts", "kind"), ("media", "kind"), ("restrictions", "kind"), ("placements", "from")}
)


def plain_text(document: JsonObject) -> Iterator[tuple[str, str]]:
    """(JSON Pointer, text) of every free text of the document, in the document's own order."""
    return _texts(document, ())


def _texts(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, (*path, key))
    elif isinstance(value, str) and is_text(path):
        yield pointer(*path), value


def is_text(path: tuple[str, ...]) -> bool:
    """Whether the schema holds free text at this path (the value there being a string)."""
    if path[-1] not in TEXT_FIELDS or path[-2:] == ("commissioner", "type"):
        return False
    return (*path[-3:-2], path[-1]) not in CODED
