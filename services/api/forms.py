"""Small forms (application/x-www-form-urlencoded), read with suspicion: size, characters, and every field once."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from services.api.bodies import read_bytes
from services.api.problems import Problem

FORM: Final = "application/x-www-form-urlencoded"


class FormUnreadable(Exception):
    """The body is no such form; `code` says why, in a word, for figures and logs."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


async def read_form(request: Request, *, limit: int, most: int) -> dict[str, str]:
    """The fields of a form of `limit` bytes and `most` fields at most. Raises FormUnreadable."""
    try:
        content = (await read_bytes(request, (FORM,), limit)).decode("ascii")
        pairs = parse_qsl(content, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=most)
    except (Problem, ValueError):
        raise FormUnreadable("form") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise FormUnreadable("repeated")
    return form
