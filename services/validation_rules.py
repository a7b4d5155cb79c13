"""What a plan must be beyond its published schema: small enough, writable in any document, canonical.

The rule for texts is a pattern, added to the schema where the platform decides: those who only read plans need not pay
for it. Most plans are decided without it, see `decisive`.
"""

from collections.abc import Iterator

from msgspec import Struct

from domain.document import JsonObject, pointer
from domain.document.json_values import JsonValue

#: The largest plan that is accepted, in bytes of canonical JSON (2 MiB).
MAX_PLAN_BYTES = 2 * 1024 * 1024
#: Characters that XML 1.0, and so a Word document, cannot hold.
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff"
#: A text has no control characters and one character at least that isn't blank.
TEXT_RULE = rf"^[^{_CONTROL}]*[^{_CONTROL}\t\n\r \u00a0][^{_CONTROL}]*$"

_NOT_BLANK = r"[^\t\n\r \u00a0]"
#: The escapes in JSON that stand for no control character, by what follows the backslash.
_HARMLESS = frozenset((b"n", b"r", b"t", b'"'))
#: Draft 4 alone tells 1 from 1.0.
WHOLE_NUMBER: JsonObject = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "urn:ehcp:whole-number",
    "type": "integer",
}

TOO_LARGE = "The plan has {:,} bytes; at most {:,} bytes (2 MiB) are allowed."
DECIMAL_POINT = "This must be written as a whole number, without a decimal point."


class Problem(Struct, frozen=True, kw_only=True):
    """One fault of a document, for the person who has to mend it.

    `pointer` is the RFC 6901 JSON Pointer of the place (for an unknown key: of the key), `message` a sentence
    that quotes no text of the plan, `rule` the schema keyword or one of notJson, planTooLarge, wholeNumber,
    tooManyProblems.
    """

    pointer: str
    message: str
    rule: str


def with_text_rule(schema: JsonObject) -> JsonObject:
    """The plan schema with the rule for texts; the input stays as it is."""
    definitions = schema["$defs"]
    return {**schema, "$defs": {**definitions, "text": {**definitions["text"], "pattern": TEXT_RULE}}}


def decisive(schema: JsonObject) -> JsonObject:
    """The plan schema, stricter and quicker: what satisfies it keeps the rules for texts and numbers.

    That is for documents whose JSON `may_hold_control_characters` clears: a text then only has to be not blank. What
    fails may be right all the same.
    """
    definitions = schema["$defs"]
    text = {**definitions["text"], "pattern": _NOT_BLANK}
    strict: JsonObject = _with_whole_numbers({**schema, "$defs": {**definitions, "text": text}})
    return strict


def _with_whole_numbers(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_with_whole_numbers(member) for member in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _with_whole_numbers(member) for key, member in value.items()}
    if copied.get("type") == "integer":
        del copied["type"]
        copied["$ref"] = WHOLE_NUMBER["id"]
    return copied


def may_hold_control_characters(raw: bytes) -> bool:
    """Whether a document's JSON, as orjson writes it, shows anything that could be a character against the rule.

    Those below the blank are escaped, U+FFFE and U+FFFF begin with a byte that few others do.
    """
    if b"\xef" in raw:
        return True
    return b"\\" in raw and not {after[:1] for after in raw.split(b"\\")[1:]} <= _HARMLESS


def size_and_numbers(document: JsonObject, raw: bytes) -> Iterator[Problem]:
    """The faults that a schema can't see, given the document and its JSON.

    Whole numbers must be written as such: JSON Schema counts 1.0 as an integer, but the bytes that are hashed
    would differ from those of 1. The document is walked for them only when the bytes show a suspect besides
    the version, which every plan has.
    """
    if len(raw) > MAX_PLAN_BYTES:
        yield Problem(pointer="", message=TOO_LARGE.format(len(raw), MAX_PLAN_BYTES), rule="planTooLarge")
    elif (suspects := raw.count(b".0")) > 1 and suspects > raw.count(b'"1.0"'):
        yield from _decimal_points(document, ())


def _decimal_points(value: JsonValue, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _decimal_points(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _decimal_points(member, (*path, index))
    elif isinstance(value, float) and value.is_integer():
        yield Problem(pointer=pointer(*path), message=DECIMAL_POINT, rule="wholeNumber")
