"""Who is believed to be who: issuers, tokens, machine clients and signing in, as the settings say."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from joserfc.jwk import KeySet

from connectors.identity.assertions import ClientAssertions
from connectors.identity.clients import ClientRegistry, FileClients, NoClients
from connectors.identity.configuration import is_loopback
from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.issuers import NO_ISSUERS, Issuers, read_issuers
from connectors.identity.keys import KeyRing
from connectors.identity.token_endpoint import TokenEndpoint
from connectors.identity.tokens import TokenChecker, TrustedIssuer
from services.directory.client_registry import InTurn
from services.directory.service import DirectoryService
from services.errors import ConfigurationError
from services.identity.attempts import Attempts
from services.identity.ending import Endings
from services.identity.sessions import Sessions
from services.identity.signing_in import SigningIn
from services.settings import Settings
from services.store.keyring import KeyedHash
from services.store.record_store import RecordStore

log = logging.getLogger(__name__)

#: The development issuer's private key, beside the record.
DEVELOPMENT_KEY = "development-issuer.json"


def development_issuer(settings: Settings) -> DevelopmentIssuer:
    """The development issuer. Raises ConfigurationError unless EHCP_ENV=development."""
    if settings.env != "development":
        raise ConfigurationError("The development issuer starts only with EHCP_ENV=development.")
    return DevelopmentIssuer.load_or_create(settings.data_folder / DEVELOPMENT_KEY)


def token_checker(settings: Settings, trusted: Mapping[str, KeySet]) -> TokenChecker:
    """Accepts tokens from the configured and trusted issuers, and in development from the development issuer."""
    return checker_of(settings, configured_issuers(settings), trusted)


def configured_issuers(settings: Settings) -> Issuers:
    """The issuers that EHCP_ISSUERS names. Raises ConfigurationFault."""
    if settings.issuers is None:
        return NO_ISSUERS
    development = settings.env == "development"
    return read_issuers(
        settings.issuers, audience=settings.base_url, development=development, complain=_keys_not_fetched
    )


def checker_of(
    settings: Settings, issuers: Issuers, trusted: Mapping[str, KeySet], endings: Endings | None = None
) -> TokenChecker:
    """The same, with issuers that were read already; `endings` tell which tokens were ended."""
    own = dict(trusted)
    if settings.env == "development":
        own[ISSUER] = development_issuer(settings).public_keys()
    audiences = (settings.base_url,)
    named = {name: TrustedIssuer(issuer=name, keys=KeyRing.of(keys), audiences=audiences) for name, keys in own.items()}
    known = {**issuers.access, **named}
    return TokenChecker(issuers=known, is_over=endings.is_over) if endings else TokenChecker(issuers=known)


def endings_of(issuers: Issuers, directory: DirectoryService, store: RecordStore, keyring: KeyedHash) -> Endings:
    """What ends tokens and sessions."""
    by_invitation = {name for name, provider in issuers.providers.items() if provider.by_invitation}
    return Endings(directory, store.family_links, keyring, lambda: datetime.now(UTC), by_invitation)


def require_proxies(settings: Settings) -> str:
    """The trusted proxies in words. Raises ConfigurationError for a header that nobody is trusted to send."""
    proxies, header = settings.proxy_networks, settings.client_certificate_header
    if header and not proxies:
        raise ConfigurationError("EHCP_CLIENT_CERTIFICATE_HEADER counts only with EHCP_TRUSTED_PROXIES: set both.")
    return ", ".join(map(str, proxies)) or "none"


def client_registry(settings: Settings) -> ClientRegistry:
    """The machine clients that EHCP_CLIENTS names. Raises ConfigurationFault."""
    return FileClients(settings.clients, complain=log.error) if settings.clients else NoClients()


def token_endpoint_of(settings: Settings, store: RecordStore, registered: ClientRegistry) -> TokenEndpoint | None:
    """The development issuer's token endpoint: only with EHCP_ENV=development, and only on this machine."""
    if settings.env != "development" or not all(map(is_loopback, (settings.public_host, settings.address[0]))):
        return None
    address = f"{settings.base_url.rstrip('/')}/oauth2/token"
    clients = InTurn((client_registry(settings), registered))
    assertions = ClientAssertions(audience=address, registry=clients, once=store.single_use)
    return TokenEndpoint(assertions=assertions, issuer=development_issuer(settings), audience=settings.base_url)


def signing_in_of(settings: Settings, issuers: Issuers, store: RecordStore, endings: Endings) -> SigningIn:
    """How people sign in."""
    return SigningIn(
        providers=issuers.providers,
        attempts=Attempts(store.index),
        once=store.single_use,
        sessions=Sessions(store.web_sessions, store.provider_sign_outs, is_over=endings.is_over),
        families=store.family_links,
        base_url=settings.base_url,
    )


def _keys_not_fetched(issuer: str, code: str) -> None:
    log.warning("the keys of %s could not be fetched: %s", issuer, code)
