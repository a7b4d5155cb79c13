"""Signals and subscriptions."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make their tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0007_signals.sql").read_text())
