"""Index keys that take over from one another."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables, and refuse what a process writes that has not heard of a newer key."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0016_index_keys.sql").read_text())
