"""Checkpoints as signed notes: c2sp.org/signed-note and c2sp.org/tlog-checkpoint, with Ed25519 (RFC 8032). Pure.

urn:ehcp-exchange:local:plan
2
<root, base64>

— urn:ehcp-exchange:local:plan <key id and signature, base64>
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

ED25519: Final = b"\x01"
"""The signature type of a signed note for Ed25519."""

_DASH: Final = "\u2014 "
_ID_LENGTH: Final = 4
_HASH_LENGTH: Final = 32


class MalformedNote(ValueError):
    """Text that isn't a checkpoint."""


class Checkpoint(Struct, frozen=True):
    """What a checkpoint states: the first `size` entries of the log `origin` have this Merkle root, 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class NamedKey(Struct, frozen=True):
    """A public key of 32 bytes with the name under which it signs: that of the log."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell it from other keys of the name; no hash to rely on."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID_LENGTH]

    @property
    def text(self) -> str:
        """The key as verifiers of notes take it: name+id+key."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"


def origin_of(source: str, log: str) -> str:
    """How a log is named in its checkpoints: as in the header of each of its events, without spaces and plus signs."""
    named = f"{source}:{log}"
    return "".join(f"%{ord(c):02X}" if c.isspace() or c == "+" else c for c in named)


class CheckpointKey(Protocol):
    """A key of Ed25519 that signs: in memory, or in a token that it never leaves."""

    def sign(self, content: bytes, /) -> bytes:
        """The signature, 64 bytes."""

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""


def signed_note(checkpoint: Checkpoint, key: CheckpointKey) -> str:
    """The checkpoint with the signature of a key under the log's own name."""
    named = NamedKey(checkpoint.origin, key.public_key().public_bytes_raw())
    signature = b64encode(named.key_id + key.sign(checkpoint.text.encode())).decode()
    return f"{checkpoint.text}\n{_DASH}{named.name} {signature}\n"


def parsed(note: str) -> Checkpoint:
    """What a note states, whoever has signed it. Raises MalformedNote."""
    text, blank, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or not signatures.startswith(_DASH) or len(lines) < 3 or not all(lines):  # noqa: PLR2004 - see above
        raise MalformedNote("not a signed checkpoint")
    origin, size, root = lines[:3]
    try:
        hashed = b64decode(root, validate=True)
    except ValueError:
        raise MalformedNote("the root is not base64") from None
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size or len(hashed) != _HASH_LENGTH:
        raise MalformedNote("the size or the root is none")
    return Checkpoint(origin, int(size), hashed)


def is_signed_by(note: str, key: NamedKey) -> bool:
    """Whether a signature of this key is among those of the note, and right. Signatures of other keys don't count."""
    text, _, signatures = note.rpartition("\n\n")
    prefix = f"{_DASH}{key.name} "
    for line in signatures.splitlines():
        try:
            signed = b64decode(line.removeprefix(prefix), validate=True) if line.startswith(prefix) else b""
        except ValueError:
            continue
        if signed[:_ID_LENGTH] == key.key_id:
            return _verifies(key.public, signed[_ID_LENGTH:], f"{text}\n")
    return False


def _verifies(public: bytes, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
