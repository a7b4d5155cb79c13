"""The disclosure log."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make its table and its append."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0006_disclosures.sql").read_text())
