"""A Merkle tree that grows: kept as tiles of 256 hashes, so that it never has to be made from the beginning again.

A tile of level 0 holds the hashes of 256 leaves, one of level 1 the roots of 256 full tiles of level 0, and so on. Full
tiles never change. Those that aren't full, one of each level at most, are the tree's edge: some kilobytes, from which
the root follows.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from services.store.tree_proofs import Nodes, root_at

HEIGHT: Final = 8
"""How many levels of the tree one level of tiles spans."""

WIDTH: Final = 1 << HEIGHT
HASH: Final = 32
"""Bytes of a hash."""

_FULL: Final = WIDTH * HASH


class Tile(NamedTuple):
    """A full tile: its level, its place there, and its 256 hashes."""

    level: int
    tile: int
    hashes: bytes


Tiles = Callable[[int, int], bytes]
"""The hashes of the tile (level, place), full or not."""


class Edge:
    """The right edge of a tree, which grows."""

    def __init__(self, size: int = 0, edge: bytes = b"") -> None:
        """As it was kept. Raises ValueError for bytes that aren't the edge of a tree of that size."""
        self.size = size
        self._levels: list[bytearray] = []
        start = 0
        while size:
            length = size % WIDTH * HASH
            self._levels.append(bytearray(edge[start : start + length]))
            start, size = start + length, size // WIDTH
        if start != len(edge):
            raise ValueError("not the edge of a tree of this size")

    @property
    def kept(self) -> bytes:
        """The hashes of the tiles that aren't full, lowest level first."""
        return b"".join(self._levels)

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all leaves."""
        return root_at(self.size, nodes_of(self.tile))

    def tile(self, level: int, _place: int = 0) -> bytes:
        """The tile of a level that isn't full."""
        return bytes(self._levels[level])

    def grow(self, leaves: Iterable[bytes], *, keep_full: bool = True) -> list[Tile]:
        """Add the hashes of leaves, in order; the tiles that are full now, unless nobody wants them."""
        filled: list[Tile] = []
        for leaf in leaves:
            self._add(0, leaf, filled)
            self.size += 1
            if not keep_full:
                filled.clear()
        return filled

    def _add(self, level: int, node: bytes, filled: list[Tile]) -> None:
        if level == len(self._levels):
            self._levels.append(bytearray())
        growing = self._levels[level]
        growing += node
        if len(growing) == _FULL:
            full = Tile(level, self.size >> HEIGHT * (level + 1), bytes(growing))
            filled.append(full)
            growing.clear()
            self._add(level + 1, subtree(full.hashes), filled)


def nodes_of(tiles: Tiles) -> Nodes:
    """The complete subtrees of a tree, from its tiles."""

    def node(level: int, index: int) -> bytes:
        below = level % HEIGHT
        first = index << below
        hashes = tiles(level // HEIGHT, first >> HEIGHT)
        start = first % WIDTH * HASH
        return subtree(hashes[start : start + (HASH << below)])

    return node


def subtree(hashes: bytes) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > HASH:
        pairs = range(0, len(hashes), 2 * HASH)
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + 2 * HASH]).digest() for at in pairs])
    return hashes
