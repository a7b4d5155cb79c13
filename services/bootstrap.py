"""The composition root: every object of a process is made and wired here, and nowhere else."""

import gc
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from joserfc.jwk import KeySet
from msgspec import Struct
from prometheus_client import Gauge

from connectors.identity.token_endpoint import TokenEndpoint
from connectors.identity.tokens import TokenChecker
from domain.access import Access
from domain.calendar import london_date
from domain.signals.changes import Changes
from services.directory.client_registry import DirectoryClients
from services.directory.service import DirectoryService
from services.disclosures.accounting import Disclosures
from services.disclosures.breaches import BreachFinder
from services.disclosures.emergency import EmergencyReads
from services.disclosures.listing import DisclosureLists
from services.disclosures.reviews import Reviews
from services.drafts import Drafts
from services.entitlements import Entitlements
from services.entity_tags import EntityTags
from services.errors import ConfigurationError
from services.identity.ending import Endings, require_operator_key
from services.identity.inviting import Inviting
from services.identity.signing_in import SigningIn
from services.identity.wiring import (
    checker_of,
    configured_issuers,
    endings_of,
    require_proxies,
    signing_in_of,
    token_endpoint_of,
)
from services.importing.importer import Importer
from services.index_rotation import IndexRotation, open_index_rotation
from services.keeper.bodies import Bodies
from services.keeper.keeper import RecordKeeper
from services.keeper.key_watch import KeyWatch
from services.keeper.key_work import KeyWork
from services.keeper.resolving import Resolver
from services.keyrings import open_keyring
from services.notary.wiring import Notarisation, open_notarisation
from services.outside import lags_of, mailbox_of, publication_of, topics_of
from services.plans import Plans
from services.projection.database import VIEWS_FILE
from services.projection.wiring import Projection, open_projection
from services.reading import PlanReader
from services.reference_data import SCHEMAS, load_signal_types
from services.retention.certificates import Certificates
from services.retention.erasing import Erasing
from services.retention.listing import RetentionLists
from services.retention.telling import Telling
from services.rules.adopting import AdoptedRules
from services.rules.desk import RulesDesk
from services.rules.editions import shipped
from services.rules.first_start import adopt_first
from services.rules.in_force import RulesInForce
from services.settings import Settings
from services.signals.database import SIGNALS_FILE
from services.signals.lags import Lags
from services.signals.targets import Targets
from services.signals.wiring import Sending, Signals, open_signals
from services.store.background_rewrap import BackgroundRewrap
from services.store.embedded import open_embedded
from services.store.errors import KeyringPermissions, StoreError, StoreUnavailable, UnknownKey, UnknownStoreVersion
from services.store.keyring import KeyCustody
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.subject_access.service import SubjectAccess
from services.subject_access.wiring import open_subject_access
from services.transport import require_sealed_transport
from services.unknown_plan import as_long
from services.worklists import Worklists

if TYPE_CHECKING:
    from services.publishing.wiring import Publication

log = logging.getLogger(__name__)
REFUSING = Gauge("ehcp_writes_refused", "1 while no act is taken, since the log isn't the one that was signed")

#: What stops an installation from starting; the text of each says what to do.
NOT_FIT = (ConfigurationError, KeyringPermissions, UnknownKey, UnknownStoreVersion, StoreUnavailable, ValueError)


class Platform(Struct, frozen=True, kw_only=True):
    """The services of one process."""

    settings: Settings
    rules: RulesInForce
    rules_desk: RulesDesk
    access: Access
    keyring: KeyCustody
    store: RecordStore
    key_rewrap: BackgroundRewrap
    index_rotation: IndexRotation
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
    lags: Lags
    notary: Notarisation
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
    endings: Endings
    inviting: Inviting
    schemas_folder: Path = SCHEMAS

    def close(self) -> None:
        """Write what was accepted, then let go of the read models and of the record."""
        self.key_rewrap.stop()
        self.key_watch.stop()
        self.signals.close()
        if self.publication is not None:
            self.publication.stop()
        self.notary.close()
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
    require_sealed_transport(settings)
    issuers = configured_issuers(settings)
    require_proxies(settings)
    keyring = open_keyring(settings)
    store = _store(settings, keyring, serving=serving)
    notary = open_notarisation(settings, store, lambda actor: access.is_auditor(actor, london_date(now())), now)
    differences = notary.differences()
    plans = Plans(store)
    directory = DirectoryService(store.directory, now)
    registered = DirectoryClients(directory, utc_now)
    rules = RulesInForce(AdoptedRules(store.adoption, store.rules_content), now)
    access = Access(rules, rules.catalogue, directory)
    plans.when_unknown = as_long(access, now)
    erasing = Erasing(store, plans)
    key_work = KeyWork(store, erasing)
    try:
        store.council_keys.require_held(keyring)
        store.index_keys.require_held(keyring)
        require_operator_key(directory, keyring)
        adopt_first(rules.adopted, shipped(), rules.today().isoformat())
        key_work.catch_up()
    except (ConfigurationError, StoreError):
        notary.close()
        store.close()
        keyring.close()
        raise
    REFUSING.set(0)
    for difference in differences:
        refuse_writes(store, difference)
    bodies, drafts = Bodies(), Drafts(store, plans, rules, access, now)
    lists = DisclosureLists(store, plans, rules, access, directory.name, now)
    requested, subject_access = open_subject_access(store, plans, rules, access, lists, now)
    resolver = Resolver(store, plans, rules, bodies, requested, now)
    keeper = RecordKeeper(store, plans, rules, bodies, resolver, access, key_work, now)
    views = settings.database_url if settings.on_postgresql else settings.data_folder / VIEWS_FILE
    projection = open_projection(store, store.index, store.listeners, views)
    tags, disclosures = EntityTags(store.index, access, now), Disclosures(store, now)
    reader = PlanReader(plans, rules, access, tags, now)
    sending = Sending(
        types=load_signal_types(),
        access=access,
        turns=lambda: Changes(rules.turns(), directory.organisations(), directory.successions()),
        catalogue=rules.catalogue,
        directory=directory,
        disclosures=disclosures,
        is_over=lambda one: endings.is_over_for(one.issuer, one.client, one.recipient, one.begun // 1_000_000),
        source=settings.source,
        base_url=settings.base_url,
        targets=Targets(settings.webhook_targets, settings.webhook_host_names, topics_of(settings)),
        mesh=mailbox_of(settings),
        now=now,
    )
    outgoing = settings.database_url if settings.on_postgresql else settings.data_folder / SIGNALS_FILE
    signals = open_signals(store, plans, sending, outgoing)
    publication = publication_of(settings, store, signals, disclosures, notary)
    if publication is not None:
        publication.look_ahead(lambda why: refuse_writes(store, why))
    endings = endings_of(issuers, directory, store, keyring)
    rotation = open_index_rotation(store, plans, projection, signals)
    certificates = erasing.certificates
    telling = Telling(store, certificates, access, keeper.today)
    spare_the_collector()
    return Platform(
        settings=settings,
        rules=rules,
        rules_desk=RulesDesk(rules),
        access=access,
        keyring=keyring,
        store=store,
        key_rewrap=BackgroundRewrap(
            store.council_keys, keyring, beside=lambda stopping: rotation.follow(keyring, stopping)
        ),
        index_rotation=rotation,
        key_watch=KeyWatch(store, key_work, utc_now),
        key_work=key_work,
        plans=plans,
        keeper=keeper,
        drafts=drafts,
        entitlements=Entitlements(plans, rules, access, now),
        reader=reader,
        disclosures=disclosures,
        disclosure_lists=lists,
        breaches=BreachFinder(store, plans, lists),
        emergencies=EmergencyReads(store, plans, reader, disclosures, now),
        reviews=Reviews(store, lists, disclosures, access, now),
        subject_access=subject_access,
        projection=projection,
        publication=publication,
        lags=lags_of(settings, lambda: store.head()[0], signals.database),
        notary=notary,
        worklists=Worklists(store, plans, projection.lists, access, now),
        signals=signals,
        directory=directory,
        importer=Importer(store, plans, keeper, drafts, rules),
        certificates=certificates,
        telling=telling,
        retention=RetentionLists(store, plans, rules, certificates, telling, keeper.today),
        token_checker=checker_of(settings, issuers, trusted or {}, endings),
        token_endpoint=token_endpoint_of(settings, store, registered),
        signing_in=signing_in_of(settings, issuers, store, endings),
        endings=endings,
        inviting=Inviting(plans, store.family_links, access, now),
    )


def refuse_writes(store: RecordStore, why: str) -> None:
    """Take no act any more, and say so: the record isn't the one that was signed or published."""
    log.error("nothing is recorded any more: %s", why)
    store.refuse_writes(why)
    REFUSING.set(1)


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
