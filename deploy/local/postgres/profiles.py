"""How a server is set up: never less durable than in real use, and sized for 2 cores and 24 GiB."""

import shlex
from typing import Literal

Profile = Literal["test", "bench"]

#: Every promise that the platform makes rests on these: no profile may loosen them.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}

COMMON = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}

#: How the C library keeps memory (glibc: mallopt(3)). A batch takes some hundred KiB and gives them back; whether the
#: system clears them anew each time would otherwise hang on what happens to lie behind them: up to 15 %.
MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(256 * 2**20), "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20)}

SIZED: dict[Profile, dict[str, str]] = {
    "test": {"shared_buffers": "128MB"},
    "bench": {
        "shared_buffers": "1GB",
        "effective_cache_size": "8GB",
        # a checkpoint in the middle of one round and not of another would be what is measured
        "checkpoint_timeout": "30min",
        "max_wal_size": "8GB",
    },
}


def server_options(profile: Profile, port: int, sockets: str) -> str:
    """The command line of the server, as `pg_ctl start -o` takes it: nothing in its folder can say otherwise."""
    settings = {**COMMON, **SIZED[profile], **DURABLE, "port": str(port), "unix_socket_directories": sockets}
    return shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
