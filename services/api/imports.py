"""The route by which documents come in: filled national templates (Word), digital plans as JSON or NDJSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from msgspec import to_builtins

from services.api.bodies import DOCX, JSON, NDJSON, read_bytes
from services.api.caller import caller_of
from services.api.openapi import answers, reference, responses
from services.api.plans import answer
from services.api.problems import MEDIA_TYPE, Problem, ProblemItem
from services.importing.report import ImportReport, ImportSource

#: A Word file of a plan, or a slice of an NDJSON file, is far smaller; larger files are sent in slices.
MAX_IMPORT_BYTES = 20 * 1024 * 1024
#: How many reasons a problem lists as its errors; its report lists them all.
MAX_ITEMS = 100

routes = APIRouter(tags=["import"])


@routes.post(
    "/v1/imports",
    summary="Import a filled template or digital plans",
    responses=responses(400, 403, 408, 413, 415, 422, 503)
    | {
        200: answers("ImportReport", "Imported"),
        422: {
            "description": "A parameter isn't valid, or no plan of the file could be taken in",
            "content": {MEDIA_TYPE: {"schema": reference("ImportRefused")}},
        },
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
    When that is nothing at all, the answer is a problem that holds the report.
    """
    actor = caller_of(request)
    content = await read_bytes(request, (JSON, NDJSON, DOCX), MAX_IMPORT_BYTES)
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    source = ImportSource(
        name="upload", media_type=media_type, council=council, file_sha256=file_sha256, first_line=first_line
    )
    report: ImportReport = await request.app.state.platform.importer.take_in(content, source, actor)
    if report.rejected and not report.plans:
        raise _all_turned_away(report)
    return answer(report)


def _all_turned_away(report: ImportReport) -> Problem:
    items = [
        ProblemItem(pointer=reject.pointer, text=f"Line {reject.line}: {reject.reason}", rule=reject.rule)
        for reject in report.rejects[:MAX_ITEMS]
    ]
    title = "No plan of the file could be taken in"
    return Problem(422, "import-refused", title, items[0].text, items, more={"report": to_builtins(report)})
