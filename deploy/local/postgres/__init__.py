"""A private PostgreSQL from the system's packages: for work by hand, for tests, and for benchmarks.

It has its own folder, port, socket and password, so it neither disturbs nor needs a server that is there already.
Linux only: which process is ours is read from /proc.
"""

from deploy.local.postgres.cluster import Cluster
from deploy.local.postgres.errors import PostgresError, PostgresMissingError
from deploy.local.postgres.private import EXISTING_SERVER, private_cluster, shared_server

__all__ = [
    "EXISTING_SERVER",
    "Cluster",
    "PostgresError",
    "PostgresMissingError",
    "private_cluster",
    "shared_server",
]
