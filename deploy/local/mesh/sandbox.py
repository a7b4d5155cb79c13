"""A sandbox that lives as long as its caller needs it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[3]
ENVIRONMENT: Final = CHECKOUT / "var/local/mesh/environment"
#: The mailboxes that the sandbox comes with, and their password.
MAILBOXES: Final = {"X26ABC1": "password", "X26ABC2": "password", "X26ABC3": "password"}
SHARED_KEY: Final = "TestKey"
_START_SECONDS: Final = 30


class SandboxMissingError(Exception):
    """The sandbox isn't installed. The message says how to install it."""


@contextmanager
def sandbox() -> Iterator[str]:
    """The address of a sandbox of one's own on the loopback interface, empty, that checks each request's signature.

    Raises SandboxMissingError where it isn't installed, RuntimeError when it doesn't start.
    """
    python = ENVIRONMENT / "bin/python"
    if not python.exists():
        raise SandboxMissingError("mesh-sandbox isn't installed: run `make install-services`.")
    port = _free_port()
    command = [str(python), "-m", "uvicorn", "mesh_sandbox.api:app", "--host", "127.0.0.1", "--port", str(port)]
    settings = {"AUTH_MODE": "full", "STORE_MODE": "memory", "SHARED_KEY": SHARED_KEY}
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        command,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=1):  # noqa: S310 - our own process
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"mesh-sandbox didn't start ({sys.platform}, status {process.poll()})")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
