"""Plans as FHIR."""
