"""The keys that sign checkpoints, in files and in a token: what holds of both, and what a token adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pkcs11 import Attribute, KeyType, ObjectClass

from services.bootstrap import open_platform
from services.notary import token_signing_keys
from services.notary.notes import Checkpoint, NamedKey, is_signed_by, signed_note
from services.notary.signing_keys import CheckpointKeys, SigningKeys
from services.notary.token_signing_keys import TokenSigningKeys
from services.settings import Settings
from services.store.errors import StoreUnavailable
from services.store.token_session import TokenAddress
from tests.support.softhsm import PIN, TOKEN, Token

STATED = Checkpoint("urn:ehcp-exchange:test:plan", 7, bytes(32))


@pytest.fixture
def address(token: Token) -> Iterator[TokenAddress]:
    """The token with no key for checkpoints in it."""
    made = TokenAddress(module=token.module, label=TOKEN, pin=PIN)
    session = made.opened()
    for key in list(session.get_objects({Attribute.KEY_TYPE: KeyType.EC_EDWARDS})):
        key.destroy()
    yield made
    session.close()


@pytest.fixture(params=["files", "token"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], CheckpointKeys]]:
    """What another process would open anew."""
    made: list[CheckpointKeys] = []
    token = request.getfixturevalue("address") if request.param == "token" else None

    def anew() -> CheckpointKeys:
        files = SigningKeys(tmp_path / "keyring")
        made.append(TokenSigningKeys(token, files) if token else files)
        return made[-1]

    yield anew
    for keys in made:
        keys.close()
        keys.close()


def public(keys: CheckpointKeys) -> bytes:
    return keys.current().public_key().public_bytes_raw()


def test_the_first_key_is_made_when_it_is_asked_for_and_is_the_same_for_everybody(
    opened: Callable[[], CheckpointKeys],
) -> None:
    assert opened().public_keys() == []
    first = public(opened())
    assert public(opened()) == first
    assert opened().public_keys() == [first]


def test_what_it_signs_is_verified_by_its_public_half_alone(opened: Callable[[], CheckpointKeys]) -> None:
    keys = opened()
    note = signed_note(STATED, keys.current())
    assert is_signed_by(note, NamedKey(STATED.origin, public(keys)))
    assert not is_signed_by(note, NamedKey(STATED.origin, bytes(32)))
    assert not is_signed_by(note.replace("\n7\n", "\n8\n"), NamedKey(STATED.origin, public(keys)))


def test_after_an_exchange_another_key_signs_and_the_old_one_verifies_on(opened: Callable[[], CheckpointKeys]) -> None:
    before = opened()
    note, old = signed_note(STATED, before.current()), public(before)
    opened().rotate()
    new = public(before)
    assert new != old
    assert opened().public_keys() == [old, new]
    assert is_signed_by(note, NamedKey(STATED.origin, old))
    assert not is_signed_by(signed_note(STATED, before.current()), NamedKey(STATED.origin, old))
    opened().rotate()
    assert len(opened().public_keys()) == 3


def test_a_key_in_the_token_never_leaves_it_and_ends_with_its_exchange(address: TokenAddress, tmp_path: Path) -> None:
    keys = TokenSigningKeys(address, SigningKeys(tmp_path))
    keys.rotate()
    keys.rotate()
    session = address.opened()
    private = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    assert [key.label for key in private] == ["checkpoint.2"]
    assert [(key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]) for key in private] == [(True, False)]
    session.close()
    keys.close()
    assert list(tmp_path.iterdir()) == []
    assert PIN not in repr(address)


def test_a_key_that_was_in_a_file_ends_when_the_token_has_one(address: TokenAddress, tmp_path: Path) -> None:
    files = SigningKeys(tmp_path)
    old = public(files)
    secret = files.current().private_bytes_raw().hex()
    keys = TokenSigningKeys(address, files)
    new = public(keys)
    assert keys.public_keys() == [old, new]
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.1.pub"]
    assert secret not in (tmp_path / "checkpoint.1.pub").read_text()
    keys.close()


def test_of_two_keys_of_one_number_the_same_signs_in_every_process(address: TokenAddress, tmp_path: Path) -> None:
    """Two machines made the first key at the same moment: the token keeps both."""
    one, other = (TokenSigningKeys(address, SigningKeys(tmp_path)) for _ in range(2))
    one.current()
    one._make(1)
    assert public(one) == public(other)
    assert len(one.public_keys()) == 2
    one.rotate()
    assert public(one) == public(other) == one.public_keys()[-1]
    one.close()
    other.close()


def test_a_token_that_is_not_there_signs_nothing(token: Token, tmp_path: Path) -> None:
    keys = TokenSigningKeys(TokenAddress(module=token.module, label="another", pin=PIN), SigningKeys(tmp_path))
    with pytest.raises(StoreUnavailable, match="another"):
        keys.current()
    keys.close()
    assert list(tmp_path.iterdir()) == []


def test_an_installation_with_a_token_signs_its_checkpoints_with_it(
    address: TokenAddress, token: Token, tmp_path: Path
) -> None:
    pin = tmp_path / "pin"
    pin.touch(mode=0o600)
    pin.write_text(PIN)
    uri = f"pkcs11:token={TOKEN}?module-path={token.module}&pin-source=file:{pin}"
    record = f"sqlite:///{tmp_path}/record/record.sqlite"
    platform = open_platform(Settings(_env_file=None, database_url=record, keyring=uri))
    assert isinstance(platform.notary.keys, token_signing_keys.TokenSigningKeys)
    note = signed_note(STATED, platform.notary.keys.current())
    (known,) = platform.notary.keys.public_keys()
    platform.close()
    assert is_signed_by(note, NamedKey(STATED.origin, known))
    assert list((tmp_path / "record").rglob("checkpoint.*.pem")) == []
    assert address.label == TOKEN
