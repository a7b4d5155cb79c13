"""A PKCS#11 token for tests: SoftHSM in a folder of its own, one token for the whole process, empty for each test.

The library reads its configuration once a process, so that the token can't be another one for each test. In CI SoftHSM
has to be there; elsewhere tests are skipped without it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.token_keyring import TokenKeyring

MODULES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]
TOKEN = "ehcp-tests"  # noqa: S105 - a label
PIN = "482913"
MISSING = "SoftHSM is not installed: run deploy/local/install.sh as root, or `apt-get install softhsm2`."


class Token:
    """Where the token is, and how to open it."""

    def __init__(self, module: Path, configuration: Path) -> None:
        self.module = str(module)
        self.configuration = configuration

    def keyring(self, **more: object) -> TokenKeyring:
        return TokenKeyring(self.module, TOKEN, PIN, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """The token of this process."""
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must test on a PKCS#11 token. {MISSING}", pytrace=False)
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("softhsm")
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        made = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN]
        subprocess.run(made, check=True, capture_output=True)
        yield Token(module, configuration)


@pytest.fixture
def token(softhsm: Token) -> Token:
    """The token with no key in it."""
    keyring = softhsm.keyring()
    for info in keyring.all_keys():
        keyring.remove(info.key_id)
    keyring.close()
    return softhsm
