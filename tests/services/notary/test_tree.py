"""A tree that grows by tiles is the tree that the RFC defines, however it grew and wherever it was put down."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notary.tree import WIDTH, Edge, Tile, nodes_of
from services.store.merkle import leaf_node, tree_root
from services.store.tree_proofs import root_at

SIZES = st.integers(0, 3 * WIDTH) | st.sampled_from([WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH])


def entries(number: int, start: int = 0) -> list[bytes]:
    return [b"%d" % index for index in range(start, start + number)]


@given(st.lists(SIZES, max_size=3))
def test_it_grows_by_any_steps_to_the_tree_of_the_rfc(steps: list[int]) -> None:
    edge, tiles, size = Edge(), dict[tuple[int, int], bytes](), 0
    for step in steps:
        edge = Edge(edge.size, edge.kept)  # as a process that starts again has it
        for level, place, hashes in edge.grow(map(leaf_node, entries(step, size))):
            tiles[level, place] = hashes
        size += step
    assert edge.size == size
    assert edge.root == tree_root(entries(size))
    node = nodes_of(lambda level, place: tiles.get((level, place)) or edge.tile(level))
    for smaller in {size // 3, size // 2, max(size - 1, 0), size}:
        assert root_at(smaller, node) == tree_root(entries(smaller))
    assert len(tiles) == size // WIDTH


def test_two_levels_of_tiles() -> None:
    """65,536 leaves fill the tile of the second level; one more begins all again."""
    leaves = [sha256(b"%d" % index).digest() for index in range(WIDTH * WIDTH + 1)]
    edge = Edge()
    filled = edge.grow(leaves[:-1])
    assert [(tile.level, tile.tile) for tile in filled if tile.level] == [(1, 0)]
    assert len(filled) == WIDTH + 1
    assert len(edge.kept) == 32
    assert edge.grow(leaves[-1:]) == []
    assert len(edge.kept) == 64
    assert Edge(edge.size, edge.kept).root == edge.root


def test_what_isn_t_the_edge_of_such_a_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="not the edge"):
        Edge(3, b"\x00" * 32)


def test_a_tile_is_given_once_and_full() -> None:
    (tile,) = Edge().grow([bytes([number]) * 32 for number in range(WIDTH)])
    assert tile == Tile(0, 0, b"".join(bytes([number]) * 32 for number in range(WIDTH)))
