"""From what a service raises to the problem that HTTP answers with: one table, one place."""

from collections.abc import Callable
from typing import Any

from msgspec import to_builtins

from domain.errors import Refusal
from services.api.erased import ErasedFor
from services.api.problems import Problem, ProblemItem, forbidden, invalid, log_differs, not_found, refused
from services.errors import (
    AlreadyOnRecord,
    InvalidContent,
    KeyReused,
    NotRecorded,
    NotYours,
    PlanErased,
    PlanUnknown,
    RulesUnknown,
    StaleState,
    SubscriptionUnknown,
    TextErased,
    TextUnknown,
)
from services.store.errors import KeyDestroyed, OutcomeUnknown, StoreBusy, StoreClosed, StoreUnavailable, WritesRefused

#: How long a caller should wait when too much is waiting already, in seconds.
RETRY_AFTER = "1"
_LATER = {"Retry-After": RETRY_AFTER}


def problem_of(error: Exception) -> Problem:
    """The problem that tells the caller about a fault of one of the kinds in ANSWERS; re-raises any other."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind](error)
    raise error


def _invalid(error: Any) -> Problem:
    return invalid(ProblemItem(pointer=f.pointer, text=f.text, rule=f.rule, law=f.law) for f in error.faults)


def _stale(error: Any) -> Problem:
    detail = "Somebody changed it since you last read it. Read it again and decide anew."
    return Problem(412, "stale", "It has changed meanwhile", detail, headers={"ETag": f'"{error.current}"'})


def _reused(_error: Any) -> Problem:
    detail = "This Idempotency-Key was used for another request. Use a new key for a new act."
    return Problem(422, "idempotency-key-reused", "The key was used before", detail)


def _on_record(error: Any) -> Problem:
    detail = f"The council already has a plan with this local reference: {error.plan_id}."
    return Problem(409, "already-on-record", "Already on record", detail)


def _erased(error: Any) -> Problem:
    detail = "Its key was destroyed; nobody can read it any more. The certificate says by which rule and by whom."
    more = {"certificate": to_builtins(error.certificate)} if isinstance(error, ErasedFor) else {}
    return Problem(410, "erased", "The record was erased", detail, more=more)


def _text_erased(_error: Any) -> Problem:
    detail = "The entry that carried this text was destroyed; the plan and its other texts are there."
    return Problem(410, "erased", "The text was erased", detail)


def _busy(_error: Any) -> Problem:
    detail = "Nothing was changed. Try again shortly."
    return Problem(503, "busy", "The record is busy", detail, headers=_LATER)


def _unknown(_error: Any) -> Problem:
    detail = "The database was lost before it answered. Repeat the request with the same Idempotency-Key."
    return Problem(503, "outcome-unknown", "It isn't known whether this was recorded", detail, headers=_LATER)


def _not_recorded(_error: Any) -> Problem:
    detail = "Who is shown what is recorded first; that wasn't possible now. Try again shortly."
    return Problem(503, "not-recorded", "Nothing is shown for the moment", detail, headers=_LATER)


ANSWERS: dict[type, Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    Refusal: refused,
    InvalidContent: _invalid,
    PlanUnknown: lambda _error: not_found(),
    SubscriptionUnknown: lambda _error: not_found("Your organisation has no such subscription."),
    RulesUnknown: lambda _error: not_found("No such rules were adopted, or they aren't your council's."),
    TextUnknown: lambda _error: not_found("The plan has no such version, or it isn't yours to see."),
    NotYours: lambda error: forbidden(str(error)),
    StaleState: _stale,
    KeyReused: _reused,
    AlreadyOnRecord: _on_record,
    PlanErased: _erased,
    TextErased: _text_erased,
    KeyDestroyed: _erased,
    StoreBusy: _busy,
    StoreClosed: _busy,
    StoreUnavailable: _busy,
    OutcomeUnknown: _unknown,
    WritesRefused: lambda error: log_differs(str(error)),
    NotRecorded: _not_recorded,
}
