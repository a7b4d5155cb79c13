"""Checkpoints as signed notes, held against the examples that the formats' own pages give."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.notary.notes import Checkpoint, MalformedNote, NamedKey, is_signed_by, origin_of, parsed, signed_note

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
#: The example of c2sp.org/tlog-checkpoint.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeM"
    "cTOAYQ8=\n"
)


def named(name: str, key: Ed25519PrivateKey = KEY) -> NamedKey:
    return NamedKey(name, key.public_key().public_bytes_raw())


def test_the_published_example_is_read() -> None:
    checkpoint = parsed(EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert EXAMPLE.startswith(checkpoint.text)


def test_a_published_key_has_its_published_id() -> None:
    """The key of the Go checksum database, known to everybody who uses Go."""
    name, key_id, encoded = ["sum.golang.org", "033de0ae", "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"]
    key = NamedKey(name, b64decode(encoded)[1:])
    assert key.key_id.hex() == key_id
    assert key.text == f"{name}+{key_id}+{encoded}"


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read_and_verified(size: int, root: bytes) -> None:
    stated = Checkpoint("urn:ehcp-exchange:test:plan", size, root)
    note = signed_note(stated, KEY)
    assert parsed(note) == stated
    assert is_signed_by(note, named(stated.origin))


def test_nothing_else_verifies() -> None:
    stated = Checkpoint("urn:ehcp-exchange:test:plan", 7, b"r" * 32)
    note, key = signed_note(stated, KEY), named(stated.origin)
    assert not is_signed_by(note.replace("\n7\n", "\n8\n"), key)
    assert not is_signed_by(note.replace("test:plan\n", "test:draft\n", 1), key)
    assert not is_signed_by(note, named(stated.origin, Ed25519PrivateKey.from_private_bytes(b"x" * 32)))
    assert not is_signed_by(note, named("urn:ehcp-exchange:other:plan"))
    assert not is_signed_by(EXAMPLE, named("example.com/behind-the-sofa"))


def test_a_witness_may_sign_too() -> None:
    stated = Checkpoint("urn:ehcp-exchange:test:plan", 7, b"r" * 32)
    witness = "— witness.example/w1 AAAAAAAA\n— urn:ehcp-exchange:test:plan not-base64\n"
    note = signed_note(stated, KEY)
    text, _, signatures = note.rpartition("\n\n")
    both = f"{text}\n\n{witness}{signatures}"
    assert parsed(both) == stated
    assert is_signed_by(both, named(stated.origin))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "origin\n1\n",
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", "²"),
        EXAMPLE.replace("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUY"),
        EXAMPLE.replace("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "(!)"),
        EXAMPLE.replace("— example", "- example"),
        EXAMPLE.replace("20852163\n", "20852163\n\n"),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(MalformedNote):
        parsed(note)


def test_an_origin_is_a_name_that_a_note_can_have() -> None:
    assert origin_of("urn:ehcp-exchange:local", "plan") == "urn:ehcp-exchange:local:plan"
    assert origin_of("urn:ehcp + exchange", "plan") == "urn:ehcp%20%2B%20exchange:plan"
