"""Sealing an event for the store: its identity, its key and its bytes."""

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.plan.events import EventMetadata, JsonObject
from services.store.canonical import Checked
from services.store.framing import Envelope
from services.store.key_store import KeyStore
from services.store.sealing import seal
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG, SealedEvent

SOURCE: Final = "urn:ehcp-exchange"
"""The CloudEvents source of an installation that was not given a name of its own."""


class EventSealer:
    """Makes SealedEvents: on the caller's thread, so that the writer has nothing to do but write."""

    def __init__(self, keys: KeyStore, source: str = SOURCE) -> None:
        """`source` names the installation; the log's name is appended (`urn:ehcp-exchange:plan`)."""
        self._keys = keys
        self._sources = {log: f"{source}:{log}" for log in (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG)}

    def seal(
        self,
        plan: UUID,
        sequence: int,
        type_: str,
        metadata: EventMetadata,
        content: JsonObject | Checked,
        *,
        council: str | None = None,
        draft: UUID | None = None,
        event_id: UUID | None = None,
    ) -> SealedEvent:
        """Seal one event of the plan's stream, or of the stream of one of its drafts.

        `council` (three digits) is needed for the first event of a plan: its key is made under that
        council's. Raises KeyDestroyed, UnknownKey, NotCanonical, ContentTooLarge.
        """
        opens = council if sequence == 1 and draft is None else None
        child = self._keys.new_child(plan, opens) if opens else self._keys.child_to_write(plan, council)
        stream, identity = draft or plan, event_id or uuid7()
        source = self._sources[DRAFT_LOG if draft else PLAN_LOG]
        data_key = child.data_key(stream.bytes, sequence, identity.bytes)
        state = seal(Envelope(identity, type_, source, stream, sequence), metadata, content, data_key)
        return SealedEvent(stream, sequence, type_, state, identity, plan, child.root, child.unwritten)

    def seal_disclosure(
        self,
        record: UUID,
        stream: UUID,
        type_: str,
        metadata: EventMetadata,
        data: JsonObject,
        *,
        council: str | None = None,
    ) -> SealedEvent:
        """Seal an entry of the disclosure log: the only event of its stream, under the key of the record it is about.

        The entry's id is that of its stream: random, so that no two ids tell how many entries lie between.

        `council` is needed for a record that may have no key yet. Raises KeyDestroyed, UnknownKey, NotCanonical.
        """
        child = self._keys.child_to_write(record, council)
        envelope = Envelope(stream, type_, self._sources[DISCLOSURE_LOG], stream, 1)
        state = seal(envelope, metadata, data, child.data_key(stream.bytes, 1, stream.bytes))
        return SealedEvent(stream, 1, type_, state, stream, record, child.root, child.unwritten)
