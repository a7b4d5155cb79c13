"""A place for clusters that the server's user can reach, which pytest's own temporary folders are not."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import require_postgres

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder that anybody may pass through; whoever starts a server in it ends it."""
    require_postgres()
    folder = Path(tempfile.mkdtemp(prefix="ehcp-test-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
