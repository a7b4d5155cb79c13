"""A plan's text as a FHIR R4 (4.0.1) Bundle, for systems of the NHS."""

from connectors.nhs.fhir.bundle import MEDIA_TYPE, PlanText, plan_bundle

__all__ = ["MEDIA_TYPE", "PlanText", "plan_bundle"]
