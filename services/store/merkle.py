"""The Merkle tree of RFC 9162 section 2.1 over a list of byte strings.

Its root, and proofs that an entry is in it.

Used for the commitment inside one event (entries are salted hashes of the event's parts).
"""

from collections.abc import Sequence
from hashlib import sha256


def leaf_node(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def inner_node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def tree_root(entries: Sequence[bytes]) -> bytes:
    """The Merkle tree hash, 32 bytes (RFC 9162 section 2.1.1); of an empty list, the hash of nothing."""
    if not entries:
        return sha256(b"").digest()
    return _root_of([leaf_node(entry) for entry in entries])


def inclusion_proof(entries: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of entry `index`, from the leaf upwards (RFC 9162 section 2.1.3.1).

    Raises IndexError when there is no such entry.
    """
    if not 0 <= index < len(entries):
        raise IndexError(index)
    path: list[bytes] = []
    nodes = [leaf_node(entry) for entry in entries]
    while len(nodes) > 1:
        sibling = index ^ 1
        if sibling < len(nodes):
            path.append(nodes[sibling])
        nodes = _level_above(nodes)
        index //= 2
    return path


def proves_inclusion(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `entry` at `index` of `size` entries to `root` (RFC 9162 section 2.1.3.2)."""
    return proves_leaf(leaf_node(entry), index, size, path, root)


def proves_leaf(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """The same, from the hash of the leaf: that of the entry of a log, for instance."""
    if not 0 <= index < size:
        return False
    node, last, remaining = leaf, size - 1, list(path)
    while last:
        if index & 1 or index < last:
            if not remaining:
                return False
            sibling = remaining.pop(0)
            node = inner_node(sibling, node) if index & 1 else inner_node(node, sibling)
        index >>= 1
        last >>= 1
    return not remaining and node == root


def _root_of(nodes: list[bytes]) -> bytes:
    while len(nodes) > 1:
        nodes = _level_above(nodes)
    return nodes[0]


def _level_above(nodes: list[bytes]) -> list[bytes]:
    """Pair neighbours.

    A lone last node moves up unchanged, which is the split at the largest power of two.
    """
    pairs = [sha256(b"\x01" + nodes[index] + nodes[index + 1]).digest() for index in range(0, len(nodes) - 1, 2)]
    return pairs + nodes[-1:] if len(nodes) % 2 else pairs
