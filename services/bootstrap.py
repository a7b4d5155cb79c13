"""The composition root: every object of a process is made and wired here, and nowhere else."""

import gc
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from joserfc.jwk import KeySet
from msgspec import Struct

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import TokenChecker
from domain.plan.rules import RuleBook
from services.drafts import Drafts
from services.importing.importer import Importer
from services.keeper.bodies import Bodies
from services.keeper.keeper import RecordKeeper
from services.keeper.key_work import KeyWork
from services.keeper.resolving import Resolver
from services.plans import Plans
from services.projection.database import VIEWS_FILE
from services.projection.wiring import Projection, open_projection
from services.reading import PlanReader
from services.reference_data import SCHEMAS, load_catalogue, load_reference_data
from services.settings import Settings
from services.store.embedded import open_embedded
from services.store.errors import KeyringPermissions, StoreUnavailable, UnknownStoreVersion
from services.store.keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.worklists import Worklists

#: The development issuer's private key, beside the record.
DEVELOPMENT_KEY = "development-issuer.json"


class ConfigurationError(Exception):
    """A setting that doesn't fit; the text says which and what to do."""


#: What stops an installation from starting; the text of each says what to do.
NOT_FIT = (ConfigurationError, KeyringPermissions, UnknownStoreVersion, StoreUnavailable, ValueError)


class Platform(Struct, frozen=True, kw_only=True):
    """The services of one process."""

    settings: Settings
    rules: RuleBook
    store: RecordStore
    plans: Plans
    keeper: RecordKeeper
    drafts: Drafts
    reader: PlanReader
    projection: Projection
    worklists: Worklists
    importer: Importer
    token_checker: TokenChecker
    schemas_folder: Path = SCHEMAS

    def close(self) -> None:
        """Write what was accepted, then let go of the read models and of the record."""
        self.projection.close()
        self.store.close()


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
    checker = token_checker(settings, trusted or {})
    keyring = FileKeyring(settings.keyring_folder)
    store = _store(settings, keyring, serving=serving)
    plans = Plans(store)
    KeyWork(store, plans).catch_up()
    bodies = Bodies()
    drafts = Drafts(store, plans, rules, now)
    keeper = RecordKeeper(store, plans, rules, bodies, Resolver(store, plans, rules, bodies, now), now)
    views = settings.database_url if settings.on_postgresql else settings.data_folder / VIEWS_FILE
    projection = open_projection(store, keyring, store.listeners, views)
    spare_the_collector()
    return Platform(
        settings=settings,
        rules=rules,
        store=store,
        plans=plans,
        keeper=keeper,
        drafts=drafts,
        reader=PlanReader(plans, rules),
        projection=projection,
        worklists=Worklists(store, plans, projection.lists),
        importer=Importer(store, plans, keeper, drafts, rules),
        token_checker=checker,
    )


def _store(settings: Settings, keyring: FileKeyring, *, serving: bool) -> RecordStore:
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
    issuers = {**_configured_issuers(settings.issuers), **trusted}
    if settings.env == "development":
        issuers[ISSUER] = development_issuer(settings).public_keys()
    return TokenChecker(audience=settings.base_url, issuers=issuers)


def _configured_issuers(file: Path | None) -> dict[str, KeySet]:
    if file is None:
        return {}
    try:
        stated = json.loads(file.read_text())
        return {entry["issuer"]: KeySet.import_key_set(entry["jwks"]) for entry in stated}
    except (OSError, ValueError, KeyError, TypeError) as error:
        form = '[{"issuer": "...", "jwks": {"keys": [...]}}]'
        text = f"EHCP_ISSUERS must name a JSON file of the form {form} ({type(error).__name__})."
        raise ConfigurationError(text) from None
