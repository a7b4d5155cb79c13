"""Which edition of the access matrix each lane of the router has followed last."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the columns."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0019_turns.sql").read_text())
