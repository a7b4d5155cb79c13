"""The bytes of one stored event: clear header, commitment and ciphertext, and the leaf hash over them.

    0x01 || length of the header, 2 bytes big-endian || header || commitment, 32 bytes || ciphertext

The header is canonical JSON without `time`: the moment of recording is stamped inside the append and kept
beside these bytes, as whole microseconds since 1970-01-01T00:00:00Z. docs/log-format.md is the normative
text.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
import orjson

from services.store.canonical import trusted_canonical
from services.store.errors import MalformedState

FORMAT: Final = 1
"""The version of the log format: the first byte of every stored state."""

CLEAR_FIELDS: Final = frozenset(
    ("datacontenttype", "dataschema", "id", "sequence", "source", "specversion", "subject", "time", "type")
)
"""Everything about an event that is readable without a key (CloudEvents 1.0 attribute names)."""

_HASH_LENGTH: Final = 32
_LONGEST_HEADER: Final = 0xFFFF
_PREFIX_LENGTH: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMAS: Final = "https://ehcp-exchange.example/schemas/events/"


class Envelope(NamedTuple):
    """What an event says of itself in the clear.

    `subject` is the stream: the plan's id, or the draft's in the draft log.
    """

    id: UUID
    type: str
    source: str
    subject: UUID
    sequence: int


class Frame(NamedTuple):
    """The parts of a stored state, not yet opened."""

    header: bytes
    commitment: bytes
    ciphertext: bytes


class _Identity(msgspec.Struct, frozen=True):
    id: UUID


_identity_decoder = msgspec.json.Decoder(_Identity)


def header_of(envelope: Envelope) -> bytes:
    """The canonical clear header, without `time`.

    `sequence` is a string, as the CloudEvents sequence extension has it; `dataschema` follows from the type.
    """
    return trusted_canonical(
        {
            "datacontenttype": "application/json",
            "dataschema": f"{_SCHEMAS}{envelope.type}.schema.json",
            "id": str(envelope.id),
            "sequence": str(envelope.sequence),
            "source": envelope.source,
            "specversion": "1.0",
            "subject": str(envelope.subject),
            "type": envelope.type,
        }
    )


def frame(header: bytes, commitment: bytes, ciphertext: bytes) -> bytes:
    """The stored state.

    Raises MalformedState when the header is longer than 65,535 bytes or the commitment not 32.
    """
    if len(header) > _LONGEST_HEADER or len(commitment) != _HASH_LENGTH:
        raise MalformedState("the header is too long or the commitment is not 32 bytes")
    return b"\x01" + len(header).to_bytes(2, "big") + header + commitment + ciphertext


def unframe(state: bytes) -> Frame:
    """Take a stored state apart. Raises MalformedState for another format version or bytes cut short."""
    if len(state) < _PREFIX_LENGTH or state[0] != FORMAT:
        raise MalformedState("not a stored event of log format 1")
    header_end = _PREFIX_LENGTH + (state[1] << 8 | state[2])
    commitment_end = header_end + _HASH_LENGTH
    if len(state) < commitment_end:
        raise MalformedState("the stored event is cut short")
    return Frame(state[_PREFIX_LENGTH:header_end], state[header_end:commitment_end], state[commitment_end:])


def identity_and_ciphertext(state: bytes) -> tuple[UUID, bytes]:
    """What opening needs of a stored state, for a reader of many: the event's id and the ciphertext.

    Raises MalformedState.
    """
    if len(state) < _PREFIX_LENGTH or state[0] != FORMAT:
        raise MalformedState("not a stored event of log format 1")
    header_end = _PREFIX_LENGTH + (state[1] << 8 | state[2])
    return event_id(state[_PREFIX_LENGTH:header_end]), state[header_end + _HASH_LENGTH :]


def clear_header(state: bytes, time: int) -> bytes:
    """The full clear header, canonical.

    That in `state` with `time` (microseconds since the epoch, UTC) added.
    """
    return _with_time(unframe(state).header, time)


def leaf_hash(state: bytes, time: int) -> bytes:
    """The leaf of the log: SHA-256(0x00 || clear header || commitment || SHA-256(ciphertext)), 32 bytes."""
    header, commitment, ciphertext = unframe(state)
    return sha256(b"\x00" + _with_time(header, time) + commitment + sha256(ciphertext).digest()).digest()


def event_id(header: bytes) -> UUID:
    """The event's id, from its header. Raises MalformedState when there is none."""
    try:
        return _identity_decoder.decode(header).id
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedState("the clear header has no event id") from error


def instant(time: int) -> datetime:
    """Microseconds since the epoch as an aware datetime in UTC (exact: no floating point)."""
    return _EPOCH + timedelta(0, 0, time)


def microseconds(moment: datetime) -> int:
    """An aware datetime as whole microseconds since the epoch, UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _with_time(header: bytes, time: int) -> bytes:
    try:
        fields = orjson.loads(header)
        fields["time"] = instant(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (orjson.JSONDecodeError, TypeError, OverflowError) as error:
        raise MalformedState("the clear header is not a JSON object") from error
    return trusted_canonical(fields)
