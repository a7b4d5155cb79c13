"""docs/log-format.md, implemented once more from its text alone, against its vectors and a real store.

Nothing of services/ is used to compute what is expected: only hashlib, json, the AEAD and zstd.
"""

import json
import sqlite3
import struct
from base64 import b64decode, urlsafe_b64decode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.plan.events import EventMetadata
from services.store.child_keys import ChildKey, child_context, event_context
from services.store.embedded import open_embedded
from services.store.framing import clear_header, frame, leaf_hash, unframe
from services.store.parts import PartProof, commitment, split, verify_part
from services.store.sealing import check_commitment, show_part
from services.store.values import PLAN_LOG, AppendGroup

DOCUMENT = Path(__file__).parents[3] / "docs" / "log-format.md"
VECTORS = json.loads(DOCUMENT.with_name("log-format-vectors.json").read_text())
EVENTS = pytest.mark.parametrize("vector", VECTORS["events"], ids=lambda vector: vector["name"])


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tree_hash(entries: list[bytes]) -> bytes:
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split_at = 1
    while split_at * 2 < len(entries):
        split_at *= 2
    return sha256(b"\x01" + tree_hash(entries[:split_at]) + tree_hash(entries[split_at:])).digest()


def parts_of(metadata: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {"metadata": metadata, "data": dict(data)}
    for carrier in ("plan", "patch"):
        if isinstance(data.get(carrier), dict):
            rest = dict(data[carrier])
            parts["data"][carrier] = {}
            if "personalDetails" in rest:
                parts["personalDetails"] = rest.pop("personalDetails")
            if isinstance(rest.get("sections"), dict):
                for letter, text in rest["sections"].items():
                    parts["section/" + letter] = text
                rest["sections"] = {}
            parts["plan"] = rest
            break
    return parts


def expected_commitment(metadata: dict[str, Any], data: dict[str, Any], salts: dict[str, str]) -> bytes:
    entries = []
    for name, value in sorted(parts_of(metadata, data).items()):
        salt = urlsafe_b64decode(salts[name] + "==")
        entries.append(sha256(salt + canonical({"name": name, "value": value})).digest())
    return tree_hash(entries)


def taken_apart(state: bytes) -> tuple[bytes, bytes, bytes]:
    form, length = struct.unpack(">BH", state[:3])
    assert form == 1
    return state[3 : 3 + length], state[3 + length : 35 + length], state[35 + length :]


def expected_leaf(state: bytes, time: int) -> bytes:
    header, root, ciphertext = taken_apart(state)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    fields = json.loads(header) | {"time": moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"}
    return sha256(b"\x00" + canonical(fields) + root + sha256(ciphertext).digest()).digest()


def opened(state: bytes, stream: UUID, sequence: int, type_: str, key: bytes) -> dict[str, Any]:
    _, _, ciphertext = taken_apart(state)
    bound = stream.bytes + struct.pack(">Q", sequence) + type_.encode()
    folded = AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], bound)
    plaintext = zstandard.ZstdDecompressor().decompress(folded)
    value: dict[str, Any] = json.loads(plaintext)
    assert canonical(value) == plaintext
    return value


@EVENTS
def test_a_stranger_s_reader_opens_each_vector(vector: dict[str, Any]) -> None:
    state = b64decode(vector["state"])
    value = opened(state, UUID(vector["subject"]), vector["sequence"], vector["type"], bytes.fromhex(vector["dataKey"]))
    assert value == {name: vector[name] for name in ("metadata", "data", "salts")}


@EVENTS
def test_a_stranger_s_verifier_comes_to_the_same_commitment_and_leaf(vector: dict[str, Any]) -> None:
    state = b64decode(vector["state"])
    header, root, _ = taken_apart(state)
    assert header.decode() == vector["header"]
    assert root.hex() == vector["commitment"]
    assert expected_commitment(vector["metadata"], vector["data"], vector["salts"]) == root
    assert expected_leaf(state, vector["time"]).hex() == vector["leaf"]


@EVENTS
def test_our_code_comes_to_the_values_of_the_vectors(vector: dict[str, Any]) -> None:
    state, subject, key = (
        b64decode(vector["state"]),
        UUID(vector["subject"]),
        bytes.fromhex(vector["dataKey"]),
    )
    place = (subject, vector["sequence"], vector["type"], key)
    parts = split(vector["metadata"], vector["data"])
    salts = {name: urlsafe_b64decode(salt + "==") for name, salt in vector["salts"].items()}
    assert [part["name"] for part in vector["parts"]] == sorted(parts)
    assert commitment(parts, salts).hex() == vector["commitment"]
    assert unframe(state).ciphertext.hex() == vector["ciphertext"]
    assert frame(vector["header"].encode(), bytes.fromhex(vector["commitment"]), unframe(state).ciphertext) == state
    assert clear_header(state, vector["time"]).decode() == vector["clearHeader"]
    assert leaf_hash(state, vector["time"]).hex() == vector["leaf"]
    assert check_commitment(state, *place).data == vector["data"]
    proof = vector["proof"]
    shown = PartProof(
        proof["part"].encode(),
        bytes.fromhex(proof["salt"]),
        proof["place"],
        proof["size"],
        tuple(bytes.fromhex(node) for node in proof["path"]),
    )
    assert show_part(json.loads(proof["part"])["name"], state, *place) == shown
    assert verify_part(shown, bytes.fromhex(vector["commitment"]))


def test_keys_are_wrapped_as_written() -> None:
    keys = VECTORS["keys"]
    plan, stream, event = UUID(keys["plan"]), UUID(keys["stream"]), UUID(keys["eventId"])
    wrapped = bytes.fromhex(keys["wrappedChildKey"])
    bound = b"ehcp child key 1\x00" + plan.bytes + b"855"
    child = AESGCM(bytes.fromhex(keys["councilKey"])).decrypt(wrapped[:12], wrapped[12:], bound)
    assert child.hex() == keys["childKey"]
    assert bound == child_context(plan, keys["council"])
    wrapped = bytes.fromhex(keys["wrappedDataKey"])
    bound = b"ehcp event key 1\x00" + stream.bytes + struct.pack(">Q", keys["sequence"]) + event.bytes
    assert AESGCM(child).decrypt(wrapped[:12], wrapped[12:], bound).hex() == keys["dataKey"]
    ours = ChildKey(plan, child)
    assert ours.unwrap(wrapped, event_context(stream.bytes, 1, event.bytes)).hex() == keys["dataKey"]


def test_keys_are_derived_as_written() -> None:
    keys = VECTORS["keys"]
    plan, stream, event = UUID(keys["plan"]), UUID(keys["stream"]), UUID(keys["eventId"])
    wrapped = bytes.fromhex(keys["wrappedChildKeyWithRoot"])
    bound = b"ehcp child key 1\x00" + plan.bytes + b"855"
    child = AESGCM(bytes.fromhex(keys["councilKey"])).decrypt(wrapped[:12], wrapped[12:], bound)
    assert child.hex() == keys["childKey"] + keys["root"]
    place = stream.bytes + struct.pack(">Q", keys["sequence"]) + event.bytes
    derived = blake2b(place, digest_size=32, key=child[32:], person=b"ehcp data key 1").digest()
    assert derived.hex() == keys["derivedDataKey"]
    ours = ChildKey(plan, child, number=1)
    assert ours.data_key(stream.bytes, keys["sequence"], event.bytes) == derived
    rows = bytes.fromhex(keys["wrappedDataKey"])
    context = event_context(stream.bytes, keys["sequence"], event.bytes)
    assert ours.unwrap(rows, context).hex() == keys["dataKey"], "the half that wraps is what it was"


def test_the_store_derives_and_writes_down_keys_as_the_document_says(tmp_path: Path) -> None:
    """With the keyring and the two files in hand, and nothing else of ours."""
    plan = UUID(int=78)
    metadata = EventMetadata(effectiveon="2026-09-01", actor="p", actororg="la:855", actorrole="service", mode="RECORD")
    with open_embedded(tmp_path) as store:
        for sequence in range(1, 6):
            event = store.seal(plan, sequence, "ehcp.plan.amended.v1", metadata, {"n": sequence}, council="855")
            store.append(AppendGroup({PLAN_LOG: [event]}))
            if sequence == 3:
                store.erase_event(plan, 2)
    council = bytes.fromhex((tmp_path / "keyring" / "la-855.1.key").read_text())
    with closing(sqlite3.connect(tmp_path / "keys.sqlite")) as keys:
        ((code, wrapped, upto),) = keys.execute("SELECT council, wrapped, rows_upto FROM child_key").fetchall()
        rows = dict(keys.execute("SELECT event_id, wrapped FROM event_key").fetchall())
    bound = b"ehcp child key 1\x00" + plan.bytes + code.encode()
    child = AESGCM(council).decrypt(wrapped[:12], wrapped[12:], bound)
    found = []
    with closing(sqlite3.connect(tmp_path / "record.sqlite")) as record:
        for position, sequence, state in record.execute("SELECT position, sequence, state FROM plan_event"):
            identity = UUID(json.loads(taken_apart(state)[0])["id"]).bytes
            place = plan.bytes + struct.pack(">Q", sequence) + identity
            if position > json.loads(upto)["plan"]:
                key = blake2b(place, digest_size=32, key=child[32:], person=b"ehcp data key 1").digest()
            elif identity in rows:
                row = rows[identity]
                key = AESGCM(child[:32]).decrypt(row[:12], row[12:], b"ehcp event key 1\x00" + place)
            else:
                continue
            found.append(opened(state, plan, sequence, "ehcp.plan.amended.v1", key)["data"]["n"])
    assert found == [1, 3, 4, 5]


def test_what_the_store_writes_is_what_the_document_says(tmp_path: Path) -> None:
    plan = UUID(int=77)
    metadata = EventMetadata(
        effectiveon="2026-09-01",
        actor="person:p1",
        actororg="la:855",
        actorrole="case-officer",
        mode="PERFORM",
    )
    data = {"patch": {"sections": {"F": {"provisions": {"provision-1": {"order": 1}}}}}, "note": "é\u2028"}
    with open_embedded(tmp_path, source="urn:test") as store:
        event = store.seal(plan, 1, "ehcp.plan.amended.v1", metadata, data, council="855")
        (appended,) = store.append(AppendGroup({PLAN_LOG: [event]}))
        key = store.data_key(1)
    assert key is not None
    value = opened(event.state, plan, 1, "ehcp.plan.amended.v1", key)
    assert value["data"] == data
    assert expected_commitment(value["metadata"], value["data"], value["salts"]) == taken_apart(event.state)[1]
    assert expected_leaf(event.state, appended.time) == appended.leaf
    assert json.loads(taken_apart(event.state)[0]) == {
        "datacontenttype": "application/json",
        "dataschema": "https://ehcp-exchange.example/schemas/events/ehcp.plan.amended.v1.schema.json",
        "id": str(event.event_id),
        "sequence": "1",
        "source": "urn:test:plan",
        "specversion": "1.0",
        "subject": str(plan),
        "type": "ehcp.plan.amended.v1",
    }


def test_the_figures_printed_in_the_document_are_those_of_the_vectors() -> None:
    text = DOCUMENT.read_text()
    first = VECTORS["events"][0]
    for figure in ("clearHeader", "commitment", "leaf", "associatedData", "dataKey"):
        assert first[figure] in text, figure
    for part in first["parts"]:
        assert part["entry"] in text
        assert part["part"] in text
