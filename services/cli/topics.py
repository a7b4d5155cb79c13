"""`ehcp topics`: hold the Kafka cluster against what is declared, and make it so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.session import load_settings
from services.cli.talk import MISUSE, REFUSED, result, say, stop
from services.reference_data import SCHEMAS
from services.settings import Settings

if TYPE_CHECKING:
    from connectors.kafka.connection import KafkaConnection
    from connectors.kafka.declared import Declared
    from connectors.kafka.difference import Difference

AdminFile = Annotated[
    Path | None,
    typer.Option("--credentials", help="JSON file of an administrator of the cluster (default: the platform's own)."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def plan(credentials: AdminFile = None, json: Json = False) -> None:
    """Show what the cluster lacks, has differently or too much; exit 1 when there is anything. Changes nothing."""
    wanted = _reconciled(credentials, apply=False)
    _print(wanted, json=json)
    if not wanted.is_empty or wanted.strange:
        raise typer.Exit(REFUSED)


def apply(credentials: AdminFile = None, json: Json = False) -> None:
    """Make the topics, their settings and who may read and write them as declared; say what was done."""
    _print(_reconciled(credentials, apply=True), json=json)


def _reconciled(credentials: Path | None, *, apply: bool) -> "Difference":
    from connectors.kafka.administration import administration
    from connectors.kafka.connection import CredentialsFault
    from connectors.kafka.declared import TopicsFault
    from connectors.kafka.errors import KafkaRefused, KafkaUnavailable

    settings = load_settings()
    if not settings.kafka_bootstrap:
        stop("EHCP_KAFKA_BOOTSTRAP names no cluster.", MISUSE)
    try:
        declared, connection = _declared(settings), _connection(settings, credentials)
        with administration(connection) as cluster:
            return cluster.apply(declared) if apply else cluster.plan(declared)
    except (CredentialsFault, TopicsFault) as error:
        stop(str(error), MISUSE)
    except (KafkaUnavailable, KafkaRefused) as error:
        stop(str(error))


def _declared(settings: Settings) -> "Declared":
    from connectors.kafka.connection import read_credentials
    from connectors.kafka.declared import read_catalogue, read_subscribers

    platform = read_credentials(settings.kafka_credentials)
    return read_catalogue(SCHEMAS / "topics" / "topics.json").declared(
        prefix=settings.kafka_prefix,
        platform=platform.known_as if platform else "User:ANONYMOUS",
        subscribers=read_subscribers(settings.kafka_subscribers),
    )


def _connection(settings: Settings, credentials: Path | None) -> "KafkaConnection":
    from connectors.kafka.connection import KafkaConnection, read_credentials

    return KafkaConnection(settings.kafka_bootstrap, read_credentials(credentials or settings.kafka_credentials))


def _print(wanted: "Difference", *, json: bool) -> None:
    lines = list(wanted.lines())
    if json:
        result({"differences": lines, "nothingToDo": wanted.is_empty, "somebodyHasToLook": bool(wanted.strange)})
        return
    for line in lines:
        typer.echo(line)
    if wanted.strange:
        say("Somebody has to look at what is marked with ! : `ehcp topics apply` leaves it as it is.")
    elif wanted.is_empty:
        say("The cluster is as declared.")
