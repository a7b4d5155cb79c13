"""The directory's log, and the retirement of council keys."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make both."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0004_directory.sql").read_text())
