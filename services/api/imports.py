"""The route by which documents come in: filled national templates (Word), digital plans as JSON or NDJSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.bodies import DOCX, JSON, NDJSON, read_bytes
from services.api.caller import caller_of
from services.api.openapi import reference, responses
from services.api.plans import answer
from services.importing.report import ImportSource

#: A Word file of a plan, or a slice of an NDJSON file, is far smaller; larger files are sent in slices.
MAX_IMPORT_BYTES = 20 * 1024 * 1024

routes = APIRouter(tags=["import"])


@routes.post(
    "/v1/imports",
    summary="Import a filled template or digital plans",
    responses=responses(400, 403, 413, 415, 422, 503)
    | {
        200: {
            "description": "Imported",
            "content": {"application/json": {"schema": reference("ImportReport")}},
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": reference("ImportPlan")},
                NDJSON: {"schema": {"type": "string"}},
                DOCX: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def import_document(
    request: Request,
    council: Annotated[str, Query(pattern="^[0-9]{3}$", description="LA code of the council whose plans these are.")],
    file_sha256: Annotated[str | None, Query(alias="fileSha256", pattern="^[0-9a-f]{64}$")] = None,
    first_line: Annotated[int, Query(alias="firstLine", ge=1, le=10**9)] = 1,
) -> Response:
    """One file, or a slice of one (`fileSha256` and `firstLine` then say of which file and where the slice begins).

    What can't be taken in is listed with line, pointer and reason; everything else is on record when this answers.
    """
    actor = caller_of(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await read_bytes(request, (JSON, NDJSON, DOCX), MAX_IMPORT_BYTES)
    source = ImportSource(
        name="upload", media_type=media_type, council=council, file_sha256=file_sha256, first_line=first_line
    )
    return answer(await request.app.state.platform.importer.take_in(content, source, actor))
