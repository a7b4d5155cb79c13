"""docs/log-format.md section 12, implemented once more from its text alone, against its vectors and the platform."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.notary.notes import Checkpoint, signed_note
from services.notary.tree import Edge
from services.store.merkle import proves_leaf
from services.store.tree_proofs import consistency_path, inclusion_path, proves_consistency

DOCUMENT = Path(__file__).parents[3] / "docs" / "log-format.md"
VECTORS = json.loads(DOCUMENT.with_name("log-format-checkpoint-vectors.json").read_text())
EVENTS = json.loads(DOCUMENT.with_name("log-format-vectors.json").read_text())["events"]
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
INCLUSION = pytest.mark.parametrize("proof", VECTORS["inclusion"], ids=lambda one: f"{one['position']}-{one['size']}")
CONSISTENCY = pytest.mark.parametrize("proof", VECTORS["consistency"], ids=lambda one: f"{one['from']}-{one['to']}")


def tree_hash(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split_at = 1
    while split_at * 2 < len(leaves):
        split_at *= 2
    return sha256(b"\x01" + tree_hash(leaves[:split_at]) + tree_hash(leaves[split_at:])).digest()


def whole(level: int, index: int) -> bytes:
    return tree_hash(LEAVES[index << level : (index + 1) << level])


def root(size: int) -> bytes:
    return bytes.fromhex(VECTORS["roots"][str(size)])


def path(proof: dict[str, Any]) -> list[bytes]:
    return [b64decode(node) for node in proof["path"]]


def verified(note: str, key: str) -> tuple[str, int, bytes]:
    """What a stranger does who has the note and a verifier key."""
    name, key_id, encoded = key.split("+", 2)
    public = b64decode(encoded)[1:]
    assert b64decode(encoded)[:1] == b"\x01"
    assert sha256(name.encode() + b"\n\x01" + public).digest()[:4].hex() == key_id
    text, _, signatures = note.rpartition("\n\n")
    (line,) = [line for line in signatures.splitlines() if line.startswith(f"— {name} ")]
    signed = b64decode(line.rsplit(" ", 1)[1])
    assert signed[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(signed[4:], f"{text}\n".encode())
    origin, size, root_hash = text.split("\n")
    assert origin == name
    return origin, int(size), b64decode(root_hash)


def test_the_first_four_leaves_are_those_of_the_events_in_the_other_vectors() -> None:
    assert VECTORS["leaves"][:4] == [event["leaf"] for event in EVENTS[:4]]


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_roots(size: int) -> None:
    assert tree_hash(LEAVES[:size]) == root(size)
    edge = Edge()
    edge.grow(LEAVES[:size])
    assert edge.root == root(size)


@pytest.mark.parametrize("size", VECTORS["notes"])
def test_notes(size: str) -> None:
    note = VECTORS["notes"][size]
    assert verified(note, VECTORS["verifierKey"]) == (VECTORS["origin"], int(size), root(int(size)))
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["seed"]))
    assert signed_note(Checkpoint(VECTORS["origin"], int(size), root(int(size))), key) == note
    with pytest.raises(InvalidSignature):
        verified(note.replace(b64encode(root(int(size))).decode(), b64encode(root(0)).decode()), VECTORS["verifierKey"])


@INCLUSION
def test_inclusion(proof: dict[str, Any]) -> None:
    position, size = proof["position"], proof["size"]
    assert inclusion_path(position - 1, size, whole) == path(proof)
    assert proves_leaf(LEAVES[position - 1], position - 1, size, path(proof), root(size))


@CONSISTENCY
def test_consistency(proof: dict[str, Any]) -> None:
    first, second = proof["from"], proof["to"]
    assert consistency_path(first, second, whole) == path(proof)
    assert proves_consistency((first, second), (root(first), root(second)), path(proof))


def test_the_page_shows_a_note_of_the_vectors() -> None:
    assert VECTORS["notes"]["4"] in DOCUMENT.read_text()
