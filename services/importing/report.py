"""What an import says of itself: which plans are on record now, what was uncertain, what was turned away and why."""

from collections.abc import Iterable

from msgspec import Struct


class ImportSource(Struct, frozen=True, kw_only=True):
    """Where documents come from. A slice of a larger file names that file's hash and its own first line."""

    name: str
    media_type: str
    council: str
    file_sha256: str | None = None
    first_line: int = 1


class ImportNotice(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something uncertain or worth knowing in a file: a stable code, the place in the file, a plain sentence."""

    file: str
    code: str
    path: str
    severity: str = "warning"
    message: str = ""
    line: int = 0


class Reject(Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan that was not taken in: which line, where in it (RFC 6901), and why. Nothing of it was stored."""

    file: str
    line: int
    pointer: str
    rule: str
    reason: str


class ImportReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """`plans` counts the file's plans that are on record now, `created` those of them that this run opened.

    `updated` counts draft amendments opened for plans that differ from what is on record: importing never alters law.
    `unplaced` counts pieces of text that no field could hold; they stand in the plan as notes with their origin.
    """

    plans: int = 0
    created: int = 0
    updated: int = 0
    unplaced: int = 0
    rejected: int = 0
    plan_ids: tuple[str, ...] = ()
    warnings: tuple[ImportNotice, ...] = ()
    rejects: tuple[Reject, ...] = ()


def combined(reports: Iterable[ImportReport]) -> ImportReport:
    """Several reports as one."""
    every = tuple(reports)
    return ImportReport(
        plans=sum(report.plans for report in every),
        created=sum(report.created for report in every),
        updated=sum(report.updated for report in every),
        unplaced=sum(report.unplaced for report in every),
        rejected=sum(report.rejected for report in every),
        plan_ids=tuple(plan for report in every for plan in report.plan_ids),
        warnings=tuple(notice for report in every for notice in report.warnings),
        rejects=tuple(reject for report in every for reject in report.rejects),
    )
