"""One contract for every keyring: files, and a PKCS#11 token."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.keyrings import described, open_keyring
from services.settings import Settings
from services.store import token_keyring
from services.store.errors import KeyringPermissions, StoreUnavailable, UnknownKey, Unopenable
from services.store.file_keyring import FileKeyring
from services.store.keyring import KeyCustody
from tests.support.softhsm import PIN, TOKEN, Token

Open = Callable[[], KeyCustody]


@pytest.fixture(params=["files", "token"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same keyring, each time as another process would."""
    made: list[KeyCustody] = []

    seconds = iter(range(0, 10**6, 10))

    def clock() -> float:
        return float(next(seconds))

    def files() -> KeyCustody:
        return FileKeyring(tmp_path / "ring", clock=clock)

    def token() -> KeyCustody:
        found: Token = request.getfixturevalue("token")
        return found.keyring(clock=clock)

    def one() -> KeyCustody:
        made.append(files() if request.param == "files" else token())
        return made[-1]

    yield one
    for keyring in made:
        keyring.close()


@pytest.fixture
def ring(opened: Open) -> KeyCustody:
    return opened()


def ids(ring: KeyCustody) -> list[tuple[str, bool]]:
    return [(info.key_id, info.current) for info in ring.all_keys()]


def test_keys_are_made_when_they_are_first_asked_for(ring: KeyCustody) -> None:
    assert ids(ring) == []
    assert (ring.current_key("855"), ring.current_key("936")) == ("la-855.1", "la-936.1")
    ring.keyed_hash("index.1", "kind", "value")
    assert ids(ring) == [("index.1", True), ("la-855.1", True), ("la-936.1", True)]
    assert [info.council for info in ring.all_keys()] == ["", "855", "936"]


def test_a_wrapped_key_opens_only_unaltered_in_its_context_and_with_its_own_key(ring: KeyCustody) -> None:
    wrapped = ring.wrap(ring.current_key("855"), b"s" * 32, b"context")
    assert len(wrapped) == 60
    assert ring.unwrap("la-855.1", wrapped, b"context") == b"s" * 32
    altered = [bytes([wrapped[0] ^ 1]) + wrapped[1:], wrapped[:-1], wrapped[:12], b"", wrapped + b"0"]
    for attempt in [(wrapped, b"other"), (wrapped, b""), *((one, b"context") for one in altered)]:
        with pytest.raises(Unopenable):
            ring.unwrap("la-855.1", *attempt)
    with pytest.raises(Unopenable):
        ring.unwrap(ring.current_key("936"), wrapped, b"context")
    assert ring.unwrap("la-855.1", wrapped, b"context") == b"s" * 32


def test_two_wrappings_of_one_secret_differ(ring: KeyCustody) -> None:
    key_id = ring.current_key("855")
    assert ring.wrap(key_id, b"s" * 32, b"c") != ring.wrap(key_id, b"s" * 32, b"c")


def test_after_rotation_the_new_key_wraps_and_old_ones_unwrap(ring: KeyCustody, opened: Open) -> None:
    wrapped = ring.wrap(ring.current_key("855"), b"secret", b"context")
    assert [ring.rotate("855") for _ in range(10)][-1] == "la-855.11"
    again = opened()
    assert again.current_key("855") == "la-855.11"
    assert again.unwrap("la-855.1", wrapped, b"context") == b"secret"
    assert ids(again)[-1] == ("la-855.11", True)


def test_a_running_process_uses_a_key_that_another_made_and_unwraps_what_it_wrapped(opened: Open) -> None:
    here, elsewhere = opened(), opened()
    assert here.current_key("855") == elsewhere.current_key("855")
    wrapped = elsewhere.wrap(elsewhere.rotate("855"), b"secret", b"c")
    assert here.unwrap("la-855.2", wrapped, b"c") == b"secret"
    assert here.current_key("855") == "la-855.2"


def test_a_key_that_was_removed_is_gone_for_everybody_who_starts_anew(ring: KeyCustody, opened: Open) -> None:
    wrapped = ring.wrap(ring.current_key("855"), b"secret", b"c")
    ring.rotate("855")
    ring.remove("la-855.1")
    for one in (ring, opened()):
        assert ids(one) == [("la-855.2", True)]
        with pytest.raises(UnknownKey):
            one.unwrap("la-855.1", wrapped, b"c")
    with pytest.raises(UnknownKey):
        ring.remove("la-855.1")


@pytest.mark.parametrize("council", ["", "85", "8555", "../", "la-855"])
def test_a_council_is_three_digits(ring: KeyCustody, council: str) -> None:
    with pytest.raises(UnknownKey):
        ring.current_key(council)
    with pytest.raises(UnknownKey):
        ring.rotate(council)


@pytest.mark.parametrize("key_id", ["la-999.1", "index.9", "../etc/passwd", ""])
def test_a_key_that_is_not_there_is_unknown(ring: KeyCustody, key_id: str) -> None:
    with pytest.raises(UnknownKey):
        ring.wrap(key_id, b"secret", b"c")
    with pytest.raises(UnknownKey):
        ring.remove(key_id)


def test_blinded_values_are_equal_for_everybody_and_differ_by_purpose_and_value(ring: KeyCustody, opened: Open) -> None:
    blinded = ring.keyed_hash("index.1", "nhsNumber/", "9990000000")
    assert len(blinded) == 32
    assert opened().keyed_hash("index.1", "nhsNumber/", "9990000000") == blinded
    assert ring.keyed_hash("index.1", "upn/", "9990000000") != blinded
    assert ring.keyed_hash("index.1", "nhsNumber/", "9990000018") != blinded


def test_index_keys_follow_one_another_and_a_destroyed_first_one_does_not_come_back(
    ring: KeyCustody, opened: Open
) -> None:
    first = ring.keyed_hash("index.1", "upn/", "A")
    assert [ring.new_index_key(), ring.new_index_key()] == ["index.2", "index.3"]
    other = opened()
    seen = {key_id: other.keyed_hash(key_id, "upn/", "A") for key_id in ("index.1", "index.2", "index.3")}
    assert seen["index.1"] == first
    assert len(set(seen.values())) == 3
    ring.remove("index.1")
    with pytest.raises(UnknownKey):
        opened().keyed_hash("index.1", "upn/", "A")
    assert opened().new_index_key() == "index.4"


def test_the_key_that_names_operators_is_apart_from_index_keys(ring: KeyCustody, opened: Open) -> None:
    name = ring.keyed_hash("operator.1", "operator", "morwenna")
    ring.keyed_hash("index.1", "operator", "morwenna")
    ring.new_index_key()
    ring.remove("index.1")
    assert opened().keyed_hash("operator.1", "operator", "morwenna") == name
    assert [info.council for info in ring.all_keys()] == ["", ""]


def test_what_was_wrapped_under_either_of_two_keys_of_one_name_opens(token: Token) -> None:
    """Two machines made a council's first key at the same moment: the token keeps both."""
    one = token.keyring()
    wrapped = one.wrap(one.current_key("855"), b"secret", b"c")
    one._create("la-855.1")  # noqa: SLF001 - what the other machine does
    other = token.keyring()
    assert other.unwrap("la-855.1", wrapped, b"c") == b"secret"
    assert one.unwrap("la-855.1", other.wrap("la-855.1", b"theirs", b"c"), b"c") == b"theirs"


def test_a_token_that_cannot_be_opened_says_which(token: Token) -> None:
    for module, label in ((token.module, "another"), ("/nowhere/library.so", TOKEN)):
        with pytest.raises(StoreUnavailable, match=label):
            token_keyring.TokenKeyring(module, label, PIN)


def test_a_token_is_named_by_a_uri_with_its_pin_in_a_private_file(token: Token, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.touch(mode=0o600)
    pin.write_text(PIN + "\n")
    uri = f"pkcs11:token={TOKEN}?module-path={token.module}&pin-source=file:{pin}"
    settings = Settings(keyring=uri)
    assert described(settings) == uri
    keyring = open_keyring(settings)
    assert keyring.current_key("855") == "la-855.1"
    keyring.close()
    keyring.close()
    pin.chmod(0o640)
    with pytest.raises(KeyringPermissions, match="chmod 600"):
        open_keyring(settings)
    for wrong in (f"pkcs11:token={TOKEN}", f"pkcs11:?module-path=x&pin-source={pin}", uri.replace("/pin", "/none")):
        with pytest.raises(ValueError, match=r"pkcs11:token=NAME|can't be read"):
            open_keyring(Settings(keyring=wrong))


def test_a_folder_is_a_keyring_of_files(tmp_path: Path) -> None:
    settings = Settings(keyring=str(tmp_path / "ring"))
    assert open_keyring(settings).current_key("855") == "la-855.1"
    assert (tmp_path / "ring" / "la-855.1.key").stat().st_mode & 0o777 == 0o600
    assert described(settings) == str(tmp_path / "ring")


def test_a_key_file_that_others_can_reach_is_found_by_looking_at_the_keys(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path)
    ring.current_key("855")
    (tmp_path / "la-855.1.key").chmod(0o644)
    with pytest.raises(KeyringPermissions):
        ring.all_keys()


def test_a_removed_key_s_file_was_overwritten_first(tmp_path: Path) -> None:
    ring = FileKeyring(tmp_path)
    ring.current_key("855")
    ring.rotate("855")
    os.link(tmp_path / "la-855.1.key", tmp_path / "kept")
    ring.remove("la-855.1")
    assert (tmp_path / "kept").read_text().strip() == "0" * 64


def test_a_key_whose_file_is_gone_wraps_for_no_new_child(tmp_path: Path) -> None:
    seconds = iter(range(0, 1_000, 10))
    ring = FileKeyring(tmp_path, clock=lambda: float(next(seconds)))
    wrapped = ring.wrap(ring.current_key("855"), b"s" * 32, b"c")
    (tmp_path / "la-855.1.key").rename(tmp_path / "elsewhere")
    with pytest.raises(UnknownKey, match=r"la-855\.1 is gone"):
        ring.current_key("855")
    assert not (tmp_path / "la-855.1.key").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "la-855.1.key")
    assert ring.current_key("855") == "la-855.1"
    assert ring.unwrap("la-855.1", wrapped, b"c") == b"s" * 32


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
@pytest.mark.parametrize("what", [".", "la-855.1.key"])
def test_a_keyring_of_somebody_else_is_refused(tmp_path: Path, what: str) -> None:
    FileKeyring(tmp_path / "ring").current_key("855")
    os.chown(tmp_path / "ring" / what, 54_321, 54_321)
    with pytest.raises(KeyringPermissions, match="belongs to somebody else"):
        FileKeyring(tmp_path / "ring")


def test_a_keyring_that_everybody_can_put_another_in_the_place_of_is_refused(tmp_path: Path) -> None:
    FileKeyring(tmp_path / "ring").current_key("855")
    tmp_path.chmod(0o777)
    with pytest.raises(KeyringPermissions, match="chmod o-w"):
        FileKeyring(tmp_path / "ring")
    tmp_path.chmod(0o1777)
    assert FileKeyring(tmp_path / "ring").current_key("855") == "la-855.1"


def test_what_a_link_leads_to_has_to_be_private_as_well(tmp_path: Path) -> None:
    ring, elsewhere = tmp_path / "ring", tmp_path / "elsewhere"
    FileKeyring(ring).current_key("855")
    elsewhere.mkdir()
    (ring / "la-855.1.key").rename(elsewhere / "key")
    (ring / "la-855.1.key").symlink_to(elsewhere / "key")
    assert FileKeyring(ring).current_key("855") == "la-855.1"
    for spoilt, mode, right in ((elsewhere / "key", 0o644, 0o600), (elsewhere, 0o777, 0o755)):
        spoilt.chmod(mode)
        with pytest.raises(KeyringPermissions):
            FileKeyring(ring)
        spoilt.chmod(right)
