"""Checkpoints and proofs by HTTP and on the command line: a stranger verifies them with nothing but a public key."""

import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.notary.notes import NamedKey, is_signed_by, parsed
from services.store.merkle import proves_leaf
from services.store.tree_proofs import proves_consistency
from services.store.values import PLAN_LOG
from tests.support.life import Life
from tests.support.serving import Caller, Serving, serving


@pytest.fixture(params=["sqlite", "postgresql"])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    address = request.getfixturevalue("migrated") if request.param == "postgresql" else ""
    with serving(tmp_path, database_url=address) as served:
        yield served


def auditor(platform: Serving) -> Caller:
    return platform.as_("auditor", "audit")


def signed(platform: Serving, lives: int) -> dict[str, Any]:
    """Some plans more, and the checkpoint of the log that holds them."""
    for _ in range(lives):
        Life(platform).imported()
    platform.platform.notary.running.look()
    found: dict[str, Any] = auditor(platform).get("/v1/audit/checkpoint").json()
    return found


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


def test_a_stranger_verifies_that_an_entry_is_in_the_log_and_that_it_only_grew(platform: Serving) -> None:
    nothing = auditor(platform).get("/v1/audit/checkpoint").json()
    assert (nothing["size"], nothing["keys"]) == (0, [])
    before = signed(platform, 1)
    after = signed(platform, 2)
    name, _, key = after["keys"][0]["key"].split("+", 2)
    for one in (before, after):
        stated = parsed(one["note"])
        assert is_signed_by(one["note"], NamedKey(name, b64decode(key)[1:]))
        assert (stated.size, stated.root) == (one["size"], b64decode(one["root"]))
    store = platform.platform.store
    assert after["size"] == store.head()[0]

    for position in (1, before["size"], after["size"]):
        proof = auditor(platform).get("/v1/audit/proofs/inclusion", position=position).json()
        leaf, root = b64decode(proof["leaf"]), parsed(after["note"]).root
        assert leaf == store.leaf(position, PLAN_LOG)
        assert proof["note"] == after["note"]
        assert proves_leaf(leaf, position - 1, proof["size"], hashes(proof["path"]), root)
    earlier = auditor(platform).get("/v1/audit/proofs/inclusion", position=1, size=before["size"]).json()
    assert earlier["root"] == before["root"]
    assert earlier["note"] == before["note"]

    grew = auditor(platform).get("/v1/audit/proofs/consistency", **{"from": before["size"]}).json()
    roots = parsed(before["note"]).root, parsed(after["note"]).root
    assert proves_consistency((before["size"], after["size"]), roots, hashes(grew["path"]))
    assert (grew["fromRoot"], grew["root"], grew["to"]) == (before["root"], after["root"], after["size"])


def test_the_checkpoint_is_for_everybody_who_is_signed_in_and_proofs_are_for_auditors(platform: Serving) -> None:
    signed(platform, 1)
    callers = [platform.officer(), platform.as_("school", "urn:199101"), platform.as_("health", "ods:QJK")]
    for caller in callers:
        assert caller.get("/v1/audit/checkpoint").status_code == 200
        assert caller.get("/v1/audit/checkpoint", log="disclosure").status_code == 403
        assert caller.get("/v1/audit/proofs/inclusion", position=1).status_code == 403
        assert caller.get("/v1/audit/proofs/consistency", **{"from": 1}).status_code == 403
    assert platform.http.get("/v1/audit/checkpoint").status_code == 401
    assert auditor(platform).get("/v1/audit/checkpoint", log="disclosure").status_code == 200


def test_proofs_say_no_more_than_hashes_and_places(platform: Serving) -> None:
    signed(platform, 1)
    proof = auditor(platform).get("/v1/audit/proofs/inclusion", position=1).json()
    assert set(proof) == {"log", "position", "size", "leaf", "path", "root", "note"}
    grew = auditor(platform).get("/v1/audit/proofs/consistency", **{"from": 1}).json()
    assert set(grew) == {"log", "from", "to", "path", "fromRoot", "root", "note"}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("inclusion", {"position": 10_000}),
        ("inclusion", {"position": 1, "size": 10_000}),
        ("inclusion", {"position": 2, "size": 1}),
        ("inclusion", {"position": 0}),
        ("inclusion", {"position": "one"}),
        ("inclusion", {}),
        ("inclusion", {"position": 1, "log": "draft"}),
        ("consistency", {"from": 10_000}),
        ("consistency", {"from": 2, "to": 1}),
        ("consistency", {"from": 1, "to": 10_000}),
        ("consistency", {"from": 0}),
    ],
)
def test_what_can_not_be_proved_is_refused_where_it_stands(tmp_path: Path, path: str, asked: dict[str, Any]) -> None:
    with serving(tmp_path) as platform:
        signed(platform, 1)
        answer = auditor(platform).get(f"/v1/audit/proofs/{path}", **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


def test_a_server_with_an_embedded_record_signs_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path, checkpoint_seconds=0.05) as platform:
        Life(platform).imported()
        head = platform.platform.store.head()[0]
        while auditor(platform).get("/v1/audit/checkpoint").json()["size"] < head:
            time.sleep(0.05)
