"""The log of deliveries."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0013_delivery.sql").read_text())
