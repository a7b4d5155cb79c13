"""Which edition of which rules counts, and what it says."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0015_adoption.sql").read_text())
