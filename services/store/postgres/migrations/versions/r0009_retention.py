"""The retention log."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make its table and its append."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0009_retention.sql").read_text())
