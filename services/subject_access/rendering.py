"""The package: one ZIP with the record as data and as a page to read, made of the same content and always alike.

Whoever wants one of the two alone is given the file as it lies in the package that was reviewed.
"""

from html import escape
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import orjson

from domain.plan.events import JsonObject
from services.subject_access.plain_words import PlainWords

ZIP, JSON, HTML = "application/zip", "application/json", "text/html"
#: The forms in which a package is given, and the file of the package that each one is.
FORMS: Final = {ZIP: "", JSON: "record.json", HTML: "record.html"}
#: Every file has this time, so that the same content is the same package.
NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
STYLE: Final = (
    "body{font:19px/1.5 arial,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#0b0c0c}"
    "dl{margin:0 0 0 1em;border-left:2px solid #b1b4b6;padding-left:1em}dt{font-weight:bold}dd{margin:0 0 .5em}"
    "h2{border-top:1px solid #b1b4b6;padding-top:1em}ul{padding-left:1.2em}section>ul{list-style:none;padding:0}"
)
#: What each part of the content is, for somebody who reads it for the first time.
PARTS: Final = {
    "about": "About this answer",
    "person": "Who it is about",
    "record": "What was done and written, entry by entry",
    "drafts": "Texts that are being worked on",
    "duties": "What the law asked for, and by when",
    "readers": "Who has read it",
}


def packed(content: JsonObject, words: PlainWords) -> bytes:
    """The ZIP of this content: record.json for programs, record.html for people.

    Nothing is compressed: how a compressor writes differs between its versions, and it has to be alike for years.
    """
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as folder:
        _put(folder, FORMS[HTML], page(content, words).encode())
        _put(folder, FORMS[JSON], orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    return made.getvalue()


def form_of(package: bytes, form: str) -> bytes:
    """A package in one of its forms."""
    if not FORMS[form]:
        return package
    with ZipFile(BytesIO(package)) as folder:
        return folder.read(FORMS[form])


def page(content: JsonObject, words: PlainWords) -> str:
    """The content as a page that needs no style, script or picture from anywhere."""
    title = escape(str(content["about"]["title"]))
    led = "".join(f'<li><a href="#{name}">{escape(_part(name))}</a></li>' for name in content)
    parts = "".join(_section(name, part, words) for name, part in content.items())
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1><nav><ul>{led}</ul></nav>{parts}</main></body></html>"
    )


def _put(folder: ZipFile, name: str, data: bytes) -> None:
    folder.writestr(ZipInfo(name, NO_TIME), data, ZIP_STORED)


def _part(name: str) -> str:
    return PARTS.get(name, name)


def _section(name: str, part: Any, words: PlainWords) -> str:
    return f'<section id="{name}"><h2>{escape(_part(name))}</h2>{_told(part, words)}</section>'


def _told(value: Any, words: PlainWords) -> str:
    if isinstance(value, dict):
        return _members(value, words) if value else "<p>Nothing.</p>"
    if isinstance(value, list):
        return (
            "<ul>" + "".join(f"<li>{_told(member, words)}</li>" for member in value) + "</ul>" if value else "Nothing."
        )
    return "<br>".join(map(escape, words.value(value).splitlines())) or "&nbsp;"


def _members(value: JsonObject, words: PlainWords) -> str:
    members = "".join(
        f"<dt>{escape(words.field(name))}</dt><dd>{_told(member, words)}</dd>" for name, member in value.items()
    )
    return f"{_heading(value, words)}<dl>{members}</dl>"


def _heading(value: JsonObject, words: PlainWords) -> str:
    """An entry of the record is headed by its number, its day and what it is."""
    if "entry" not in value or "title" not in value:
        return ""
    on = words.value(value.get("effectiveOn") or value["time"])
    return f"<h3>{escape(str(value['entry']))}. {escape(str(value['title']))}, {escape(on)}</h3>"
