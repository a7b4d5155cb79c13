"""The look for secrets finds one that is planted, and the list of what is none gives reasons."""

from pathlib import Path
from secrets import token_hex, token_urlsafe

import pytest
from joserfc.jwk import OKPKey

from tests.checks import secrets


def _private_key() -> str:
    return OKPKey.generate_key("Ed25519").as_pem(private=True).decode()


PLANTED = {
    "a private key": ("tests/support/key.pem", _private_key, "Private Key"),
    "a password in an address": ("docs/x.md", lambda: f"postgresql://x:{token_hex(8)}@h/d", "Basic Auth Credentials"),
    "a password in a setting": ("tests/x.py", lambda: f'PASSWORD = "{token_urlsafe(12)}x"', "Secret Keyword"),
    "a key of a cloud": ("deploy/x.yaml", lambda: f"id: AKIA{'ABCDEFGH23456765'}", "AWS Access Key"),
    "a random string in code": ("services/x.py", lambda: f'_IT = "{token_hex(32)}"', "Hex High Entropy String"),
    "a token of a forge": ("README.md", lambda: f"gh: ghp_{'a1B2c3D4e5' * 3}a1B2c3", "GitHub Token"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(tmp_path: Path, name: str) -> None:
    place, made, kind = PLANTED[name]
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# first line\n{made()}\n")
    found = secrets.scan(tmp_path)
    assert kind in {one.kind for one in found}
    assert {one.file for one in found} == {place}
    assert not {one.key for one in found} & secrets.listed().keys()


def test_made_up_digests_of_tests_are_not_taken_for_secrets(tmp_path: Path) -> None:
    for place in ("tests/fixtures/x.json", "schemas/x.json", "docs/log-format-vectors.json"):
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'{{"leaf": "{token_hex(32)}"}}\n')
    assert secrets.scan(tmp_path) == []


def test_whatever_is_listed_as_no_secret_has_a_reason_and_a_file() -> None:
    for (file, _, _), why in secrets.listed().items():
        assert len(why.split()) >= 3
        assert (secrets.ROOT / file).is_file()


def test_the_program_says_what_is_new_and_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(secrets, "ROOT", tmp_path)
    monkeypatch.setattr(secrets, "LISTED", tmp_path / "not_secret.json")
    secrets.LISTED.write_text("[]")
    assert secrets.main() == 0
    (tmp_path / "x.pem").write_text(_private_key())
    assert secrets.main() == 1
    assert "x.pem:1: Private Key" in capsys.readouterr().out
    (tmp_path / "x.pem").unlink()
    secrets.LISTED.write_text('[{"file": "x.pem", "kind": "Private Key", "sha1": "ab", "why": "it is none"}]')
    assert secrets.main() == 1
    assert "no longer there" in capsys.readouterr().out
