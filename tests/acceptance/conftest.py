"""A platform for the journeys of a file: each journey has a record of its own on it."""

from collections.abc import Iterator

import pytest

from tests.support.life import Life
from tests.support.serving import Serving, serving


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("platform")) as served:
        yield served


@pytest.fixture
def life(platform: Serving) -> Life:
    return Life(platform)
