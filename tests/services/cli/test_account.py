"""Who gives a command is whose account the system says it is."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from services.cli import account as module
from services.cli.account import account


@pytest.mark.parametrize("written", ["4294967295", "", "x"])
def test_without_a_login_it_is_the_user_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (tmp_path / "loginuid").write_text(written)
    monkeypatch.setattr(module, "LOGIN", tmp_path / "loginuid")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "1")
    assert account() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(module, "LOGIN", tmp_path / "none")
    assert account() == pwd.getpwuid(os.getuid()).pw_name


def test_two_people_who_use_one_account_by_their_own_logins_are_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOGIN", tmp_path / "loginuid")
    found = []
    for number in (0, 54_321, 54_322):
        (tmp_path / "loginuid").write_text(f"{number}\n")
        found.append(account())
    assert found == ["root", "54321", "54322"]
