"""Reading events of an older shape as the newest one. What is stored never changes.

A type ends in its version: `ehcp.plan.finalised.v1`. An upcaster is a pure function that turns the data of
one version into the data of the next; they are applied one after the other until there is none.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.plan.events import JsonObject

Upcaster = Callable[[JsonObject], JsonObject]
"""From the data of version n to the data of version n + 1."""

_VERSIONED: Final = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]*)")


class Upcasting:
    """The upcasters in force, keyed by type name without version and the version that they start from."""

    def __init__(self, upcasters: Mapping[tuple[str, int], Upcaster]) -> None:
        """For example {("ehcp.plan.finalised", 1): finalised_v1_to_v2}."""
        self._upcasters = dict(upcasters)
        self._paths: dict[str, tuple[str, tuple[Upcaster, ...]]] = {}

    def __call__(self, type_: str, data: JsonObject) -> tuple[str, JsonObject]:
        """The newest type name of the event, and its data in that shape."""
        newest, steps = self._paths.get(type_) or self._path(type_)
        for step in steps:
            data = step(data)
        return newest, data

    def _path(self, type_: str) -> tuple[str, tuple[Upcaster, ...]]:
        found = _VERSIONED.fullmatch(type_)
        steps: list[Upcaster] = []
        newest = type_
        if found:
            name, version = found["name"], int(found["version"])
            while step := self._upcasters.get((name, version)):
                steps.append(step)
                version += 1
            newest = f"{name}.v{version}"
        self._paths[type_] = newest, tuple(steps)
        return self._paths[type_]
