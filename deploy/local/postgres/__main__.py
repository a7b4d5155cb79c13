"""The command line: `python -m deploy.local.postgres start|stop|status|url|destroy`."""

import argparse
import sys
from pathlib import Path

from deploy.local.postgres.cluster import Cluster
from deploy.local.postgres.errors import PostgresError

DATABASE = "ehcp"


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; 0 when done, 1 when it could not be, or when `status` finds no running server."""
    given = _parser().parse_args(arguments)
    try:
        return _do(given.what, Cluster(given.folder, profile=given.profile, fsync_delay_ms=given.fsync_delay_ms))
    except PostgresError as trouble:
        print(trouble, file=sys.stderr)
        return 1


def _do(what: str, cluster: Cluster) -> int:
    match what:
        case "start":
            cluster.start()
            cluster.create_database(DATABASE)
            print(_state(cluster))
            print(f"EHCP_DATABASE_URL={cluster.url(DATABASE)}")
        case "stop":
            cluster.stop()
            print(_state(cluster))
        case "destroy":
            cluster.destroy()
            print(f"Nothing is left in {cluster.folder}")
        case "url":
            print(cluster.url(DATABASE))
        case _:
            print(_state(cluster))
            return 0 if cluster.is_running else 1
    return 0


def _state(cluster: Cluster) -> str:
    if not cluster.is_running:
        return "PostgreSQL does not run"
    return f"PostgreSQL runs on 127.0.0.1:{cluster.port}, process {cluster.pid}, data in {cluster.folder}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.postgres", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status", "url", "destroy"])
    parser.add_argument("--folder", type=Path, default=Path("var/local/postgres"), help="where the cluster is kept")
    parser.add_argument("--profile", choices=["test", "bench"], default="test", help="how much memory it takes")
    parser.add_argument("--fsync-delay-ms", type=float, default=0, help="make every fsync take this much longer")
    return parser


if __name__ == "__main__":
    sys.exit(main())
