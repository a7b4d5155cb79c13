"""The headers of a signed message: Standard Webhooks 1.0, symmetric signatures (`v1`, HMAC-SHA256).

While a secret is being exchanged a message carries a signature of each: the receiver accepts either.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A fresh secret, as it is told to the subscriber: "whsec_" and base64 of 32 random bytes."""
    return secret_of(secrets.token_bytes(_SECRET_BYTES))


def secret_of(content: bytes) -> str:
    """These bytes as a secret."""
    return PREFIX + b64encode(content).decode()


def signed_headers(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes with a message, signed with each of these secrets, the newest first. `timestamp` is in Unix seconds."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature: "v1," and base64 of HMAC-SHA256 over id, time and body, joined by full stops."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{b64encode(hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, sha256).digest()).decode()}"
