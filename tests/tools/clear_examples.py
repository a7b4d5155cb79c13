"""One event of every type of the logs in the clear: its log, its data, and how that is read again."""

from datetime import UTC, date, datetime
from typing import Any, Final

from domain.directory.events import EVENTS as DIRECTORY
from domain.retention.certificates import EVENTS as CERTIFICATES
from domain.retention.certificates import Certificate, Decision, EntryErased, RecordErased
from domain.rules import EVENTS as ADOPTIONS
from domain.rules import AdoptedBy, AdoptionWithdrawn, RulesAdopted
from domain.signals.messages import EVENTS as MESSAGES
from domain.signals.messages import MessageAcknowledged, MessageEvent, MessageNotDelivered, MessageSent
from services.schema_tools import IN_THE_CLEAR
from tests.tools.directory_examples import EXAMPLES as HAPPENINGS

_PLAN: Final = "5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e01"
_PROPOSED: Final = Decision(by="person-1", organisation="la:855", role="records-manager", on="2041-05-04", sequence=8)
_APPROVED: Final = Decision(by="person-2", organisation="la:855", role="send-manager", on="2041-05-05", sequence=9)

_CERTIFICATES: Final[tuple[Certificate, ...]] = (
    RecordErased(
        plan=_PLAN,
        council="855",
        rule="DOB_31",
        schedule="2026-11",
        schedule_sha256="ab" * 32,
        proposed=_PROPOSED,
        approved=_APPROVED,
        events=9,
        position=4_711,
        leaf="cd" * 32,
        told=("la:855", "urn:199101"),
    ),
    EntryErased(
        plan=_PLAN,
        council="855",
        entry=4,
        type="ehcp.plan.evidence-attached.v1",
        basis="WRONG_CHILD",
        proposed=_PROPOSED,
        approved=_APPROVED,
        position=4_700,
        leaf="cd" * 32,
    ),
)

_SENT: Final[dict[str, Any]] = {
    "message": "20261102120000000001_2F4A1C",
    "subscription": "5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e07",
    "number": 17,
    "at": datetime(2026, 11, 2, 12, tzinfo=UTC),
}
_MESSAGES: Final[tuple[MessageEvent, ...]] = (
    MessageSent(**_SENT),
    MessageAcknowledged(**_SENT),
    MessageNotDelivered(**_SENT, code="14", moved=True),
)

_BY: Final = AdoptedBy(organisation="la:855", role="records-manager")

_RULES: Final[tuple[RulesAdopted | AdoptionWithdrawn, ...]] = (
    RulesAdopted(
        kind="retention-schedule",
        edition="leicestershire-2027",
        sha256="ab" * 32,
        in_force_from=date(2027, 1, 1),
        council="855",
        adopted_by=_BY,
        source="Decision of the information governance board of 3 December 2026",
    ),
    AdoptionWithdrawn(
        adoption=11,
        kind="retention-schedule",
        edition="leicestershire-2027",
        council="855",
        withdrawn_by=_BY,
        because="The board had not decided yet",
    ),
)

EXAMPLES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    **{type_: ("directory", DIRECTORY.data_of(happening)) for type_, happening in HAPPENINGS.items()},
    **{MESSAGES.type_of(one): ("delivery", MESSAGES.data_of(one)) for one in _MESSAGES},
    **{ADOPTIONS.type_of(one): ("adoption", ADOPTIONS.data_of(one)) for one in _RULES},
    **{CERTIFICATES.type_of(one): ("retention", CERTIFICATES.data_of(one)) for one in _CERTIFICATES},
}
"""The log and the data, by the type's public name."""


def read_again(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data after it went through the values of its log."""
    events = next(events for events in IN_THE_CLEAR if type_ in events.types)
    return events.data_of(events.read(type_, data))
