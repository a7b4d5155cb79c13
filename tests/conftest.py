"""What every test shares: hypothesis measures no time, and prints what repeats a failure; servers for who asks."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.mesh",
    "tests.support.postgres",
    "tests.support.softhsm",
]

# Built on the profile in force: where CI is set, hypothesis has chosen one that repeats its examples exactly.
settings.register_profile("ehcp", settings(), deadline=None, print_blob=True)
settings.load_profile("ehcp")


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """A command or a server that a test runs in this process sets what is logged: for itself, not for the next test."""
    root = logging.getLogger()
    level, handlers = root.level, [handler for handler in root.handlers if type(handler).__module__ == "services.logs"]
    yield
    root.setLevel(level)
    for handler in [one for one in root.handlers if type(one).__module__ == "services.logs"]:
        if handler not in handlers:
            root.removeHandler(handler)
