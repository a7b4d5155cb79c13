"""Cuts a large file into slices that travel by themselves: so progress shows, and an interruption costs one slice."""

import codecs
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

#: How many plans of a file travel together (two commits: see `batches.TOGETHER`), and how many bytes at most.
SLICE_PLANS = 256
SLICE_BYTES = 8 * 1024 * 1024
#: A smaller array travels whole: its cutting would cost more than it gives.
WHOLE_BELOW = 1024 * 1024

#: A string, a sign that opens, closes or parts, or a quotation mark that opens a string without an end.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[\[\]{},"]')


class Slice(Struct, frozen=True, kw_only=True):
    """A part of a file: its plans from number `first_line` on."""

    content: bytes
    first_line: int
    lines: int


def lines_in_slices(content: bytes) -> Iterator[Slice]:
    """The slices of an NDJSON file. Blank lines count, so that a number is the line in the file."""
    for first, lines in _together(content.split(b"\n")):
        if any(line.strip() for line in lines):
            yield Slice(content=b"\n".join(lines), first_line=first, lines=len(lines))


def array_in_slices(content: bytes) -> Iterator[Slice]:
    """The slices of a JSON file that is a large array, each an array; any other JSON file as it is."""
    plans = elements(content.removeprefix(codecs.BOM_UTF8)) if len(content) > WHOLE_BELOW else None
    if plans is None:
        yield Slice(content=content, first_line=1, lines=1)
        return
    for first, some in _together(plans):
        yield Slice(content=b"[" + b",".join(some) + b"]", first_line=first, lines=len(some))


def elements(content: bytes) -> list[bytes] | None:
    """The elements of a JSON array as they are written; None for what is no array or can't be cut.

    Only where elements begin and end is looked at: whether each is JSON is for its reader to say.
    """
    found: list[bytes] = []
    depth = begin = 0
    for token in _TOKEN.finditer(content):
        sign = token[0]
        if sign in (b"[", b"{"):
            if depth == 0 and (sign == b"{" or found or content[: token.start()].strip()):
                return None
            depth += 1
            begin = token.end() if depth == 1 else begin
        elif sign in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                return _closed(found, content[begin : token.start()], content[token.end() :])
        elif sign == b'"' or depth == 0:
            return None
        elif sign == b"," and depth == 1:
            found.append(content[begin : token.start()])
            begin = token.end()
    return None


def _closed(found: list[bytes], last: bytes, behind: bytes) -> list[bytes] | None:
    every = [*found, last] if found or last.strip() else []
    return None if behind.strip() or not all(each.strip() for each in every) else every


def _together(pieces: Iterable[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    taken: list[bytes] = []
    first, size = 1, 0
    for number, piece in enumerate(pieces, 1):
        if taken and (len(taken) == SLICE_PLANS or size + len(piece) > SLICE_BYTES):
            yield first, taken
            taken, first, size = [], number, 0
        taken.append(piece)
        size += len(piece) + 1
    if taken:
        yield first, taken
