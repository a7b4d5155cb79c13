"""`ehcp subscribe`: follow a topic of signals with a program of one's own, as a subscriber's system does."""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import msgspec
import typer

from services.cli.talk import MISUSE, result, say, stop

COMMAND_SECONDS: Final = 120
"""How long the program may take for one signal."""

_TOKEN: Final = "EHCP_TOKEN"  # noqa: S105 - the name of a variable


def subscribe(  # noqa: PLR0913, PLR0917 - each is an option of the command
    topic: Annotated[str, typer.Option(help="The topic, for example ehcp.signals.v1.ods.QJK.")],
    handler: Annotated[
        str,
        typer.Option(help='A command that gets each signal as JSON on its input, with "plan" where it was fetched.'),
    ],
    bootstrap: Annotated[str, typer.Option(envvar="EHCP_KAFKA_BOOTSTRAP", help="Where the cluster is.")] = "",
    credentials: Annotated[
        Path | None, typer.Option(envvar="EHCP_KAFKA_CREDENTIALS", help="File that says who we are to the cluster.")
    ] = None,
    books: Annotated[Path, typer.Option(help="The database in which the place is kept.")] = Path("subscriber.sqlite"),
    exchange: Annotated[
        str, typer.Option(help="The platform's address: what signals are about is fetched there, and what is missing.")
    ] = "",
    signed_in_by: Annotated[
        str, typer.Option("--token-command", help=f"A command that prints a bearer token; without it {_TOKEN} is used.")
    ] = "",
    begin: Annotated[
        bool,
        typer.Option("--begin", help='First hand over every plan as it is now, as {"plan": ...}; only on new books.'),
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="First deal again with what was put aside.")] = False,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing more comes for a while.")] = False,
) -> None:
    """Follow a topic: nothing is missed, nothing counts twice, and the place is kept in a database of one's own."""
    from kafka.errors import KafkaError

    from connectors.kafka.connection import CredentialsFault, KafkaConnection, read_credentials
    from connectors.subscriber import Desk, Follower, SignalsMissed

    if begin and not exchange:
        stop("Name the platform by --exchange: its list of plans is what --begin begins with.", MISUSE)
    if not bootstrap:
        stop("Say where the cluster is: --bootstrap or EHCP_KAFKA_BOOTSTRAP.", MISUSE)
    try:
        connection = KafkaConnection(bootstrap, read_credentials(credentials))
    except CredentialsFault as fault:
        stop(str(fault), MISUSE)
    with ExitStack() as stack:
        kept = stack.enter_context(_books(books))
        asked = stack.enter_context(_exchange(exchange, signed_in_by)) if exchange else None
        desk = Desk(topic, kept, _running(handler), exchange=asked)
        if begin:
            _begin(topic, kept, asked, handler)
        if again:
            say(f"{desk.again()} signals stay put aside.")
        try:
            follower = Follower(connection, desk)
            stack.callback(follower.close)
            say(f"Following {topic} from {kept.place(topic)[1]} on. Stop with Ctrl-C.")
            follower.run(_over(follower, until_idle=until_idle))
        except KafkaError as error:
            stop(_trouble(error, bootstrap, topic))
        except SignalsMissed as missed:
            stop(f"{missed}. Name the platform by --exchange, so that they are taken from its feed.")
        result({"topic": topic, "recipientsequence": kept.place(topic)[1], "putAside": len(kept.parked())})


def _begin(topic: str, books: Any, exchange: Any, handler: str) -> None:
    from connectors.subscriber import ExchangeUnavailable, HandlerFailed, NotFetched, begin

    run = _command(handler)
    try:
        taken = begin(topic, books, exchange, lambda plan: run({"plan": plan}))
    except (ExchangeUnavailable, NotFetched, HandlerFailed) as error:
        stop(f"The beginning was not finished: {error}. The same command begins anew.")
    say(f"{taken} plans are taken in as they are now.")


def _trouble(error: Exception, bootstrap: str, topic: str) -> str:
    """What is wrong between us and the cluster, and where to look."""
    from kafka.errors import AuthorizationError, KafkaTimeoutError

    kind = type(error).__name__
    if isinstance(error, AuthorizationError):
        return f"The cluster doesn't let this user read {topic} ({kind}): ask whoever runs the platform."
    if isinstance(error, KafkaTimeoutError):
        return f"No Kafka cluster at {bootstrap} lets us in ({kind}): are address, user, password and protocol right?"
    return f"The Kafka cluster at {bootstrap} doesn't answer as it should ({kind})."


@contextmanager
def _books(file: Path) -> Iterator[Any]:
    from connectors.subscriber import Books

    kept = Books(file)
    try:
        yield kept
    finally:
        kept.close()


@contextmanager
def _exchange(address: str, signed_in_by: str) -> Iterator[Any]:
    from connectors.subscriber import Exchange

    with Exchange(address, _token(signed_in_by)) as asked:
        yield asked


def _token(command: str) -> Callable[[], str]:
    """Where tokens come from. Ends the command when there is none."""
    if not command and not os.environ.get(_TOKEN):
        stop(f"Set {_TOKEN} or --token-command: what signals are about is fetched with a token.", MISUSE)

    def printed() -> str:
        from connectors.subscriber import ExchangeUnavailable

        try:
            done = subprocess.run(shlex.split(command), capture_output=True, check=True, timeout=COMMAND_SECONDS)  # noqa: S603 - theirs
        except (OSError, subprocess.SubprocessError) as error:
            raise ExchangeUnavailable(f"the command for a token failed: {type(error).__name__}") from None
        return done.stdout.decode().strip()

    return printed if command else lambda: os.environ[_TOKEN]


def _running(handler: str) -> Callable[[Any, Any], None]:
    """Run the command for each signal; it deals with it when it ends with 0."""
    run = _command(handler)

    def handle(told: Any, content: Any) -> None:
        run({"signal": told, **({"plan": content} if content is not None else {})})

    return handle


def _command(handler: str) -> Callable[[Any], None]:
    """Run the command with something on its input. Ends ours when it is none."""
    from connectors.subscriber import HandlerFailed

    command = shlex.split(handler)
    if not command:
        stop("Name a command that deals with signals: --handler.", MISUSE)

    def run(about: Any) -> None:
        said = msgspec.json.encode(about)
        try:
            subprocess.run(command, input=said, check=True, timeout=COMMAND_SECONDS)  # noqa: S603 - the caller's own
        except (OSError, subprocess.SubprocessError) as error:
            raise HandlerFailed(f"{command[0]}: {type(error).__name__}") from None

    return run


def _over(follower: Any, *, until_idle: bool) -> Callable[[], bool]:
    """Whether to end: after Ctrl-C or SIGTERM, or when a while passed without a record."""
    ended = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return lambda: ended or (until_idle and follower.is_idle)
