"""Where benchmarks run: private servers, started when they are first needed, and a fresh database for each round."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

from deploy.local.postgres import Cluster, private_cluster
from services.store.postgres.migrating import migrate
from tests.bench.measuring import ROUNDS
from tests.support.postgres import empty_database, with_database

SLOW_FSYNC_MS = 2.0
"""What one flush takes longer on the second server: about what network block storage takes."""

_TEMPLATE = "ehcp_bench_template"


class Bench:
    """One run: how much is measured, and on which servers. Ends its servers with the `with` block."""

    def __init__(self, *, quick: bool = False, rounds: int = ROUNDS) -> None:
        self.quick = quick
        self.rounds = rounds
        self._servers: dict[bool, Cluster] = {}
        self._opened = ExitStack()

    def size(self, full: int, quick: int) -> int:
        """How many of something this run takes."""
        return quick if self.quick else full

    @contextmanager
    def empty_database(self, *, slow: bool = False) -> Iterator[str]:
        """The address of a database without a table."""
        with empty_database(self._server(slow=slow).url()) as url:
            yield url

    @contextmanager
    def database(self, *, slow: bool = False) -> Iterator[str]:
        """The address of a database with this release's tables."""
        with empty_database(self._server(slow=slow).url(), template=_TEMPLATE) as url:
            yield url

    def _server(self, *, slow: bool) -> Cluster:
        if slow not in self._servers:
            delay = SLOW_FSYNC_MS if slow else 0
            cluster = self._opened.enter_context(private_cluster(profile="bench", fsync_delay_ms=delay))
            cluster.create_database(_TEMPLATE)
            migrate(with_database(cluster.url(), _TEMPLATE))
            self._servers[slow] = cluster
        return self._servers[slow]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()
