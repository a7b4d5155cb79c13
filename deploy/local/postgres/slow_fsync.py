"""The second profile: the same server on a disk whose fsync takes milliseconds (slow_fsync.c, preloaded)."""

import shutil
import subprocess
from pathlib import Path

from deploy.local.postgres.errors import PostgresError

SOURCE = Path(__file__).with_name("slow_fsync.c")


def compile_shim(folder: Path) -> Path:
    """The library that delays, compiled into `folder`. Raises PostgresError without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise PostgresError("A delayed fsync needs a C compiler: `apt-get install gcc libc6-dev`.")
    library = folder / "slow_fsync.so"
    command = [compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if finished.returncode:
        raise PostgresError(f"slow_fsync.c does not compile: {finished.stderr.strip()}")
    library.chmod(0o755)  # also under a strict umask the server's user has to read it
    return library


def preload(library: Path, delay_ms: float) -> dict[str, str]:
    """The environment in which a program's fsync takes `delay_ms` longer."""
    return {"LD_PRELOAD": str(library), "SLOW_FSYNC_US": str(round(delay_ms * 1000))}
