"""The read models: current plans, versions, history, worklists, and how far each lane is."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the read models."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0002_views.sql").read_text())
