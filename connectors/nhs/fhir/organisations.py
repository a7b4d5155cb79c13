"""The organisations that a plan names, each once in a bundle."""

from collections.abc import Iterator
from uuid import UUID

from connectors.nhs.fhir import systems
from connectors.nhs.fhir.elements import filled, identifier, organisation_id, reference, string
from domain.document.json_values import JsonObject

Entry = tuple[UUID, JsonObject]


class Organisations:
    """Collects organisations while the other resources are made, and hands out references to them.

    An organisation that is only named, without a code, is a resource of its own by its name: two of one name can't be
    told apart.
    """

    def __init__(self, council_names: dict[str, str]) -> None:
        """`council_names` are the titles of local authorities by their code."""
        self._council_names = council_names
        self._found: dict[UUID, JsonObject] = {}

    def council(self, code: str) -> JsonObject:
        """A reference to the local authority of this three-digit code."""
        return self._referred(self._council_names.get(code, f"Local authority {code}"), (systems.LA_CODE, code))

    def named(self, name: object = "", *, ods: str = "", urn: str = "", ukprn: str = "") -> JsonObject:
        """A reference to a body by what is known of it; {} when nothing is."""
        known = ((systems.ODS, ods), (systems.URN, urn), (systems.UKPRN, ukprn))
        return self._referred(name, *((system, value) for system, value in known if value))

    def entries(self) -> Iterator[Entry]:
        """Their resources, in the order in which they were first met."""
        yield from self._found.items()

    def _referred(self, name: object, *codes: tuple[str, str]) -> JsonObject:
        if not name and not codes:
            return {}
        id_ = organisation_id("|".join(codes[0]) if codes else string(name))
        known = self._found.get(id_, {})
        self._found[id_] = filled(
            resourceType="Organization",
            identifier=[identifier(*code) for code in codes] or known.get("identifier", []),
            name=string(name) or known.get("name", "") or codes[0][1],
        )
        return reference(id_, name)
