"""Where PostgreSQL's programs are, and who runs them."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.postgres.errors import PostgresError, PostgresMissingError

#: Debian keeps the programs of each version apart, outside PATH.
DEBIAN = Path("/usr/lib/postgresql")
NEEDED = ("initdb", "pg_ctl", "postgres", "psql", "createdb", "pg_isready")
MISSING = "PostgreSQL is not installed: run deploy/local/install.sh as root, or `apt-get install postgresql`."
#: In seconds: nothing that is asked of these programs takes long, but recovery after a crash may take a while.
PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Account:
    """The user that the server runs as: ourselves, or another when we are root, whom the server refuses."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is not the user of this process."""
        return self.uid != os.geteuid()

    def own(self, path: Path) -> None:
        """Hand `path` to the account."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Ourselves; for root the user `postgres` of Debian's packages, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresError("PostgreSQL refuses to run as root, and this system has no user `postgres` or `nobody`.")


def find_programs() -> Path:
    """The folder of the newest PostgreSQL: Debian's under /usr/lib/postgresql, else whatever is on PATH."""
    versions = [folder for folder in DEBIAN.glob("[0-9]*/bin") if _is_complete(folder)]
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    found = shutil.which("pg_ctl")
    if found and _is_complete(Path(found).resolve().parent):
        return Path(found).resolve().parent
    raise PostgresMissingError(MISSING)


def _is_complete(folder: Path) -> bool:
    """Whether the server is there too: a client's packages use the same folder."""
    return all((folder / name).exists() for name in NEEDED)


class Programs:
    """PostgreSQL's programs, run as the server's account and untouched by the caller's PG... variables."""

    def __init__(self) -> None:
        self.folder = find_programs()
        self.account = server_account()

    def run(self, name: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
        """What the program printed. Raises PostgresError with its complaint when it fails."""
        finished = self.attempt(name, *arguments, environment=environment)
        if finished.returncode:
            raise PostgresError(f"{name} failed: {finished.stderr.strip() or finished.stdout.strip()}")
        return finished.stdout

    def attempt(
        self, name: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the program and tell how it ended."""
        return self.as_server([self.folder / name, *arguments], environment=environment)

    def as_server(
        self, command: list[str | Path], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run any command as the server's account, from a folder that everybody may enter."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        other = self.account.is_other
        return subprocess.run(  # noqa: S603 - our own commands, no shell
            command,
            cwd="/",
            env={**inherited, "LC_ALL": "C", **(environment or {})},
            user=self.account.uid if other else None,
            group=self.account.gid if other else None,
            extra_groups=[] if other else None,
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
