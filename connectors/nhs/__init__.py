"""The NHS's side: plans as FHIR resources."""
