"""Sealing an event's content and opening it again.

plaintext = canonical JSON of {"data", "metadata", "salts"}, compressed with zstd, encrypted with AES-256-GCM
under the event's own data key. The associated data binds the ciphertext to its place: stream id, sequence and
type. Moved to another row, plan or type it does not open.
"""

import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.plan.events import EventMetadata, JsonObject
from services.store.canonical import Checked, canonical, trusted_canonical
from services.store.errors import CommitmentMismatch, ContentTooLarge, MalformedState, Unopenable
from services.store.framing import Envelope, frame, header_of, unframe
from services.store.parts import SALT_LENGTH, PartProof, commitment, prove_part, split

KEY_LENGTH: Final = 32
"""Bytes of an AES-256 key."""

NONCE_LENGTH: Final = 12
"""Bytes of the random nonce in front of every AES-GCM ciphertext."""

MAX_CONTENT: Final = 64 * 1024 * 1024
"""Bytes that a ciphertext may unfold to.

Far above any plan, and a bound on what damaged data can make us allocate.
"""

Randomness = Callable[[int], bytes]


class Content(msgspec.Struct, frozen=True):
    """What was sealed: who did it, and what it says."""

    metadata: EventMetadata
    data: JsonObject


class _Plaintext(msgspec.Struct, frozen=True):
    metadata: JsonObject
    data: JsonObject
    salts: dict[str, str]


class _Folding(threading.local):
    """A zstd context for each thread: making one costs more than folding an event, and none may be shared."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=1)
        self.decompressor = zstandard.ZstdDecompressor()


_folding = _Folding()
_plaintext_decoder = msgspec.json.Decoder(_Plaintext)


def associated_data(stream: bytes, sequence: int, type_: str) -> bytes:
    """What the ciphertext is bound to.

    Stream id (16 bytes) || sequence (8 bytes, big-endian) || type (UTF-8).
    """
    return stream + sequence.to_bytes(8, "big") + type_.encode()


def seal(
    envelope: Envelope,
    metadata: EventMetadata,
    content: JsonObject | Checked,
    data_key: bytes,
    randomness: Randomness = os.urandom,
) -> bytes:
    """The stored state of an event.

    `data_key` is used for this event alone. Raises NotCanonical for content that JSON cannot hold exactly and
    ContentTooLarge beyond 64 MiB.
    """
    meta = msgspec.to_builtins(metadata)
    body = canonical(content)
    parts = split(meta, content.data if isinstance(content, Checked) else content)
    drawn = randomness(NONCE_LENGTH + SALT_LENGTH * len(parts))
    salts = salts_for(parts, drawn[NONCE_LENGTH:])
    plaintext = b'{"data":%b,"metadata":%b,"salts":%b}' % (body, canonical(meta), written_salts(salts))
    ciphertext = _encrypt(data_key, drawn[:NONCE_LENGTH], plaintext, _binding(envelope))
    return frame(header_of(envelope), commitment(parts, salts), ciphertext)


def open_content(ciphertext: bytes, stream: UUID, sequence: int, type_: str, data_key: bytes) -> Content:
    """What was sealed at this place of the log.

    Raises Unopenable when the ciphertext or its place was altered, MalformedState for what is no event.
    """
    return Content(*open_bound(ciphertext, associated_data(stream.bytes, sequence, type_), data_key))


def open_bound(ciphertext: bytes, associated: bytes, data_key: bytes) -> tuple[EventMetadata, JsonObject]:
    """As `open_content`, for a reader of many rows that has the associated data at hand."""
    try:
        opened = orjson.loads(decrypt(data_key, ciphertext, associated))
        return EventMetadata(**opened["metadata"]), opened["data"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise MalformedState("the opened content is not an event's") from None


def decrypt(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Open nonce || ciphertext and unfold it. Raises Unopenable without saying anything of the content."""
    try:
        folded = AESGCM(key).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], associated)
        if not 0 <= zstandard.frame_content_size(folded) <= MAX_CONTENT:
            raise Unopenable("the content unfolds to more than an event may hold")
        return _folding.decompressor.decompress(folded)
    except (InvalidTag, ValueError, zstandard.ZstdError):
        raise Unopenable("the ciphertext does not open at this place of the log") from None


def encrypt(key: bytes, content: bytes, associated: bytes, randomness: Randomness = os.urandom) -> bytes:
    """Fold and seal any content as nonce || ciphertext, bound to `associated`."""
    return _encrypt(key, randomness(NONCE_LENGTH), content, associated)


def check_commitment(state: bytes, stream: UUID, sequence: int, type_: str, data_key: bytes) -> Content:
    """Open a state and hold its content against the commitment in the clear; raises CommitmentMismatch."""
    sealed = unframe(state)
    opened = _open_whole(sealed.ciphertext, stream, sequence, type_, data_key)
    parts, salts = split(opened.metadata, opened.data), read_salts(opened.salts)
    if salts.keys() != parts.keys() or commitment(parts, salts) != sealed.commitment:
        raise CommitmentMismatch("the content is not what the commitment promises")
    return open_content(sealed.ciphertext, stream, sequence, type_, data_key)


def show_part(name: str, state: bytes, stream: UUID, sequence: int, type_: str, data_key: bytes) -> PartProof:
    """The proof of one part of a stored event, for somebody without the key.

    Raises KeyError for an unknown part.
    """
    opened = _open_whole(unframe(state).ciphertext, stream, sequence, type_, data_key)
    return prove_part(name, split(opened.metadata, opened.data), read_salts(opened.salts))


def _open_whole(ciphertext: bytes, stream: UUID, sequence: int, type_: str, key: bytes) -> _Plaintext:
    try:
        return _plaintext_decoder.decode(decrypt(key, ciphertext, associated_data(stream.bytes, sequence, type_)))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedState("the opened content is not an event's") from None


def _encrypt(key: bytes, nonce: bytes, content: bytes, associated: bytes) -> bytes:
    if len(content) > MAX_CONTENT:
        raise ContentTooLarge("an event may hold at most 64 MiB")
    folded = _folding.compressor.compress(content)
    return nonce + AESGCM(key).encrypt(nonce, folded, associated)


def _binding(envelope: Envelope) -> bytes:
    return associated_data(envelope.subject.bytes, envelope.sequence, envelope.type)


def salts_for(parts: dict[str, Any], drawn: bytes) -> dict[str, bytes]:
    """A salt for each part, in order of the parts' names, out of bytes that were drawn at random."""
    return {name: drawn[index * SALT_LENGTH : (index + 1) * SALT_LENGTH] for index, name in enumerate(sorted(parts))}


def written_salts(salts: dict[str, bytes]) -> bytes:
    """The salts as canonical JSON, base64url without padding."""
    return trusted_canonical({name: urlsafe_b64encode(salt).rstrip(b"=").decode() for name, salt in salts.items()})


def read_salts(salts: dict[str, str]) -> dict[str, bytes]:
    """The salts as bytes again. Raises MalformedState."""
    try:
        return {name: urlsafe_b64decode(salt + "==") for name, salt in salts.items()}
    except ValueError:
        raise MalformedState("a salt is not base64url") from None
