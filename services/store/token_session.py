"""A PKCS#11 token that this process is logged in to, and what its refusals mean. OASIS PKCS#11 2.40."""

from typing import Any

import pkcs11
from msgspec import Struct
from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn
from typing_extensions import override

from services.store.errors import StoreUnavailable


class TokenAddress(Struct, frozen=True, kw_only=True):
    """The token of a label, through the library `module`, for whoever knows its PIN."""

    module: str
    label: str
    pin: str

    @override
    def __repr__(self) -> str:
        return f"TokenAddress({self.label})"

    def opened(self) -> Any:
        """A session. A process that is logged in already stays so by the first of its sessions.

        Raises StoreUnavailable when there is no such library or token, or the PIN is wrong.
        """
        try:
            token = pkcs11.lib(self.module).get_token(token_label=self.label)
            try:
                return token.open(rw=True, user_pin=self.pin)
            except UserAlreadyLoggedIn:
                return token.open(rw=True)  # this process is logged in through another session
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise StoreUnavailable(
                f"the PKCS#11 token '{self.label}' can't be opened: {type(error).__name__}"
            ) from None


def unavailable(error: PKCS11Error) -> StoreUnavailable:
    """What a token's own error is to whoever asked."""
    return StoreUnavailable(f"the PKCS#11 token does not answer as it should: {type(error).__name__}")
