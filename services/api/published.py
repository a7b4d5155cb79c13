"""The published contract, as files: /schemas/... serves exactly what is in the folder `schemas`."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.api.problems import not_found

routes = APIRouter(tags=["contract"])
_MEDIA_TYPES = {".json": "application/schema+json", ".yaml": "application/yaml"}


@routes.get(
    "/schemas/{path:path}",
    summary="A published schema, code set or table",
    responses={404: {"description": "There is no such schema"}},
)
def read_schema(request: Request, path: str) -> Response:
    """A file of the contract. Needs no token: it holds no content of any plan."""
    root: Path = request.app.state.platform.schemas_folder
    file = (root / path).resolve() if "\x00" not in path else root
    if not file.is_relative_to(root.resolve()) or not file.is_file() or file.suffix not in _MEDIA_TYPES:
        raise not_found("There is no such schema.")
    return Response(file.read_bytes(), media_type=_MEDIA_TYPES[file.suffix])
