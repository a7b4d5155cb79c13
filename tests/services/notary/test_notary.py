"""What is signed is the log, as far as it is durable, however the notary is stopped and started."""

import json
import threading
from base64 import b64decode
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.disclosures.values import RECORDED
from services.notary import keeping
from services.notary.keeping import GrownElsewhere
from services.notary.notes import NamedKey, is_signed_by, parsed
from services.notary.standing import LogDiffers
from services.notary.tables import tiles, trees
from services.notary.wiring import differences
from services.store.errors import MalformedState
from services.store.framing import leaf_hash
from services.store.log_table import Row
from services.store.merkle import inner_node
from services.store.tree_proofs import inclusion_path
from services.store.values import DISCLOSURE_LOG, PLAN_LOG
from tests.services.notary.conftest import ORIGIN, Office
from tests.support.recording import METADATA


def leaves(office: Office, log: str = PLAN_LOG) -> list[bytes]:
    return [leaf_hash(row[5], row[4]) for row in office.store.rows(0, 10_000, log)]


def root(hashes: list[bytes]) -> bytes:
    """MTH over hashes of leaves, as the RFC writes it."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return inner_node(root(hashes[:split]), root(hashes[split:]))


def newest(office: Office, log: str = PLAN_LOG) -> keeping.Signed | None:
    with office.database.reading() as connection:
        return keeping.newest(connection, log)


def grow(office: Office, number: int) -> None:
    plan = office.record.open()
    for step in range(number - 1):
        office.record.add(plan, "amended", data={"step": step})


def test_a_checkpoint_states_the_size_and_the_root_of_the_log(office: Office) -> None:
    assert not office.notary().step()
    assert newest(office) is None
    for number in (1, 4, 2, 300):
        grow(office, number)
        office.sign()
        signed, held = newest(office), leaves(office)
        assert signed is not None
        stated = parsed(signed.note)
        assert (stated.origin, stated.size, stated.root) == (ORIGIN, len(held), root(held))
        assert (signed.size, signed.root) == (stated.size, stated.root)
        public = office.keys.current().public_key().public_bytes_raw()
        assert is_signed_by(signed.note, NamedKey(ORIGIN, public))
    assert signed.number == 4
    assert not office.notary().step()
    assert office.side.read(PLAN_LOG) == stated


def test_the_origin_is_the_source_of_the_log_s_events(office: Office) -> None:
    """Whoever holds an event knows of which log a checkpoint has to be."""
    office.record.open()
    header = json.loads(office.store.row(1)[5][3:].split(b"}")[0] + b"}")
    assert header["source"].endswith(":plan")
    assert ORIGIN.endswith(":plan")


def test_only_what_every_copy_has_on_disk_is_signed(office: Office) -> None:
    grow(office, 5)
    upto = 2
    notary = office.notary(durable=lambda: upto)
    assert notary.step()
    assert not notary.step()
    signed = newest(office)
    assert signed is not None
    assert (signed.size, signed.root) == (2, root(leaves(office)[:2]))
    upto = 5
    assert notary.step()
    upto = 0  # a copy that was lost and is counted again
    assert not office.notary(durable=lambda: upto).step()
    signed = newest(office)
    assert signed is not None
    assert signed.size == 5


def test_a_large_log_is_taken_in_pieces_and_signed_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notary.notary.MOST", 100)
    grow(office, 350)
    assert office.notary().step()
    assert newest(office) is None
    office.sign()  # another process goes on where the first was ended
    signed = newest(office)
    assert signed is not None
    assert (signed.number, signed.size, signed.root) == (1, 350, root(leaves(office)))


def test_of_two_notaries_one_signs_and_the_other_takes_nothing_back(office: Office) -> None:
    grow(office, 3)
    seen: list[type[Exception] | bool] = []
    start = threading.Barrier(2)

    def sign() -> None:
        notary = office.notary()
        start.wait()
        try:
            seen.append(notary.step())
        except GrownElsewhere as error:
            seen.append(type(error))

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert True in seen
    assert seen.count(True) == 1
    with office.database.reading() as connection:
        assert [one.size for one in keeping.since(connection, PLAN_LOG, 0, 10)] == [3]


def test_the_disclosure_log_has_checkpoints_of_its_own(office: Office) -> None:
    grow(office, 2)
    shown = [
        office.store.seal_disclosure(UUID(int=0), uuid4(), RECORDED, METADATA, {"what": "list"}, council="000")
        for _ in range(3)
    ]
    office.store.disclose(shown).result()
    office.sign()
    office.sign(DISCLOSURE_LOG)
    plans, disclosures = newest(office), newest(office, DISCLOSURE_LOG)
    assert plans is not None
    assert disclosures is not None
    assert (plans.size, disclosures.size) == (2, 3)
    assert disclosures.root == root(leaves(office, DISCLOSURE_LOG))
    assert parsed(disclosures.note).origin.endswith(":disclosure")


def test_keys_are_exchanged_and_what_the_old_one_signed_stays_verifiable(office: Office) -> None:
    grow(office, 1)
    office.sign()
    old = office.keys.current().private_bytes_raw()
    office.keys.rotate()
    assert old != office.keys.current().private_bytes_raw()
    assert len(office.keys.public_keys()) == 2
    assert not any(old.hex() in path.read_text() for path in office.folder.glob("checkpoint.*"))
    grow(office, 1)
    office.sign()
    with office.database.reading() as connection:
        first, second = keeping.since(connection, PLAN_LOG, 0, 10)
        known = keeping.signing_keys(connection, PLAN_LOG)
    assert [one.number for one in known] == [1, 2]
    keys = [NamedKey(ORIGIN, b64decode(one.key.split("+", 2)[2])[1:]) for one in known]
    assert [is_signed_by(first.note, key) for key in keys] == [True, False]
    assert [is_signed_by(second.note, key) for key in keys] == [False, True]


def test_the_key_is_private_to_its_owner(office: Office) -> None:
    office.keys.current()
    assert {path.stat().st_mode & 0o777 for path in office.folder.glob("checkpoint.*")} == {0o600}


def test_what_is_damaged_is_not_signed(office: Office) -> None:
    grow(office, 3)

    class Damaged:
        def head(self, log: str, /) -> tuple[int, None]:
            return office.store.head(log)[0], None

        def sealed_pages(self, after: int, log: str, /, *, upto: int | None) -> object:
            for page in office.store.sealed_pages(after, log, upto=upto):
                yield [Row(*row[:5], b"\x02" if row[0] == 2 else row[5]) for row in page]

    notary = office.notary()
    notary._logs = Damaged()  # type: ignore[assignment] # noqa: SLF001 - nothing else damages an append-only log
    with pytest.raises(MalformedState):
        notary.step()
    assert newest(office) is None


def test_a_log_that_is_not_the_one_that_was_signed_is_not_signed(office: Office) -> None:
    grow(office, 3)
    office.sign()
    note = office.folder / "checkpoint.plan.note"
    note.write_text(note.read_text().replace("\n3\n", "\n4\n"))
    grow(office, 1)
    with pytest.raises(LogDiffers):
        office.notary().step()


def test_a_checkpoint_that_is_known_is_not_forgotten_by_a_smaller_one(office: Office) -> None:
    grow(office, 3)
    office.sign()
    note = (office.folder / "checkpoint.plan.note").read_text()
    office.side.keep(PLAN_LOG, note.replace("\n3\n", "\n2\n"))
    assert (office.folder / "checkpoint.plan.note").read_text() == note


def test_a_tree_that_was_lost_is_made_again_from_the_log(office: Office) -> None:
    grow(office, 300)
    office.sign()
    with office.database.writing() as connection:
        connection.execute(trees.delete())
        connection.execute(tiles.delete())
    assert differences(office.database, office.store, office.side) == []
    office.sign()
    with office.database.reading() as connection:
        edge = keeping.edge_of(connection, PLAN_LOG)
        assert len(keeping.since(connection, PLAN_LOG, 0, 10)) == 1
        assert inclusion_path(7, 300, keeping.nodes_in(connection, PLAN_LOG, edge))
    assert (edge.size, edge.root) == (300, root(leaves(office)))


@pytest.mark.parametrize("damage", [tiles.delete(), trees.update().values(edge=b"short")])
def test_a_tree_that_is_damaged_is_found_out(office: Office, damage: Any) -> None:
    grow(office, 300)
    office.sign()
    with office.database.writing() as connection:
        connection.execute(damage)
    assert differences(office.database, office.store, office.side) == ["the tree of the plan log is damaged"]


def test_a_log_that_shrinks_under_a_running_notary_is_found_out(office: Office) -> None:
    grow(office, 3)
    notary = office.notary()
    while notary.step():
        pass

    class Shorter:
        def head(self, _log: str, /) -> tuple[int, None]:
            return 2, None

    notary._logs = Shorter()  # type: ignore[assignment] # noqa: SLF001 - as above
    with pytest.raises(LogDiffers, match="ends at position 2; a checkpoint of 3 is known"):
        notary.step()
