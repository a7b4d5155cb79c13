"""Files that are not taken in: what they are is said in a sentence, and nothing of them is kept."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from connectors.documents.errors import DocumentRefused
from connectors.documents.national_template import read_plan
from connectors.documents.safe_zip import MAX_ENTRIES, MAX_FILE_BYTES
from tests.connectors.documents.reading import part, with_parts
from tests.fixtures.documents.build import Form, standard_form

_MAIN = "word/document.xml"
_TYPES = "[Content_Types].xml"


def _refusal(data: bytes, name: str = "plan.docx") -> str:
    with pytest.raises(DocumentRefused) as refused:
        read_plan(data, file_name=name)
    assert refused.value.sentence.endswith(".")
    return refused.value.code


def _zip(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"{}", _zip({"word/other.xml": b"<a/>"}), _zip({_TYPES: b"<a/>"})])
def test_what_is_no_docx_is_refused(data: bytes) -> None:
    assert _refusal(data) == "not-a-docx"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"{\\rtf1 Plan}", "a rich text file (RTF)"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>Plan", "a web page"),
        (b"MIME-Version: 1.0\r\n", "a web page"),
        (b"", "it is empty"),
    ],
)
def test_what_the_file_is_instead_is_said_where_it_can_be_told(data: bytes, what: str) -> None:
    with pytest.raises(DocumentRefused, match=re.escape(what)):
        read_plan(data, file_name="plan.docx")


def test_an_old_doc_is_refused_and_an_encrypted_file_is_called_encrypted() -> None:
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
    assert _refusal(compound) == "not-a-docx"
    assert _refusal(compound + "EncryptedPackage".encode("utf-16-le")) == "encrypted"


def test_a_zip_with_encrypted_entries_is_refused() -> None:
    data = bytearray(standard_form().to_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert _refusal(bytes(data)) == "encrypted"


def test_a_file_over_20_mib_is_refused_before_it_is_opened() -> None:
    assert _refusal(b"PK" + bytes(MAX_FILE_BYTES)) == "file-too-large"


def test_a_zip_bomb_is_refused_by_its_ratio() -> None:
    assert _refusal(_zip({_TYPES: b"<a/>", _MAIN: b" " * 8 * 1024 * 1024})) == "zip-bomb"


def test_a_zip_bomb_that_lies_about_its_size_is_refused_while_it_unpacks() -> None:
    data = bytearray(_zip({_MAIN: b" " * 8 * 1024 * 1024}))
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert _refusal(bytes(data)) in {"zip-bomb", "malformed-package", "not-a-docx"}


def test_a_file_with_too_many_parts_is_refused() -> None:
    assert _refusal(_zip({f"word/part{number}.bin": b"" for number in range(MAX_ENTRIES + 1)})) == "zip-bomb"


def test_two_parts_of_the_same_name_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr(_MAIN, b"<a/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            package.writestr(_MAIN, b"<b/>")
    assert _refusal(stream.getvalue()) == "malformed-package"


@pytest.mark.parametrize("cut", [10, 100, 1000, -30])
def test_a_damaged_package_is_refused(cut: int) -> None:
    assert _refusal(standard_form().to_bytes()[:cut]) == "malformed-package"


def test_macros_are_refused_by_name_by_part_and_by_content_type() -> None:
    data = standard_form().to_bytes()
    assert _refusal(data, "plan.docm") == "macros"
    assert _refusal(with_parts(data, {"word/vbaProject.bin": b"x"})) == "macros"
    types = part(data, _TYPES).replace("wordprocessingml.document.main", "ms-word.document.macroEnabled.main")
    assert _refusal(with_parts(data, {_TYPES: types})) == "macros"


def test_malformed_xml_is_refused() -> None:
    data = standard_form().to_bytes()
    assert _refusal(with_parts(data, {_MAIN: part(data, _MAIN)[:-40]})) == "malformed-xml"
    assert _refusal(with_parts(data, {"word/styles.xml": b"<a>"})) == "malformed-xml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_whatever_the_encoding(encoding: str) -> None:
    attack = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>'
    )
    data = with_parts(standard_form().to_bytes(), {_MAIN: attack.encode(encoding)})
    assert _refusal(data) == "external-entities"


def test_nesting_without_end_is_refused() -> None:
    deep = "<w:r>" * 5000 + "</w:r>" * 5000
    data = standard_form().to_bytes()
    assert _refusal(with_parts(data, {_MAIN: part(data, _MAIN).replace("<w:r>", f"<w:r>{deep}", 1)})) == "malformed-xml"


def test_a_word_file_without_the_template_is_refused() -> None:
    form = Form()
    form.document.add_paragraph("Dear colleague")
    form.add_table("other", [["Week", "Lessons"], ["1", "Reading"]], 2)
    assert _refusal(form.to_bytes()) == "no-template"


def test_more_text_than_a_plan_holds_is_refused_with_the_figure() -> None:
    form = standard_form()
    words = "".join(f"word{number} " for number in range(250_000))
    form.write("a2", 5, 0, words)
    with pytest.raises(DocumentRefused, match=r"[0-9],[0-9]{3},[0-9]{3} characters") as refused:
        read_plan(form.to_bytes(), file_name="plan.docx")
    assert refused.value.code == "too-much-text"
