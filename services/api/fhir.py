"""A plan as the NHS reads it: the FHIR form of an answer."""

from uuid import UUID

import msgspec
from fastapi import Request, Response

from connectors.nhs.fhir import MEDIA_TYPE, PlanText, plan_bundle
from services.errors import TextUnknown
from services.views import PlanView, VersionView

_encode = msgspec.json.Encoder()


def fhir_answer(request: Request, view: PlanView) -> Response:
    """The text of a view as a Bundle. Raises TextUnknown for a record that has no text for this caller yet."""
    platform, version = request.app.state.platform, view.version
    if version is msgspec.UNSET or view.plan is msgspec.UNSET or version.recorded is msgspec.UNSET:
        raise TextUnknown
    bundle = plan_bundle(
        PlanText(
            plan_id=UUID(view.plan_id),
            kind=version.kind,
            number=version.number,
            effective_on=version.effective_on,
            recorded=version.recorded,
            phase=view.phase,
            council="" if view.maintaining_la is msgspec.UNSET else view.maintaining_la,
            text=view.plan,
            address=f"{platform.settings.base_url.rstrip('/')}/v1/plans/{view.plan_id}?{_name(version)}",
            statements=tuple((said.stated_on, said.statement) for said in view.statements),
        ),
        {code: item.title for code, item in platform.rules.code_sets["local-authorities"].codes.items()},
    )
    headers = {"Cache-Control": "no-store", "ETag": f'"{view.entity_tag}"', "Vary": "Accept"}
    return Response(_encode.encode(bundle), 200, headers, MEDIA_TYPE)


def _name(version: VersionView) -> str:
    """The version as a query parameter of the plan's address."""
    return f"{'version' if version.kind == 'final' else 'draft'}={version.number}"
