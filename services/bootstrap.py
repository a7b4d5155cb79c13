"""The composition root: every object of a process is made and wired here, and nowhere else."""

import gc
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from joserfc.jwk import KeySet
from msgspec import Struct

from connectors.identity.assertions import ClientAssertions
from connectors.identity.clients import ClientRegistry, FileClients, NoClients
from connectors.identity.configuration import is_loopback
from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.issuers import NO_ISSUERS, Issuers, read_issuers
from connectors.identity.keys import KeyRing
from connectors.identity.token_endpoint import TokenEndpoint
from connectors.identity.tokens import TokenChecker, TrustedIssuer
from domain.access import Access
from domain.plan.rules import RuleBook
from services.directory.client_registry import DirectoryClients, InTurn
from services.directory.service import DirectoryService
from services.disclosures.accounting import Disclosures
from services.disclosures.breaches import BreachFinder
from services.disclosures.emergency import EmergencyReads
from services.disclosures.listing import DisclosureLists
from services.disclosures.reviews import Reviews
from services.drafts import Drafts
from services.entitlements import Entitlements
from services.identity.attempts import Attempts
from services.identity.inviting import Inviting
from services.identity.sessions import Sessions
from services.identity.signing_in import SigningIn
from services.importing.importer import Importer
from services.keeper.bodies import Bodies
from services.keeper.keeper import RecordKeeper
from services.keeper.key_watch import KeyWatch
from services.keeper.key_work import KeyWork
from services.keeper.resolving import Resolver
from services.keyrings import open_keyring
from services.plans import Plans
from services.projection.database import VIEWS_FILE
from services.projection.wiring import Projection, open_projection
from services.reading import PlanReader
from services.reference_data import SCHEMAS, load_catalogue, load_policies, load_reference_data, load_signal_types
from services.retention.certificates import Certificates
from services.retention.erasing import Erasing
from services.retention.listing import RetentionLists
from services.retention.telling import Telling
from services.settings import Settings
from services.signals.database import SIGNALS_FILE
from services.signals.wiring import Sending, Signals, open_signals
from services.store.background_rewrap import BackgroundRewrap
from services.store.embedded import open_embedded
from services.store.errors import KeyringPermissions, StoreError, StoreUnavailable, UnknownKey, UnknownStoreVersion
from services.store.keyring import KeyCustody
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.subject_access.service import SubjectAccess
from services.worklists import Worklists

if TYPE_CHECKING:
    from connectors.nhs.mesh import Mailbox
    from services.publishing.wiring import Publication

log = logging.getLogger(__name__)

#: The development issuer's private key, beside the record.
DEVELOPMENT_KEY = "development-issuer.json"


class ConfigurationError(Exception):
    """A setting that doesn't fit; the text says which and what to do."""


#: What stops an installation from starting; the text of each says what to do.
NOT_FIT = (ConfigurationError, KeyringPermissions, UnknownKey, UnknownStoreVersion, StoreUnavailable, ValueError)


class Platform(Struct, frozen=True, kw_only=True):
    """The services of one process."""

    settings: Settings
    rules: RuleBook
    access: Access
    keyring: KeyCustody
    store: RecordStore
    key_rewrap: BackgroundRewrap
    key_watch: KeyWatch
    key_work: KeyWork
    plans: Plans
    keeper: RecordKeeper
    drafts: Drafts
    reader: PlanReader
    entitlements: Entitlements
    disclosures: Disclosures
    disclosure_lists: DisclosureLists
    breaches: BreachFinder
    emergencies: EmergencyReads
    reviews: Reviews
    subject_access: SubjectAccess
    projection: Projection
    publication: "Publication | None"
    worklists: Worklists
    signals: Signals
    directory: DirectoryService
    importer: Importer
    certificates: Certificates
    telling: Telling
    retention: RetentionLists
    token_checker: TokenChecker
    token_endpoint: TokenEndpoint | None
    signing_in: SigningIn
    inviting: Inviting
    schemas_folder: Path = SCHEMAS

    def close(self) -> None:
        """Write what was accepted, then let go of the read models and of the record."""
        self.key_rewrap.stop()
        self.key_watch.stop()
        self.signals.close()
        if self.publication is not None:
            self.publication.stop()
        self.projection.close()
        self.store.close()
        self.keyring.close()


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def spare_the_collector() -> None:
    """Let Python's cycle collector run seldom.

    Plans are large trees without cycles, and walking them costs more than deciding on them. What exists once the
    platform is wired is never walked again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def load_rules() -> RuleBook:
    """The act catalogue and the reference data of this release."""
    reference = load_reference_data()
    return RuleBook(
        catalogue=load_catalogue(),
        rule_sets=reference.rule_sets,
        holidays=reference.holidays,
        code_sets=reference.code_sets,
        retention=reference.retention,
    )


def open_platform(
    settings: Settings,
    *,
    serving: bool = False,
    trusted: Mapping[str, KeySet] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Platform:
    """Open the record and wire the services to it. `trusted` are issuers to accept beside the configured ones.

    Raises StoreOwnedElsewhere when another process has the record, ConfigurationError, KeyringPermissions,
    UnknownStoreVersion or StoreUnavailable when the installation isn't fit to start.
    """
    rules = load_rules()
    issuers = configured_issuers(settings)
    require_proxies(settings)
    keyring = open_keyring(settings)
    store = _store(settings, keyring, serving=serving)
    plans = Plans(store)
    directory = DirectoryService(store.directory, now)
    registered = DirectoryClients(directory, utc_now)
    access = Access(load_policies(), rules.catalogue, directory)
    erasing = Erasing(store, plans)
    key_work = KeyWork(store, erasing)
    try:
        key_work.catch_up()
    except StoreError:
        store.close()
        raise
    bodies = Bodies()
    drafts = Drafts(store, plans, rules, access, now)
    resolver = Resolver(store, plans, rules, bodies, now)
    keeper = RecordKeeper(store, plans, rules, bodies, resolver, access, key_work, now)
    views = settings.database_url if settings.on_postgresql else settings.data_folder / VIEWS_FILE
    projection = open_projection(store, keyring, store.listeners, views)
    reader, disclosures = PlanReader(plans, rules, access, now), Disclosures(store, now)
    sending = Sending(
        types=load_signal_types(),
        access=access,
        catalogue=rules.catalogue,
        directory=directory,
        disclosures=disclosures,
        source=settings.source,
        base_url=settings.base_url,
        webhook_networks=settings.webhook_targets,
        mesh=_mesh(settings),
        now=now,
    )
    outgoing = settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE
    signals = open_signals(store, plans, sending, outgoing)
    lists = DisclosureLists(store, plans, rules, access, now)
    certificates = erasing.certificates
    telling = Telling(store, certificates, access, keeper.today)
    spare_the_collector()
    return Platform(
        settings=settings,
        rules=rules,
        access=access,
        keyring=keyring,
        store=store,
        key_rewrap=BackgroundRewrap(store.council_keys, keyring),
        key_watch=KeyWatch(store, key_work, utc_now),
        key_work=key_work,
        plans=plans,
        keeper=keeper,
        drafts=drafts,
        entitlements=Entitlements(plans, access, now),
        reader=reader,
        disclosures=disclosures,
        disclosure_lists=lists,
        breaches=BreachFinder(plans, lists),
        emergencies=EmergencyReads(store, plans, reader, disclosures, now),
        reviews=Reviews(store, lists, disclosures, now),
        subject_access=SubjectAccess(store, plans, rules, access, lists, now),
        projection=projection,
        publication=_publication(settings, store, signals, disclosures),
        worklists=Worklists(store, plans, projection.lists, access, now),
        signals=signals,
        directory=directory,
        importer=Importer(store, plans, keeper, drafts, rules),
        certificates=certificates,
        telling=telling,
        retention=RetentionLists(store, plans, rules.retention, certificates, telling, keeper.today),
        token_checker=_checker(settings, issuers, trusted or {}),
        token_endpoint=_token_endpoint(settings, store, registered),
        signing_in=_signing_in(settings, issuers, store),
        inviting=Inviting(plans, store.family_links, access, now),
    )


def _publication(
    settings: Settings, store: RecordStore, signals: Signals, disclosures: Disclosures
) -> "Publication | None":
    """What puts the log into Kafka, where that is set; without it, nothing of it is even loaded."""
    if not settings.kafka_bootstrap:
        return None
    from connectors.kafka.connection import CredentialsFault  # noqa: PLC0415
    from connectors.kafka.declared import TopicsFault  # noqa: PLC0415
    from services.publishing.wiring import open_publication  # noqa: PLC0415

    try:
        return open_publication(settings, store, signals, disclosures)
    except (CredentialsFault, TopicsFault) as error:
        raise ConfigurationError(str(error)) from None


def _mesh(settings: Settings) -> "Callable[[], Mailbox] | None":
    """What opens our mailbox at MESH, where there is one; without it, NHS England's client isn't even loaded."""
    if not settings.mesh_url:
        return None
    from connectors.nhs.mesh import MailboxAddress, MeshMailbox  # noqa: PLC0415

    named = {"EHCP_MESH_PASSWORD_FILE": settings.mesh_password_file, "EHCP_MESH_KEY_FILE": settings.mesh_key_file}
    missing = [name for name, value in {**named, "EHCP_MESH_MAILBOX": settings.mesh_mailbox}.items() if not value]
    if missing:
        raise ConfigurationError(f"EHCP_MESH_URL is set: set {', '.join(missing)} too.")
    password, shared_key = (_secret(name, file) for name, file in named.items() if file is not None)
    address = MailboxAddress(
        url=settings.mesh_url,
        mailbox=settings.mesh_mailbox,
        password=password,
        shared_key=shared_key,
        certificate=str(settings.mesh_certificate or ""),
        private_key=str(settings.mesh_private_key or ""),
        authorities=str(settings.mesh_authorities or ""),
    )
    return lambda: MeshMailbox(address)


def _secret(name: str, file: Path) -> str:
    """The secret in a file. Raises ConfigurationError, never showing what it is."""
    try:
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise ConfigurationError(f"{name} must name a file that holds the secret: {file} can't be read, or is empty.")
    return secret


def _store(settings: Settings, keyring: KeyCustody, *, serving: bool) -> RecordStore:
    if settings.on_postgresql:
        return open_postgres(settings.database_url, keyring=keyring, source=settings.source)
    return open_embedded(
        settings.data_folder,
        record_file=settings.database_file.name,
        keyring=keyring,
        base_url=settings.base_url if serving else None,
        source=settings.source,
    )


def development_issuer(settings: Settings) -> DevelopmentIssuer:
    """The development issuer. Raises ConfigurationError unless EHCP_ENV=development."""
    if settings.env != "development":
        raise ConfigurationError("The development issuer starts only with EHCP_ENV=development.")
    return DevelopmentIssuer.load_or_create(settings.data_folder / DEVELOPMENT_KEY)


def token_checker(settings: Settings, trusted: Mapping[str, KeySet]) -> TokenChecker:
    """Accepts tokens from the configured and trusted issuers, and in development from the development issuer."""
    return _checker(settings, configured_issuers(settings), trusted)


def configured_issuers(settings: Settings) -> Issuers:
    """The issuers that EHCP_ISSUERS names. Raises ConfigurationFault."""
    if settings.issuers is None:
        return NO_ISSUERS
    loopback = settings.env == "development"
    return read_issuers(settings.issuers, audience=settings.base_url, loopback=loopback, complain=_keys_not_fetched)


def _checker(settings: Settings, issuers: Issuers, trusted: Mapping[str, KeySet]) -> TokenChecker:
    own = dict(trusted)
    if settings.env == "development":
        own[ISSUER] = development_issuer(settings).public_keys()
    audiences = (settings.base_url,)
    named = {name: TrustedIssuer(issuer=name, keys=KeyRing.of(keys), audiences=audiences) for name, keys in own.items()}
    return TokenChecker(issuers={**issuers.access, **named})


def require_proxies(settings: Settings) -> str:
    """The trusted proxies in words. Raises ConfigurationError for a header that nobody is trusted to send."""
    proxies, header = settings.proxy_networks, settings.client_certificate_header
    if header and not proxies:
        raise ConfigurationError("EHCP_CLIENT_CERTIFICATE_HEADER counts only with EHCP_TRUSTED_PROXIES: set both.")
    return ", ".join(map(str, proxies)) or "none"


def client_registry(settings: Settings) -> ClientRegistry:
    """The machine clients that EHCP_CLIENTS names. Raises ConfigurationFault."""
    return FileClients(settings.clients, complain=log.error) if settings.clients else NoClients()


def _token_endpoint(settings: Settings, store: RecordStore, registered: ClientRegistry) -> TokenEndpoint | None:
    """The development issuer's token endpoint: only with EHCP_ENV=development, and only on this machine."""
    if settings.env != "development" or not is_loopback(settings.address[0]):
        return None
    address = f"{settings.base_url.rstrip('/')}/oauth2/token"
    clients = InTurn((client_registry(settings), registered))
    assertions = ClientAssertions(audience=address, registry=clients, once=store.single_use)
    return TokenEndpoint(assertions=assertions, issuer=development_issuer(settings), audience=settings.base_url)


def _signing_in(settings: Settings, issuers: Issuers, store: RecordStore) -> SigningIn:
    return SigningIn(
        providers=issuers.providers,
        attempts=Attempts(store.index),
        once=store.single_use,
        sessions=Sessions(store.web_sessions),
        families=store.family_links,
        base_url=settings.base_url,
    )


def _keys_not_fetched(issuer: str, code: str) -> None:
    log.warning("the keys of %s could not be fetched: %s", issuer, code)
