"""Which processes belong to a cluster, as /proc tells it: a number in a file may be somebody else's by now."""

from pathlib import Path

PROC = Path("/proc")


def postmaster(data: Path) -> int | None:
    """The process id of the running server of this data folder, None when it does not run."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _works_in(data, pid) else None


def server_processes(data: Path) -> set[int]:
    """Every process of the server of this data folder, also those that outlive a killed postmaster for a moment."""
    candidates = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return {pid for pid in candidates if _works_in(data, pid)}


def _works_in(data: Path, pid: int) -> bool:
    """Whether `pid` is a PostgreSQL process in the data folder (each one stays in it; a zombie is nowhere)."""
    entry = PROC / str(pid)
    try:
        return (entry / "comm").read_text().strip() == "postgres" and (entry / "cwd").readlink() == data.resolve()
    except OSError:
        return False
