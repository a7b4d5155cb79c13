"""The parts of an event's content and the commitment to them.

Each part can be shown on its own, with its salt and an audit path, to somebody who holds neither the key nor
the rest: a school sees that section F is what was recorded, and learns nothing about section C. The salt
keeps a short part from being guessed. Parts: `metadata`; `personalDetails` and `section/<letter>` of the plan
or merge patch that the data carries; `plan`, the rest of that plan or patch; `data`, the rest of the data.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from domain.plan.events import JsonObject
from services.store.canonical import JsonValue, trusted_canonical
from services.store.merkle import inclusion_proof, proves_inclusion, tree_root

SALT_LENGTH: Final = 16
"""Bytes of salt before each part: 128 bits, beyond guessing."""

_CARRIERS: Final = ("plan", "patch")


class PartProof(NamedTuple):
    """One part, with what a stranger needs to check it against the commitment in the clear."""

    part: bytes
    salt: bytes
    place: int
    size: int
    path: tuple[bytes, ...]


def split(metadata: JsonObject, data: JsonObject) -> dict[str, Any]:
    """The parts by name.

    Nothing is lost: an object that was divided stays, emptied, in the part it came from.
    """
    parts: dict[str, Any] = {"metadata": metadata, "data": data}
    carrier = next((name for name in _CARRIERS if type(data.get(name)) is dict), None)
    if carrier is None:
        return parts
    rest = dict(data[carrier])
    parts["data"] = {**data, carrier: {}}
    parts["plan"] = rest
    if "personalDetails" in rest:
        parts["personalDetails"] = rest.pop("personalDetails")
    if type(rest.get("sections")) is dict:
        parts |= {f"section/{letter}": text for letter, text in rest["sections"].items()}
        rest["sections"] = {}
    return parts


def part_bytes(name: str, value: JsonValue) -> bytes:
    """The bytes of a part: canonical JSON of its name and value."""
    return trusted_canonical({"name": name, "value": value})


def commitment(parts: Mapping[str, Any], salts: Mapping[str, bytes]) -> bytes:
    """The commitment, 32 bytes.

    The Merkle tree hash over SHA-256(salt || part), in order of the parts' names.
    """
    return tree_root(_entries(parts, salts))


def prove_part(name: str, parts: Mapping[str, Any], salts: Mapping[str, bytes]) -> PartProof:
    """The proof that part `name` is in the commitment. Raises KeyError when the event has no such part."""
    names = sorted(parts)
    if name not in parts:
        raise KeyError(name)
    entries, index = _entries(parts, salts), names.index(name)
    path = tuple(inclusion_proof(entries, index))
    return PartProof(part_bytes(name, parts[name]), salts[name], index, len(names), path)


def verify_part(proof: PartProof, root: bytes) -> bool:
    """Whether the part that `proof` shows is one of those that `root` commits to."""
    entry = sha256(proof.salt + proof.part).digest()
    return proves_inclusion(entry, proof.place, proof.size, proof.path, root)


def _entries(parts: Mapping[str, Any], salts: Mapping[str, bytes]) -> list[bytes]:
    return [sha256(salts[name] + part_bytes(name, parts[name])).digest() for name in sorted(parts)]
