"""How to reach a Kafka cluster: its addresses, and who we are there."""

from pathlib import Path
from typing import Any, Literal

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder
from msgspec.structs import fields

#: In milliseconds: how long a first connection is tried before it counts as failed.
PATIENCE_MS = 10_000


class CredentialsFault(Exception):
    """The file of credentials doesn't fit; the text says what."""


class Credentials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Who we are to the cluster: a user with a password, a client certificate, or both."""

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    principal: str | None = None

    @property
    def known_as(self) -> str:
        """How the cluster names us in its access lists: User:NAME, unless stated, as for a certificate's subject."""
        return self.principal or f"User:{self.username or 'ANONYMOUS'}"

    @property
    def is_sealed(self) -> bool:
        """Whether the cluster shows a certificate, and we show who we are: with a password, or a certificate too."""
        return self.protocol == "SASL_SSL" or (self.protocol == "SSL" and self.cert_file is not None)

    def options(self) -> dict[str, Any]:
        """As kafka-python's clients take them; what isn't stated is left to their defaults."""
        stated = {
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
            "ssl_cafile": self.ca_file,
            "ssl_certfile": self.cert_file,
            "ssl_keyfile": self.key_file,
        }
        given = {name: value for name, value in stated.items() if value is not None}
        return {"security_protocol": self.protocol, **given}


class KafkaConnection(Struct, frozen=True):
    """A cluster, as a client of ours reaches it. Without credentials: in the clear, as nobody."""

    bootstrap: str
    credentials: Credentials | None

    def options(self) -> dict[str, Any]:
        """The options of kafka-python's producer, consumer and administrator alike."""
        return {
            "bootstrap_servers": [address.strip() for address in self.bootstrap.split(",")],
            "bootstrap_timeout_ms": PATIENCE_MS,
            "reconnect_backoff_max_ms": 2_000,
            **(self.credentials.options() if self.credentials else {}),
        }


_decoder = Decoder(Credentials)


def read_credentials(file: Path | None) -> Credentials | None:
    """The credentials in a JSON file, None without one. Raises CredentialsFault, never showing what they are."""
    if file is None:
        return None
    try:
        return _decoder.decode(file.read_bytes())
    except OSError as error:
        raise CredentialsFault(f"The Kafka credentials {file} can't be read: {error.strerror}.") from None
    except (DecodeError, ValidationError):
        known = ", ".join(field.encode_name for field in fields(Credentials))
        raise CredentialsFault(f"The Kafka credentials {file} must be a JSON object with some of: {known}.") from None
