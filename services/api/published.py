"""The published contract, as files: /schemas/... serves exactly what is in the folder `schemas`."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.api.openapi import reference
from services.api.problems import MEDIA_TYPE, not_found

routes = APIRouter(tags=["contract"])
_MEDIA_TYPES = {".json": "application/schema+json", ".yaml": "application/yaml"}


@routes.get(
    "/schemas/{path:path}",
    summary="A published schema, code set or table",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {kind: {} for kind in _MEDIA_TYPES.values()}},
        404: {"description": "There is no such schema", "content": {MEDIA_TYPE: {"schema": reference("Problem")}}},
    },
)
def read_schema(request: Request, path: str) -> Response:
    """A file of the contract. Needs no token: it holds no content of any plan."""
    file = _file(request.app.state.platform.schemas_folder, path)
    if file is None:
        raise not_found("There is no such schema.")
    return Response(file.read_bytes(), media_type=_MEDIA_TYPES[file.suffix])


def _file(root: Path, path: str) -> Path | None:
    """The published file of that path, None for anything that isn't one: another kind, another folder, no name."""
    try:
        file = (root / path).resolve()
        found = file.is_relative_to(root.resolve()) and file.is_file()
    except (OSError, ValueError):
        return None
    return file if found and file.suffix in _MEDIA_TYPES else None
