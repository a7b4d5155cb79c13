"""The log of deliveries."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0014_delivery.sql").read_text())
