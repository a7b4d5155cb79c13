"""`ehcp openapi`: the committed OpenAPI description, written or checked."""

import tempfile
from pathlib import Path
from typing import Annotated

import orjson
import typer

from services.api.app import create_app
from services.bootstrap import open_platform
from services.cli.talk import result, stop
from services.reference_data import SCHEMAS
from services.settings import Settings

DESCRIPTION = SCHEMAS / "openapi" / "openapi.json"


def openapi(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether the committed file is as generated.")
    ] = False,
) -> None:
    """Write schemas/openapi/openapi.json (OpenAPI 3.1) from the routes and the published schemas."""
    content = _described()
    if check:
        if not DESCRIPTION.exists() or DESCRIPTION.read_bytes() != content:
            stop("schemas/openapi/openapi.json isn't what the routes say: run `ehcp openapi` and commit the file.")
        return
    DESCRIPTION.parent.mkdir(parents=True, exist_ok=True)
    DESCRIPTION.write_bytes(content)
    result({"written": str(DESCRIPTION.relative_to(SCHEMAS.parent))})


def _described() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{Path(folder)}/record.sqlite")
        platform = open_platform(settings)
        try:
            description = create_app(platform).openapi()
        finally:
            platform.close()
    return orjson.dumps(description, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
