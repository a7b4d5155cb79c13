"""One thing that changed between two texts of a plan: what `differences` yields and `in_words` reads."""

from typing import Literal, TypeAlias

from msgspec import Struct

from domain.document.json_values import JsonValue

Kind: TypeAlias = Literal["added", "removed", "reworded", "moved", "quantity", "links", "changed"]


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that changed.

    `pointer` leads to it in the text that has it (the new one, if both); `section` is the statutory part, or
    the name of the top-level member; `before` and `after` are the values, None where absent (for a quantity:
    the whole provision); `subject` is what a reader calls the item or part ("Outcome 3"), `part` the field of
    it ("" for the item itself), `note` what the sentence needs besides: what the field is part of, the names
    of linked items, or the number that a moved item had.
    """

    pointer: str
    section: str
    kind: Kind
    before: JsonValue = None
    after: JsonValue = None
    subject: str = ""
    part: str = ""
    note: str = ""
