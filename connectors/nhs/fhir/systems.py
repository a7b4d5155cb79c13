"""The systems that codes and identifiers belong to.

The NHS's own are those that NHS England publishes. For what it has none for (plan, URN, UKPRN, UPN, local authority
code, SEN type, section) the platform's namespace stands; its code sets are served at those addresses. No SNOMED CT code
is used: none for an Education, Health and Care Plan could be verified.
"""

from typing import Final

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
NHS_NUMBER_STATUS: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
NHS_NUMBER_STATUS_CODES: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"

_OWN: Final = "https://ehcp-exchange.example"
PLAN: Final = f"{_OWN}/identifiers/plan"
PLAN_TEXT_SHA256: Final = f"{_OWN}/identifiers/plan-text-sha256"
URN: Final = f"{_OWN}/identifiers/urn"
UKPRN: Final = f"{_OWN}/identifiers/ukprn"
UPN: Final = f"{_OWN}/identifiers/upn"
ULN: Final = f"{_OWN}/identifiers/uln"
ITEM: Final = f"{_OWN}/identifiers/plan-item"
LA_CODE: Final = f"{_OWN}/schemas/codesets/local-authorities.json"
SEN_TYPE: Final = f"{_OWN}/schemas/codesets/sen-types.json"
AREA_OF_NEED: Final = f"{_OWN}/schemas/codesets/areas-of-need.json"
SECTION: Final = f"{_OWN}/schemas/codesets/plan-sections.json"

CONDITION_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
