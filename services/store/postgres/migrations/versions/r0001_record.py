"""The record: logs, register, requests, snapshots, erasures and keys."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything of the first release."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0001_record.sql").read_text())
