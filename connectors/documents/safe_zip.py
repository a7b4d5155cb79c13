"""Opens a .docx as what it is, a ZIP package from a stranger: measured before and while it is unpacked.

Nothing here trusts a figure that the file states about itself: sizes are counted again as the bytes come out.
Only the parts that hold text are unpacked; pictures, fonts and attachments stay packed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.documents.errors import DocumentRefused

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_TEXT_PART_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_RATIO = 120
RATIO_MATTERS_FROM = 2 * 1024 * 1024

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_FLAG = 0x1
_CHUNK = 64 * 1024
_FIRST_BYTES = 64
_OTHERS = (
    (b"%pdf", "a PDF"),
    (b"{\\rtf", "a rich text file (RTF)"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"mime-version", "a web page"),
    (b"<?xml", "an XML file"),
)


@dataclass(frozen=True, slots=True)
class Package:
    """The text parts of a package by their name inside it (``word/document.xml``), and the names of all entries."""

    parts: dict[str, bytes]
    names: tuple[str, ...]


def open_package(data: bytes) -> Package:
    """Unpack the text parts of a .docx (ECMA-376 part 2: ``.xml`` and ``.rels``).

    Raises:
        DocumentRefused: ``file-too-large``, ``encrypted``, ``not-a-docx``, ``zip-bomb``, ``macros`` or
            ``malformed-package``.
    """
    _refuse_by_first_bytes(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _refuse_by_directory(entries)
            parts = _unpack_text(archive, entries)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        RuntimeError,
        OSError,
    ) as error:
        if isinstance(error, DocumentRefused):
            raise
        raise DocumentRefused("malformed-package", "The file is damaged: it cannot be unpacked.") from error
    _refuse_by_content_types(parts)
    return Package(parts, tuple(entry.filename for entry in entries))


def _refuse_by_first_bytes(data: bytes) -> None:
    if len(data) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // (1024 * 1024)
        raise DocumentRefused("file-too-large", f"The file is larger than {limit} MiB, the most that is taken in.")
    if data.startswith(_OLE_MAGIC) and _ENCRYPTED_STREAM in data:
        raise DocumentRefused("encrypted", "The file is protected by a password. Save it without one and try again.")
    if data.startswith(_OLE_MAGIC):
        raise DocumentRefused("not-a-docx", "The file is in the old .doc format. Save it as .docx and try again.")
    if not data.startswith(b"PK"):
        raise DocumentRefused("not-a-docx", f"The file is not a Word document (.docx){_what_else(data)}.")


def _what_else(data: bytes) -> str:
    """Return what a file is that is no package, where its first bytes tell, for the end of a sentence."""
    if not data.strip():
        return ": it is empty"
    start = data[:_FIRST_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return next(
        (f", but {what}. Save it as .docx and try again" for mark, what in _OTHERS if start.startswith(mark)), ""
    )


def _refuse_by_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise DocumentRefused("zip-bomb", f"The file holds more than {MAX_ENTRIES} parts; a plan never does.")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise DocumentRefused("encrypted", "The file is protected by a password. Save it without one and try again.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise DocumentRefused("malformed-package", "The file is damaged: it holds two parts of the same name.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DocumentRefused("macros", "The file contains macros. Save it as .docx and try again.")
    _refuse_sizes(sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries))


def _refuse_sizes(unpacked: int, packed: int) -> None:
    too_dense = unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or too_dense:
        raise DocumentRefused("zip-bomb", "The file unpacks to far more than a Word document holds.")


def _unpack_text(archive: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    unpacked = packed = 0
    for entry in entries:
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        parts[entry.filename.lstrip("/")] = part = _unpack_one(archive, entry)
        unpacked += len(part)
        packed += entry.compress_size
        _refuse_sizes(unpacked, packed)
    return parts


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    chunks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            _refuse_sizes(size, entry.compress_size)
            if size > MAX_TEXT_PART_BYTES:
                raise DocumentRefused("zip-bomb", "One part of the file unpacks to far more than a plan holds.")
            chunks.append(chunk)
    return b"".join(chunks)


def _refuse_by_content_types(parts: dict[str, bytes]) -> None:
    types = parts.get("[Content_Types].xml")
    if types is None:
        raise DocumentRefused("not-a-docx", "The file is not a Word document (.docx), but a package of another kind.")
    if b"macroEnabled" in types:
        raise DocumentRefused("macros", "The file contains macros. Save it as .docx and try again.")
