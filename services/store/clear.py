"""Events in the clear: the logs in which nothing is personal have every log's form but for the encryption.

In the place of the ciphertext stands the canonical JSON itself. Leaf, commitment and proofs are computed as ever
(docs/log-format.md 7), so that one verifier serves all logs.
"""

import os
from typing import Final
from uuid import UUID

import msgspec

from domain.plan.events import EventMetadata, JsonObject
from services.store.canonical import canonical, trusted_canonical
from services.store.errors import CommitmentMismatch, MalformedState
from services.store.framing import Envelope, event_id, frame, header_of, unframe
from services.store.log_table import Row
from services.store.parts import SALT_LENGTH, commitment, split
from services.store.sealing import read_salts, salts_for, written_salts


class ClearEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a log in the clear: `time` is microseconds since the epoch, UTC."""

    stream: UUID
    type: str
    sequence: int
    position: int
    time: int
    id: UUID
    metadata: EventMetadata
    data: JsonObject


class _Content(msgspec.Struct, frozen=True):
    metadata: EventMetadata
    data: JsonObject


class _Salted(msgspec.Struct, frozen=True):
    metadata: JsonObject
    data: JsonObject
    salts: dict[str, str]


_decoder: Final = msgspec.json.Decoder(_Content)
_salted_decoder: Final = msgspec.json.Decoder(_Salted)


def state_of(envelope: Envelope, metadata: EventMetadata, data: JsonObject) -> bytes:
    """The stored state of an event in the clear. Raises NotCanonical for content that JSON cannot hold exactly."""
    meta = msgspec.to_builtins(metadata)
    body = canonical(data)
    parts = split(meta, data)
    salts = salts_for(parts, os.urandom(SALT_LENGTH * len(parts)))
    content = b'{"data":%b,"metadata":%b,"salts":%b}' % (body, trusted_canonical(meta), written_salts(salts))
    return frame(header_of(envelope), commitment(parts, salts), content)


def open_clear(row: Row) -> ClearEvent:
    """An event of a log in the clear. Raises MalformedState, saying at which position."""
    position, stream, sequence, type_, moment, state = row
    try:
        framed = unframe(state)
        content = _decoder.decode(framed.ciphertext)
        identity = event_id(framed.header)
    except (MalformedState, msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedState(f"position {position}: not an event of a log in the clear") from None
    return ClearEvent(
        stream=UUID(bytes=stream),
        type=type_,
        sequence=sequence,
        position=position,
        time=moment,
        id=identity,
        metadata=content.metadata,
        data=content.data,
    )


def check_clear(state: bytes) -> None:
    """Hold the content of an event in the clear against its commitment. Raises CommitmentMismatch, MalformedState."""
    framed = unframe(state)
    try:
        content = _salted_decoder.decode(framed.ciphertext)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedState("the content is not an event's") from None
    parts, salts = split(content.metadata, content.data), read_salts(content.salts)
    if salts.keys() != parts.keys() or commitment(parts, salts) != framed.commitment:
        raise CommitmentMismatch("the content is not what the commitment promises")
