"""Apache Kafka's own programs: where they are, and running one."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

from deploy.local.kafka.errors import KafkaBrokerError, KafkaMissingError

Profile = Literal["test", "bench"]

FETCH = Path(__file__).with_name("fetch.sh")
MISSING = "Java is not installed: run deploy/local/install.sh as root, or `apt-get install default-jre-headless maven`."
SERVER = "kafka.Kafka"
STORAGE = "kafka.tools.StorageTool"
CONFIGURATION = "kafka.admin.ConfigCommand"
CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
#: What the server says, at level INFO, once it takes requests.
STARTED = "Kafka Server started"
#: In seconds: formatting and the tools take some; the first use fetches fifty files.
PATIENCE = 300

#: A test's broker starts a second sooner without the optimising compiler, a measured one has it.
MACHINE: dict[Profile, list[str]] = {
    "test": ["-Xms96m", "-Xmx384m", "-XX:TieredStopAtLevel=1"],
    "bench": ["-Xms512m", "-Xmx1g"],
}
LOGGING = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
]


@cache
def libraries() -> Path:
    """The folder of Kafka's artifacts, fetched at first use. Raises KafkaMissingError without Java or Maven."""
    if shutil.which("java") is None:
        raise KafkaMissingError(MISSING)
    command = [FETCH]
    fetched = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603 - ours
    if fetched.returncode:
        raise KafkaMissingError(fetched.stderr.strip())
    return Path(fetched.stdout.strip())


def java(program: str, *arguments: str | Path, profile: Profile = "test") -> list[str]:
    """The command that runs one of Kafka's programs."""
    place = ["java", *MACHINE[profile], *LOGGING, "-cp", f"{libraries()}/*"]
    return [*place, program, *map(str, arguments)]


def run(program: str, *arguments: str | Path) -> str:
    """What the program printed. Raises KafkaBrokerError with its complaint when it fails."""
    finished = subprocess.run(  # noqa: S603 - our own command, no shell
        java(program, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",  # a record may hold any bytes
        check=False,
        timeout=PATIENCE,
        umask=0o077,
        env={**os.environ, "LC_ALL": "C"},
    )
    if finished.returncode:
        raise KafkaBrokerError(f"{program} failed: {finished.stderr.strip() or finished.stdout.strip()}")
    return finished.stdout


def start_server(properties: Path, log: Path, folder: Path, profile: Profile) -> None:
    """Start the server in `folder`, as a process that outlives this one."""
    behind = 'exec </dev/null >"$0" 2>&1; "$@" &'
    command = ["/bin/sh", "-c", behind, str(log), *java(SERVER, properties, profile=profile)]
    subprocess.run(command, cwd=folder, check=True, start_new_session=True, umask=0o077)  # noqa: S603 - no word of others
