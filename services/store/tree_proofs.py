"""Roots and proofs of a Merkle tree whose complete subtrees are known (RFC 9162 section 2.1), and their verification.

Nothing here holds a tree: what makes a proof asks for the hash of a complete subtree by its level (0 is a leaf) and its
index there, so that a proof over millions of leaves needs a few dozen of them.
"""

from collections.abc import Callable, Iterator, Sequence

from services.store.merkle import inner_node, tree_root

Nodes = Callable[[int, int], bytes]
"""The hash of the complete subtree (level, index): over the leaves from index * 2^level on, 2^level of them."""


def root_at(size: int, nodes: Nodes) -> bytes:
    """The Merkle tree hash of the first `size` leaves, 32 bytes."""
    return _over(0, size, nodes) if size else tree_root(())


def inclusion_path(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of leaf `index` (from 0) in the tree of `size` leaves, from the leaf upwards (section 2.1.3.1).

    Raises IndexError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(index)
    siblings = [
        _over(split, end, nodes) if index < split else _over(start, split, nodes)
        for start, split, end in _way_down(index, size)
    ]
    return siblings[::-1]


def consistency_path(first: int, second: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `second` leaves began as the tree of `first` (section 2.1.4.1).

    Raises IndexError unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise IndexError(first)
    path: list[bytes] = []
    start, end = 0, second
    while first < end:
        split = start + _largest_power_below(end - start)
        if first <= split:
            path.append(_over(split, end, nodes))
            end = split
        else:
            path.append(_over(start, split, nodes))
            start = split
    # The part that is left is the first tree itself, which who verifies knows already, unless it is only its end.
    if start:
        path.append(_over(start, end, nodes))
    return path[::-1]


def proves_consistency(sizes: tuple[int, int], roots: tuple[bytes, bytes], path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the first of two trees is the beginning of the second (section 2.1.4.2)."""
    first, second = sizes
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and roots[0] == roots[1]
    nodes = [roots[0], *path] if first & (first - 1) == 0 else list(path)
    if not nodes:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    older = newer = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            older, newer = inner_node(node, older), inner_node(node, newer)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            newer = inner_node(newer, node)
        index, last = index >> 1, last >> 1
    return last == 0 and (older, newer) == roots


def _way_down(index: int, size: int) -> Iterator[tuple[int, int, int]]:
    """The splits between the whole tree and one leaf: where each part begins, is split and ends."""
    start, end = 0, size
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        yield start, split, end
        start, end = (start, split) if index < split else (split, end)


def _over(start: int, end: int, nodes: Nodes) -> bytes:
    """The hash over the leaves from `start` up to before `end`; `start` is a multiple of what it covers."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes(level, start >> level)
    split = start + _largest_power_below(width)
    return inner_node(_over(start, split, nodes), _over(split, end, nodes))


def _largest_power_below(number: int) -> int:
    """The largest power of two smaller than a number greater than one."""
    return 1 << (number - 1).bit_length() - 1
