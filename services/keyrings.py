"""Which keyring an installation has: a folder of files, or a PKCS#11 token named by a URI (RFC 7512).

EHCP_KEYRING=/etc/ehcp/keyring
EHCP_KEYRING=pkcs11:token=ehcp?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/ehcp/pin
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote

from services.settings import Settings
from services.store.file_keyring import FileKeyring
from services.store.files import refuse_open_to_others
from services.store.keyring import KeyCustody

if TYPE_CHECKING:
    from services.store.token_session import TokenAddress

SCHEME: Final = "pkcs11:"
_FORM: Final = "EHCP_KEYRING names a folder, or a token: pkcs11:token=NAME?module-path=LIBRARY&pin-source=file:PATH."


def open_keyring(settings: Settings) -> KeyCustody:
    """The keyring of this installation.

    Raises KeyringPermissions for keys or a PIN that others can reach, ValueError for a URI that says too little,
    StoreUnavailable for a token that can't be opened.
    """
    token = token_of(settings)
    if token is None:
        return FileKeyring(settings.keyring_folder)
    # Imported here: whoever keeps keys in files needs no PKCS#11.
    from services.store.token_keyring import TokenKeyring  # noqa: PLC0415

    return TokenKeyring(token.module, token.label, token.pin)


def token_of(settings: Settings) -> "TokenAddress | None":
    """The token that EHCP_KEYRING names, None where it names a folder. Raises ValueError, KeyringPermissions."""
    stated = settings.keyring or ""
    if not stated.startswith(SCHEME):
        return None
    from services.store.token_session import TokenAddress  # noqa: PLC0415

    path, _, query = stated.removeprefix(SCHEME).partition("?")
    attributes = dict(part.partition("=")[::2] for part in path.split(";"))
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    token, module = unquote(attributes.get("token", "")), asked.get("module-path", "")
    if not token or not module or "pin-source" not in asked:
        raise ValueError(_FORM)
    return TokenAddress(module=module, label=token, pin=_pin(Path(asked["pin-source"].removeprefix("file:"))))


def described(settings: Settings) -> str:
    """Where the keys are, in words."""
    stated = settings.keyring or ""
    return stated if stated.startswith(SCHEME) else f"{settings.keyring_folder}"


def _pin(file: Path) -> str:
    try:
        refuse_open_to_others(file)
        return file.read_text().strip()
    except OSError as error:
        raise ValueError(f"{file}, which should hold the token's PIN, can't be read: {error.strerror}.") from None
