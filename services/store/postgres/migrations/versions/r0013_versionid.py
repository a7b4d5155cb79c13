"""Signals without the plan's own count of events."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Drop the column."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0013_versionid.sql").read_text())
