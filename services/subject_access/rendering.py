"""The package: one ZIP with the record as data and as a page to read, made of the same content and always alike.

Whoever wants one of the two alone is given the file as it lies in the package that was reviewed.
"""

import re
from html import escape
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

from domain.document import SECTION_KEYS
from domain.plan.events import JsonObject

ZIP, JSON, HTML = "application/zip", "application/json", "text/html"
#: The forms in which a package is given, and the file of the package that each one is.
FORMS: Final = {ZIP: "", JSON: "record.json", HTML: "record.html"}
#: Every file has this time, so that the same content is the same package.
NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
STYLE: Final = (
    "body{font:19px/1.5 arial,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#0b0c0c}"
    "dl{margin:0 0 0 1em;border-left:2px solid #b1b4b6;padding-left:1em}dt{font-weight:bold}dd{margin:0 0 .5em}"
    "h2{border-top:1px solid #b1b4b6;padding-top:1em}"
)


def packed(content: JsonObject) -> bytes:
    """The ZIP of this content: record.json for programs, record.html for people."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as folder:
        _put(folder, FORMS[HTML], page(content).encode())
        _put(folder, FORMS[JSON], orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    return made.getvalue()


def form_of(package: bytes, form: str) -> bytes:
    """A package in one of its forms."""
    if not FORMS[form]:
        return package
    with ZipFile(BytesIO(package)) as folder:
        return folder.read(FORMS[form])


def page(content: JsonObject) -> str:
    """The content as a page that needs no style, script or picture from anywhere."""
    about = content["about"]
    parts = "".join(f"<h2>{escape(_words(name))}</h2>{_told(part)}" for name, part in content.items())
    title = escape(str(about["title"]))
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1>{parts}</main></body></html>"
    )


def _put(folder: ZipFile, name: str, data: bytes) -> None:
    folder.writestr(ZipInfo(name, NO_TIME), data, ZIP_DEFLATED)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        told = "".join(f"<dt>{escape(_words(name))}</dt><dd>{_told(member)}</dd>" for name, member in value.items())
        return f"<dl>{told}</dl>" if told else "<p>Nothing.</p>"
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{_told(member)}</li>" for member in value) + "</ul>" if value else "Nothing."
    return "<br>".join(map(escape, str(value).splitlines())) or "&nbsp;"


def _words(name: str) -> str:
    """A field's name as words: "effectiveOn" is "Effective on"."""
    spaced = name if name in SECTION_KEYS else re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", name)
    return spaced[:1].upper() + spaced[1:]
