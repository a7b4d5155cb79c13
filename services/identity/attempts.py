"""An attempt to sign in travels with the browser, sealed: a stranger's request leaves nothing behind on our side."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec

from connectors.identity.sign_in import Attempt
from services.store.blind_index import BlindIndex
from services.store.errors import Unopenable
from services.store.sealing import decrypt, encrypt

#: How long somebody may take at the provider, in seconds.
ATTEMPT_SECONDS: Final = 900
_PLACE: Final = b"ehcp sign-in attempt 1"


class Attempts:
    """Seals attempts with a key of the installation, so that another process of it can open them."""

    def __init__(self, index: BlindIndex) -> None:
        """The key is derived from the index key: the newest seals, and any that counts opens."""
        self._index = index

    def seal(self, attempt: Attempt) -> str:
        """The attempt as the value of a cookie."""
        return urlsafe_b64encode(
            encrypt(self._key(self._index.accepted[0]), msgspec.json.encode(attempt), _PLACE)
        ).decode()

    def open(self, sealed: str, now: int) -> Attempt | None:
        """The attempt, None when it isn't one of ours or has taken too long."""
        attempt = next(filter(None, (self._opened(number, sealed) for number in self._index.accepted)), None)
        return attempt if attempt and attempt.begun <= now < attempt.begun + ATTEMPT_SECONDS else None

    def _opened(self, number: int, sealed: str) -> Attempt | None:
        try:
            content = decrypt(self._key(number), urlsafe_b64decode(sealed.encode()), _PLACE)
            return msgspec.json.decode(content, type=Attempt)
        except (ValueError, Unopenable, msgspec.MsgspecError):
            return None

    def _key(self, number: int) -> bytes:
        return self._index.secret(number, "sign-in-attempt", "1")
