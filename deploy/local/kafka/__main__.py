"""The command line: `python -m deploy.local.kafka start|stop|status|user|destroy`."""

import argparse
import sys
from pathlib import Path

from deploy.local.kafka.broker import Broker
from deploy.local.kafka.errors import KafkaBrokerError
from deploy.local.kafka.programs import CONSOLE_CONSUMER, libraries
from deploy.local.kafka.users import ADMIN, PLATFORM


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; 0 when done, 1 when it could not be, or when `status` finds no running broker."""
    given = _parser().parse_args(arguments)
    try:
        return _do(given.what, Broker(given.folder, nodes=given.nodes, profile=given.profile), given.name)
    except KafkaBrokerError as trouble:
        print(trouble, file=sys.stderr)
        return 1


def _do(what: str, broker: Broker, name: str) -> int:
    match what:
        case "start":
            broker.start()
            print(_state(broker))
            print(f"EHCP_KAFKA_BOOTSTRAP={broker.bootstrap}")
            print(f"EHCP_KAFKA_CREDENTIALS={broker.credentials(PLATFORM)}")
            print(f"Its topics: ehcp topics apply --credentials {broker.credentials(ADMIN)}")
        case "user":
            broker.add_user(name)
            print(f"User:{name} signs in by {broker.credentials(name)}, and Kafka's own tools by")
            print(f"--consumer.config {broker.tool_properties(name)}. Kafka's console consumer is")
            print(f"java -cp '{libraries()}/*' {CONSOLE_CONSUMER} --bootstrap-server {broker.bootstrap}")
        case "stop":
            broker.stop()
            print(_state(broker))
        case "destroy":
            broker.destroy()
            print(f"Nothing is left in {broker.folder}")
        case _:
            print(_state(broker))
            return 0 if broker.is_running else 1
    return 0


def _state(broker: Broker) -> str:
    if not broker.is_running:
        return "Kafka does not run"
    return f"Kafka runs on {broker.bootstrap}, processes {_listed(broker.pids)}, data in {broker.folder}"


def _listed(pids: list[int | None]) -> str:
    return ", ".join(map(str, pids))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kafka", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status", "user", "destroy"])
    parser.add_argument("--folder", type=Path, default=Path("var/local/kafka"), help="where the cluster is kept")
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1, help="how many nodes a new cluster has")
    parser.add_argument("--profile", choices=["test", "bench"], default="test", help="how much memory it takes")
    parser.add_argument("--name", default="", help="of the user that `user` adds, such as a subscriber's")
    return parser


if __name__ == "__main__":
    sys.exit(main())
