"""Proofs from complete subtrees, held against the recursive definitions of RFC 9162 section 2.1 and published trees."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.merkle import inclusion_proof, leaf_node, proves_leaf, tree_root
from services.store.tree_proofs import Nodes, consistency_path, inclusion_path, proves_consistency, root_at

ENTRIES = st.lists(st.binary(max_size=3), min_size=1, max_size=70)

#: The eight entries with which implementations of certificate transparency test their trees, and the roots of the first
#: 1 to 8 of them, as RFC 6962's own reference implementation publishes them.
PUBLISHED = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def nodes(entries: list[bytes]) -> Nodes:
    """Complete subtrees made anew each time, so that only the shape of a proof is under test."""

    def node(level: int, index: int) -> bytes:
        width = 1 << level
        part = entries[index * width : (index + 1) * width]
        assert len(part) == width, "a subtree was asked for that isn't complete"
        return tree_root(part)

    return node


def defined_consistency(entries: list[bytes], first: int, *, whole: bool = True) -> list[bytes]:
    """SUBPROOF as the RFC writes it."""
    if first == len(entries):
        return [] if whole else [tree_root(entries)]
    split = 1 << (len(entries) - 1).bit_length() - 1
    if first <= split:
        return [*defined_consistency(entries[:split], first, whole=whole), tree_root(entries[split:])]
    return [*defined_consistency(entries[split:], first - split, whole=False), tree_root(entries[:split])]


def test_the_published_roots() -> None:
    assert [root_at(size, nodes(PUBLISHED)).hex() for size in range(1, 9)] == ROOTS
    assert root_at(0, nodes([])) == sha256().digest()


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_the_published_audit_paths(index: int, size: int, path: list[str]) -> None:
    assert [node.hex() for node in inclusion_path(index, size, nodes(PUBLISHED))] == path


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_the_published_consistency_proofs(first: int, second: int, path: list[str]) -> None:
    assert [node.hex() for node in consistency_path(first, second, nodes(PUBLISHED))] == path
    roots = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
    assert proves_consistency((first, second), roots, [bytes.fromhex(node) for node in path])


@given(ENTRIES, st.data())
def test_an_audit_path_is_that_of_the_whole_tree(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path = inclusion_path(index, len(entries), nodes(entries))
    assert path == inclusion_proof(entries, index)
    assert proves_leaf(leaf_node(entries[index]), index, len(entries), path, tree_root(entries))


@given(ENTRIES, st.data())
def test_a_consistency_proof_is_the_one_of_the_rfc_and_verifies(entries: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(entries)))
    path = consistency_path(first, len(entries), nodes(entries))
    assert path == defined_consistency(entries, first)
    sizes, roots = (first, len(entries)), (tree_root(entries[:first]), tree_root(entries))
    assert proves_consistency(sizes, roots, path)


@given(ENTRIES, st.binary(max_size=3), st.data())
def test_no_proof_leads_from_a_log_that_was_changed(entries: list[bytes], other: bytes, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(entries)))
    changed = data.draw(st.integers(0, first - 1))
    before = [*entries[:changed], entries[changed] + b"x" + other, *entries[changed + 1 : first]]
    path = consistency_path(first, len(entries), nodes(entries))
    sizes = first, len(entries)
    assert not proves_consistency(sizes, (tree_root(before), tree_root(entries)), path)
    true = tree_root(entries[:first]), tree_root(entries)
    assert not proves_consistency(sizes, true, [*path, true[0]])
    assert not proves_consistency((first, first - 1), true, path)
    assert not proves_consistency((0, len(entries)), true, path)
    if path:
        assert not proves_consistency(sizes, true, path[:-1])
        assert not proves_consistency(sizes, true, [sha256(path[0]).digest(), *path[1:]])
    if first == len(entries):
        assert not proves_consistency(sizes, (true[0], sha256(true[0]).digest()), path)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(IndexError):
        inclusion_path(1, 1, nodes([b"a"]))
    for first in (0, 2):
        with pytest.raises(IndexError):
            consistency_path(first, 1, nodes([b"a"]))
