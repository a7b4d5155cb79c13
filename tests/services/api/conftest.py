"""A platform for the tests of a file; what one test does to a plan is nothing to the plans of the others."""

from collections.abc import Iterator

import pytest

from tests.support.life import Life
from tests.support.serving import TODAY, Serving, serving


@pytest.fixture(scope="module")
def module_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("platform")) as served:
        yield served


@pytest.fixture
def platform(module_platform: Serving) -> Serving:
    module_platform.clock.day = TODAY
    return module_platform


@pytest.fixture
def life(platform: Serving) -> Life:
    return Life(platform)
