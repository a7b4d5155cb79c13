"""Whose account on this machine gives a command: what the system says, never what the environment does.

A variable such as LOGNAME is whatever somebody writes there, and with two names one person would be two.
"""

import os
import pwd
from contextlib import suppress
from pathlib import Path
from typing import Final

#: Whose login this process comes from; Linux keeps it through sudo: a shared account stays several people.
LOGIN: Final = Path("/proc/self/loginuid")
#: What is there of a process that comes from no login, such as a service's.
_NOBODY: Final = 2**32 - 1


def account() -> str:
    """The name of the account, or its number where it has no name."""
    number = _login()
    number = os.getuid() if number is None else number
    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _login() -> int | None:
    try:
        number = int(LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY else number
