"""Content of read models and of published states, sealed under the child's key and bound to its place.

With the child's key every row of the plan becomes unreadable, and so it does with the key of any single event, since a
row may repeat what the event said: its rows are then made anew (`projector`).
"""

import threading
from typing import Final
from uuid import UUID

import zstandard

from services.store.child_keys import ChildKey
from services.store.errors import Unopenable

_PLAIN, _FOLDED = b"\x00", b"\x01"
_SHORT: Final = 400
_LONGEST: Final = 64 * 1024 * 1024


class _Folding(threading.local):
    """A zstd context for each thread."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=1)
        self.decompressor = zstandard.ZstdDecompressor()


_folding = _Folding()


def seal(key: ChildKey, table: str, plan: UUID, sequence: int, content: bytes) -> bytes:
    """Content for one row of a table, readable in that place and under this child's key only."""
    folded = _PLAIN + content if len(content) < _SHORT else _FOLDED + _folding.compressor.compress(content)
    return key.seal_copy(folded, _place(table, plan, sequence))


def unseal(key: ChildKey, table: str, plan: UUID, sequence: int, sealed: bytes) -> bytes | None:
    """The content again; None for what was sealed before an event of the plan was destroyed.

    Raises Unopenable when it was altered or moved.
    """
    folded = key.open_copy(sealed, _place(table, plan, sequence))
    if folded is None:
        return None
    if folded[:1] == _PLAIN:
        return folded[1:]
    try:
        return _folding.decompressor.decompress(folded[1:], max_output_size=_LONGEST)
    except zstandard.ZstdError:
        raise Unopenable("a row of a view does not unfold") from None


def _place(table: str, plan: UUID, sequence: int) -> bytes:
    return b"ehcp view 1\x00" + table.encode() + b"\x00" + plan.bytes + sequence.to_bytes(8, "big")
