"""A machine with nothing on it: no settings, an empty folder, and the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.main import app


class Machine:
    """Runs commands in a folder of its own, with the settings that it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, str | None] = {}

    def run(self, *words: str, **settings: str) -> Result:
        """The outcome of one command."""
        return CliRunner().invoke(app, list(words), env={**self.settings, **settings})

    def write(self, name: str, content: bytes) -> str:
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    for name in ("CLIENTS", "ENV", "BASE_URL", "DATABASE_URL", "ISSUERS", "KEYRING", "TOKEN"):
        monkeypatch.delenv(f"EHCP_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return Machine(tmp_path)
