"""Which process belongs to a node, as /proc tells it: a number in a file may be somebody else's by now."""

from pathlib import Path

PROC = Path("/proc")


def server_of(folder: Path) -> int | None:
    """The process id of the server that runs in this node's folder, None when there is none."""
    candidates = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return next((pid for pid in candidates if _works_in(folder, pid)), None)


def _works_in(folder: Path, pid: int) -> bool:
    """Whether `pid` is a Java process in the folder (a server stays in its own; a zombie is nowhere)."""
    entry = PROC / str(pid)
    try:
        return (entry / "comm").read_text().strip() == "java" and (entry / "cwd").readlink() == folder.resolve()
    except OSError:
        return False
