"""PostgreSQL's binary form of one-dimensional arrays, written whole.

A batch is a handful of arrays of some dozens of values. Encoding them here costs a fraction of what a general adapter
spends on asking each value for its type. The form: dimensions, a flag for nulls, the element's type, length, lower
bound, then each element with its length (-1 for null), all big-endian (src/backend/utils/adt/arrayfuncs.c, array_recv).
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format
from typing_extensions import override

_HEADER: Final = struct.Struct("!iiIii")
_EMPTY: Final = struct.Struct("!iiI")
_LENGTH: Final = struct.Struct("!i")
_EIGHT: Final = struct.Struct("!iq")
_NULL: Final = _LENGTH.pack(-1)

_BYTEA: Final = 17
_INT8: Final = 20
_TEXT: Final = 25


class EncodedArray:
    """An array as it goes over the wire. A class for each type, so that a connection knows what it is."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes | None) -> None:
        """Keep what was encoded; None is a null in the place of an array."""
        self.encoded = encoded


class ByteaArray(EncodedArray):
    """An encoded bytea[]."""


class BigintArray(EncodedArray):
    """An encoded bigint[]."""


class TextArray(EncodedArray):
    """An encoded text[]."""


def bytea_array(values: Sequence[bytes | None]) -> ByteaArray:
    """The values as bytea[]; None is null."""
    return ByteaArray(_array(_BYTEA, len(values), _with_lengths(values)))


def text_array(values: Sequence[str]) -> TextArray:
    """The values as text[]. Of a batch most are the same: a type, a council, the name of its key."""
    if values and values.count(values[0]) == len(values):
        return TextArray(_array(_TEXT, len(values), _with_lengths((values[0].encode(),)) * len(values)))
    return TextArray(_array(_TEXT, len(values), _with_lengths([value.encode() for value in values])))


def bigint_array(values: Sequence[int]) -> BigintArray:
    """The values as bigint[]."""
    pack = _EIGHT.pack
    return BigintArray(_array(_INT8, len(values), [pack(8, value) for value in values]))


def sparse_bigint_array(values: Sequence[int | None]) -> BigintArray:
    """The same where None is null; null instead of the array where nothing else is in it."""
    if all(value is None for value in values):
        return BigintArray(None)
    pack = _EIGHT.pack
    return BigintArray(_array(_INT8, len(values), [_NULL if value is None else pack(8, value) for value in values]))


def _with_lengths(values: Iterable[bytes | None]) -> list[bytes]:
    """Each value behind its length: as parts, since joining long values one by one would copy them once more."""
    pack = _LENGTH.pack
    parts: list[bytes] = []
    for value in values:
        parts += (_NULL,) if value is None else (pack(len(value)), value)
    return parts


def _array(element: int, length: int, parts: list[bytes]) -> bytes:
    if not length:
        return _EMPTY.pack(0, 0, element)
    return b"".join([_HEADER.pack(1, 1, element, length, 1), *parts])


class _ArrayDumper(Dumper):
    """Hands encoded bytes on as they are."""

    format = Format.BINARY

    @override
    def dump(self, obj: EncodedArray) -> Buffer | None:
        return obj.encoded


class ByteaArrayDumper(_ArrayDumper):
    """For ByteaArray."""

    oid = 1001


class BigintArrayDumper(_ArrayDumper):
    """For BigintArray."""

    oid = 1016


class TextArrayDumper(_ArrayDumper):
    """For TextArray."""

    oid = 1009


DUMPERS: Final = ((ByteaArray, ByteaArrayDumper), (BigintArray, BigintArrayDumper), (TextArray, TextArrayDumper))
"""What a connection must know to take these arrays."""
