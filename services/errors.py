"""Why a service couldn't do what it was asked, apart from a legal refusal (`domain.errors.Refusal`).

Each is answered by the HTTP API as its own problem and by the command line as a sentence. None carries content.
"""

from msgspec import Struct


class Fault(Struct, frozen=True, kw_only=True):
    """One thing wrong with what was sent: where (RFC 6901 pointer), what, and by which rule."""

    pointer: str
    text: str
    rule: str
    law: str = ""


class InvalidContent(Exception):
    """What was sent does not satisfy the published schema or a code set."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults; the exception's text holds rule codes only."""
        super().__init__(", ".join(sorted({fault.rule for fault in faults})))
        self.faults = faults


class PlanUnknown(Exception):
    """There is no such plan, draft or version, or the caller must not learn that there is."""


class TextUnknown(PlanUnknown):
    """The caller may read the plan, which has no such version, or none that is for the caller to read."""


class SubscriptionUnknown(Exception):
    """The caller's organisation has no such subscription, or it has ended."""


class RulesUnknown(Exception):
    """No such rules were adopted, or not by the caller's council."""


class NotYours(Exception):
    """The caller may see the plan, but its role may not do this. The text says what."""


class NotRecorded(Exception):
    """It couldn't be recorded who asks and what would be shown, so nothing is shown."""


class PlanErased(Exception):
    """The plan's key was destroyed at the end of its retention; nobody can read it any more."""


class TextErased(PlanErased):
    """The entry that carried this text of a plan was destroyed; the plan is there, and the caller may read it."""


class StaleState(Exception):
    """The caller's If-Match names an older state than the current one (`current`, as an entity tag)."""

    def __init__(self, current: str) -> None:
        """Keep the current entity tag."""
        super().__init__("stale")
        self.current = current


class KeyReused(Exception):
    """The Idempotency-Key was already used for another request by this caller."""


class AlreadyOnRecord(Exception):
    """Another plan holds this council's local reference (`plan_id`)."""

    def __init__(self, plan_id: str) -> None:
        """Keep the plan that holds the reference."""
        super().__init__("already on record")
        self.plan_id = plan_id


class ConfigurationError(Exception):
    """A setting that doesn't fit; the text says which and what to do."""
