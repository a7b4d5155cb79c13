"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path

from deploy.local.postgres.programs import find_programs


def machine() -> str:
    """Processor, memory, system, Python and PostgreSQL, in one line."""
    return ", ".join(
        (
            f"{os.cpu_count()} x {_processor()}",
            f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            _postgresql(),
        )
    )


def _processor() -> str:
    stated = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return stated.group(1) if stated else platform.machine()


def _postgresql() -> str:
    told = subprocess.run([find_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.strip().replace("postgres (PostgreSQL)", "PostgreSQL")
