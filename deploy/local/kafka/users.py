"""Who may sign in to the broker, and the files by which clients do."""

import json
import os
import secrets
from pathlib import Path

MECHANISM = "SCRAM-SHA-512"
NODE = "node"
ADMIN = "admin"
PLATFORM = "platform"
#: The nodes themselves, an administrator who may do everything, and the platform, which may do what it is granted.
USERS = (NODE, ADMIN, PLATFORM)


def make_users(folder: Path) -> dict[str, str]:
    """A password for each user, with the files that the platform and Kafka's own tools read."""
    return {user: make_user(folder, user) for user in USERS}


def make_user(folder: Path, user: str) -> str:
    """A password for one user, with its files; the broker has to be told of it."""
    password = secrets.token_urlsafe(24)
    write_private(credentials_file(folder, user), json.dumps(_credentials(user, password), indent=2))
    write_private(properties_file(folder, user), _properties(user, password))
    return password


def password_of(folder: Path, user: str) -> str:
    """The user's password."""
    return str(json.loads(credentials_file(folder, user).read_text())["password"])


def credentials_file(folder: Path, user: str) -> Path:
    """What EHCP_KAFKA_CREDENTIALS names."""
    return folder / f"{user}.json"


def properties_file(folder: Path, user: str) -> Path:
    """What the option --command-config of Kafka's tools names."""
    return folder / f"{user}.properties"


def scram_login(user: str, password: str) -> str:
    """How Java's clients are told a user and a password."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    return f'{module} required username="{user}" password="{password}";'


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _credentials(user: str, password: str) -> dict[str, str]:
    return {"protocol": "SASL_PLAINTEXT", "mechanism": MECHANISM, "username": user, "password": password}


def _properties(user: str, password: str) -> str:
    login = f"sasl.jaas.config={scram_login(user, password)}"
    return f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism={MECHANISM}\n{login}\n"
