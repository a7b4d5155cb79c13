"""The adoption log as it lies in the database, for whoever looks at an installation from outside of it."""

from domain.rules import EVENTS, Adoptions
from services.record_at_rest import has_record, logs_at_rest
from services.settings import Settings
from services.store.values import ADOPTION_LOG


def adopted_in(settings: Settings) -> Adoptions:
    """What is adopted in this installation; nothing where there is no record yet.

    Raises StoreUnavailable, UnknownStoreVersion, MalformedState.
    """
    adoptions = Adoptions()
    if has_record(settings):
        with logs_at_rest(settings) as logs:
            for event in logs.clear(ADOPTION_LOG):
                adoptions.take(event.position, event.time, EVENTS.read(event.type, event.data))
    return adoptions
