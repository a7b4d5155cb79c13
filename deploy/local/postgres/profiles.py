"""How a server is set up: never less durable than in real use, and sized for 2 cores and 24 GiB."""

from typing import Literal

Profile = Literal["test", "bench"]

#: Every promise that the platform makes rests on these: no profile may loosen them.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}

COMMON = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "200",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
}

SIZED: dict[Profile, dict[str, str]] = {
    "test": {"shared_buffers": "'128MB'"},
    "bench": {
        "shared_buffers": "'1GB'",
        "effective_cache_size": "'8GB'",
        # a checkpoint in the middle of one round and not of another would be what is measured
        "checkpoint_timeout": "'30min'",
        "max_wal_size": "'8GB'",
    },
}


def settings_text(profile: Profile, port: int, sockets: str) -> str:
    """The lines of the file that postgresql.conf includes."""
    place = {"port": str(port), "unix_socket_directories": f"'{sockets}'"}
    settings = {**COMMON, **SIZED[profile], **DURABLE, **place}
    return "".join(f"{name} = {value}\n" for name, value in settings.items())
