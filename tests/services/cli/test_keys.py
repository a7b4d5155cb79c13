"""`ehcp keys`: listing, exchanging and destroying the councils' keys, alone and beside a server."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from services.bootstrap import open_platform
from services.keyrings import open_keyring
from services.settings import Settings
from services.store.background_rewrap import BackgroundRewrap
from services.store.embedded import open_embedded
from services.store.errors import UnknownKey
from services.store.file_keyring import FileKeyring
from tests.services.cli.conftest import Machine
from tests.services.store.conftest import Clock, Record
from tests.services.store.test_council_keys import children
from tests.support.postgres import migrate
from tests.support.softhsm import PIN, TOKEN, Token


@pytest.fixture(params=["sqlite", "postgresql"])
def installed(request: pytest.FixtureRequest, machine: Machine) -> Machine:
    """A machine whose record, in a file or in PostgreSQL, has keys of five children."""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres")
        migrate(address)
        machine.settings["EHCP_DATABASE_URL"] = address
    fill(machine, 5)
    return machine


def fill(machine: Machine, number: int) -> None:
    platform = open_platform(settings(machine))
    children(Record(platform.store, machine.folder, Clock()), number)
    platform.close()


def settings(machine: Machine) -> Settings:
    stated = {name.removeprefix("EHCP_").lower(): value for name, value in machine.settings.items()}
    return Settings(**stated)  # type: ignore[arg-type]


def listed(machine: Machine) -> dict[str, tuple[int, bool]]:
    told = machine.run("keys", "list", "--json")
    assert told.exit_code == 0, told.output
    uses: list[dict[str, Any]] = json.loads(told.stdout)
    return {use["keyId"]: (use["children"], use["info"]["current"]) for use in uses if use["keyId"] != "index.1"}


def test_a_council_s_key_is_exchanged_and_the_old_one_destroyed(installed: Machine) -> None:
    assert listed(installed) == {"la-855.1": (5, True)}
    rotated = installed.run("keys", "rotate", "855")
    assert rotated.exit_code == 0, rotated.output
    assert "5 children's keys were wrapped anew" in rotated.stderr
    assert listed(installed) == {"la-855.1": (0, False), "la-855.2": (5, True)}
    assert installed.run("keys", "destroy", "la-855.1", "--yes").exit_code == 0
    assert listed(installed) == {"la-855.2": (5, True)}
    assert "la-855.2" in installed.run("keys", "list").stderr


def test_wrapping_anew_can_wait(installed: Machine) -> None:
    assert installed.run("keys", "rotate", "855", "--no-rewrap").exit_code == 0
    assert listed(installed)["la-855.1"] == (5, False)
    refused = installed.run("keys", "destroy", "la-855.1", "--yes")
    assert refused.exit_code == 1
    assert "rewrap first" in refused.stderr
    assert "5 children's keys" in installed.run("keys", "rewrap", "855").stderr
    assert "0 children's keys" in installed.run("keys", "rewrap").stderr


def test_destroying_asks_first(machine: Machine) -> None:
    fill(machine, 1)
    machine.run("keys", "rotate", "855")
    assert machine.run("keys", "destroy", "la-855.1").exit_code == 1
    assert "la-855.1" in listed(machine)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rotate", "85"), 2),
        (("rewrap", "index"), 2),
        (("destroy", "la-855.7", "--yes"), 1),
        (("destroy", "la-855.1", "--yes"), 1),
    ],
)
def test_what_cannot_be_done_is_said(machine: Machine, words: tuple[str, ...], code: int) -> None:
    fill(machine, 1)
    told = machine.run("keys", *words)
    assert told.exit_code == code
    assert "Stopped:" in told.stderr


def test_a_key_that_is_lost_is_said(machine: Machine) -> None:
    fill(machine, 1)
    machine.run("keys", "rotate", "855", "--no-rewrap")
    (machine.folder / "var" / "keyring" / "la-855.1.key").unlink()
    for command in ("list", "rewrap"):
        told = machine.run("keys", command)
        assert told.exit_code == 2
        assert "does not hold the key la-855.1" in told.stderr


@pytest.mark.parametrize("replaced", [False, True])
def test_a_lost_key_stops_the_platform_however_long_ago_it_was_used(
    installed: Machine, monkeypatch: pytest.MonkeyPatch, *, replaced: bool
) -> None:
    monkeypatch.setattr("services.keeper.key_work.CATCH_UP", 0)
    file = settings(installed).keyring_folder / "la-855.1.key"
    kept = file.read_bytes()
    file.write_text("00" * 32) if replaced else file.unlink()
    with pytest.raises(UnknownKey, match="bring"):
        open_platform(settings(installed))
    told = installed.run("doctor", "--json", EHCP_LOG_TO="standard-error")
    (keyring,) = (one for one in json.loads(told.stdout)["findings"] if one["name"] == "Keyring")
    assert not keyring["good"]
    assert "la-855.1" in keyring["says"]
    assert (told.exit_code, file.exists()) == (1, replaced)
    file.write_bytes(kept)
    file.chmod(0o600)
    assert listed(installed) == {"la-855.1": (5, True)}


def test_keys_that_others_can_reach_stop_every_command(machine: Machine) -> None:
    fill(machine, 1)
    (machine.folder / "var" / "keyring" / "la-855.1.key").chmod(0o644)
    told = machine.run("keys", "list")
    assert told.exit_code == 2
    assert "chmod 600" in told.stderr


def test_beside_a_server_its_record_is_listed_and_wrapped_anew_by_the_server(machine: Machine) -> None:
    folder = machine.folder / "var"
    ring = FileKeyring(folder / "keyring")
    with open_embedded(folder, keyring=ring, base_url="http://127.0.0.1:1") as store:
        children(Record(store, folder, Clock()), 4)
        background = BackgroundRewrap(store.council_keys, ring, seconds=0.01)
        background.start()
        assert listed(machine) == {"la-855.1": (4, True)}
        told = machine.run("keys", "rotate", "855")
        assert told.exit_code == 0, told.output
        assert "The server wrapped" in told.stderr
        assert listed(machine) == {"la-855.1": (0, False), "la-855.2": (4, True)}
        assert "stop it for this command" in machine.run("keys", "destroy", "la-855.1", "--yes").stderr
        background.stop()


def test_keys_in_a_token_are_exchanged_by_the_same_commands(machine: Machine, token: Token) -> None:
    pin = machine.folder / "pin"
    pin.touch(mode=0o600)
    pin.write_text(PIN)
    machine.settings["EHCP_KEYRING"] = f"pkcs11:token={TOKEN}?module-path={token.module}&pin-source=file:{pin}"
    fill(machine, 3)
    assert machine.run("keys", "rotate", "855").exit_code == 0
    assert machine.run("keys", "destroy", "la-855.1", "--yes").exit_code == 0
    assert listed(machine) == {"la-855.2": (3, True)}
    assert f"pkcs11:token={TOKEN}" in machine.run("doctor").stderr.replace("\n", "")
    assert not Path("var/keyring").exists()
    with closing(sqlite3.connect("var/keys.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM retired_key").fetchone() == (1,)


def index_keys(machine: Machine) -> dict[str, dict[str, int] | None]:
    uses: list[dict[str, Any]] = json.loads(machine.run("keys", "list", "--json").stdout)
    return {use["keyId"]: use["rows"] for use in uses if use["keyId"].startswith("index")}


def test_the_index_key_is_exchanged_and_the_old_one_destroyed(
    installed: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.index_rotation.SETTLED_SECONDS", 0)
    platform = open_platform(settings(installed))
    assert platform.store.single_use.use("assertion", "one", 2**31)
    platform.close()
    turned = installed.run("keys", "rotate-index")
    assert turned.exit_code == 0, turned.output
    assert "index.2 makes blind indexes from now on" in turned.stderr
    assert index_keys(installed) == {"index.1": {"identifiers": 0, "uses": 1}, "index.2": {"identifiers": 0}}
    assert "index.2 takes over from index.1" in installed.run("doctor").stderr
    refused = installed.run("keys", "destroy", "index.1", "--yes")
    assert refused.exit_code == 1
    assert "seconds old" in refused.stderr
    monkeypatch.setattr("services.index_rotation.HEARD_SECONDS", 0)
    assert "--at-once" in installed.run("keys", "destroy", "index.1", "--yes").stderr
    assert installed.run("keys", "destroy", "index.1", "--yes", "--at-once").exit_code == 0
    assert index_keys(installed) == {"index.2": {"identifiers": 0}}
    assert installed.run("keys", "destroy", "index.2", "--yes", "--at-once").exit_code == 1


@contextmanager
def without_key(machine: Machine, key_id: str) -> Iterator[Path]:
    """The file of a key, gone while the block runs."""
    file = settings(machine).keyring_folder / f"{key_id}.key"
    kept = file.read_bytes()
    file.unlink()
    yield file
    file.touch(mode=0o600)
    file.write_bytes(kept)


def test_without_its_index_key_no_child_is_recorded_a_second_time(installed: Machine) -> None:
    platform = open_platform(settings(installed))
    assert platform.store.single_use.use("assertion", "one", 2**31)
    platform.close()
    with without_key(installed, "index.1") as file:
        with pytest.raises(UnknownKey, match=r"index\.1, without which nothing is found"):
            open_platform(settings(installed))
        assert not file.exists()
        assert "does not hold the key index.1" in installed.run("doctor").stderr
    platform = open_platform(settings(installed))
    assert not platform.store.single_use.use("assertion", "one", 2**31)
    platform.close()


def test_without_the_key_that_knows_them_nobody_is_let_in_again(installed: Machine) -> None:
    platform = open_platform(settings(installed))
    before = datetime.now(UTC).replace(microsecond=0)
    scope = platform.endings.scope_of_person("https://sign-in.example", "person-1")
    platform.endings.end(scope, before, "left", actor="operator")
    platform.close()
    with without_key(installed, "operator.1") as file:
        with pytest.raises(UnknownKey, match=r"operator\.1"):
            open_platform(settings(installed))
        assert not file.exists()
    open_platform(settings(installed)).close()


def test_a_lost_index_key_is_named_by_the_doctor(installed: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.index_rotation.SETTLED_SECONDS", 0)
    assert installed.run("keys", "rotate-index").exit_code == 0
    ring = open_keyring(settings(installed))
    ring.remove("index.2")
    assert "does not hold the key index.2" in installed.run("doctor").stderr


def test_with_a_server_the_command_makes_the_key_and_the_server_does_the_rest(machine: Machine) -> None:
    platform = open_platform(settings(machine))
    platform.store.single_use.use("assertion", "one", 2**31)
    asked = machine.run("keys", "rotate-index")
    assert asked.exit_code == 0, asked.output
    assert machine.run("keys", "rotate-index").exit_code == 0
    platform.index_rotation.follow(platform.keyring, Event())
    assert platform.store.index.accepted == (2, 1)
    assert index_keys(machine)["index.1"] == {"uses": 1}
    platform.close()
