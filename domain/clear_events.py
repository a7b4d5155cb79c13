"""The events of a log in the clear: their public names, their data as JSON, and the published schema of each.

Such a log (the directory's, that of certificates, that of adopted rules) says what is nobody's secret. What it says are
values of the domain; here they become JSON and are read again.
"""

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

_BASE: Final = "https://ehcp-exchange.example/schemas/events/"

Said = TypeVar("Said", bound=msgspec.Struct)


class ClearEvents(Generic[Said]):
    """Every event of one log in the clear, by its public name."""

    def __init__(self, log: str, types: Mapping[str, type[Said]]) -> None:
        """`log` names it in errors."""
        self.types = types
        self._log = log
        self._names = {kind: name for name, kind in types.items()}

    def type_of(self, said: Said) -> str:
        """The public name of an event's type."""
        return self._names[type(said)]

    def data_of(self, said: Said) -> dict[str, Any]:
        """An event's data as JSON: lists, never tuples."""
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(said))
        return data

    def read(self, type_: str, data: Mapping[str, Any]) -> Said:
        """An event from its type and its data. Raises ValueError for what is no event of this log."""
        if type_ not in self.types:
            raise ValueError(f"not an event of the {self._log} log: {type_}")
        return msgspec.convert(data, self.types[type_])

    def schema(self, type_: str) -> dict[str, Any]:
        """The published JSON Schema of the data of an event type."""
        (reference,), components = msgspec.json.schema_components([self.types[type_]], ref_template="#/$defs/{name}")
        own = reference["$ref"].rpartition("/")[2]
        schema = dict(components.pop(own))
        named = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{_BASE}{type_}.schema.json"}
        return named | schema | ({"$defs": components} if components else {})
