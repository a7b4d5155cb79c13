"""The tree of RFC 9162, held against the recursive definition of its section 2.1.1."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.merkle import inclusion_proof, proves_inclusion, tree_root

ENTRIES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def defined_root(entries: list[bytes]) -> bytes:
    """MTH as the RFC writes it: split at the largest power of two smaller than n."""
    if len(entries) < 2:
        return sha256(b"\x00" + entries[0]).digest() if entries else sha256().digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return sha256(b"\x01" + defined_root(entries[:split]) + defined_root(entries[split:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_root_is_the_merkle_tree_hash_of_the_rfc(entries: list[bytes]) -> None:
    assert tree_root(entries) == defined_root(entries)


@given(ENTRIES, st.data())
def test_every_entry_has_a_proof_that_verifies(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path = inclusion_proof(entries, index)
    assert proves_inclusion(entries[index], index, len(entries), path, tree_root(entries))


@given(ENTRIES, st.data())
def test_a_proof_does_not_hold_for_anything_else(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path, root, size = inclusion_proof(entries, index), tree_root(entries), len(entries)
    assert not proves_inclusion(entries[index] + b"x", index, size, path, root)
    assert not proves_inclusion(entries[index], index, size, [*path, root], root)
    assert not proves_inclusion(entries[index], size, size, path, root)
    assert not proves_inclusion(entries[index], -1, size, path, root)
    if path:
        assert not proves_inclusion(entries[index], index, size, path[:-1], root)
        assert not proves_inclusion(entries[index], index, size, [root, *path[1:]], root)


def test_there_is_no_proof_of_an_entry_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        inclusion_proof([b"a"], 1)
