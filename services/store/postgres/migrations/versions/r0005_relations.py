"""Lists by relations that have days: the rows of organisations say since when and until when each holds."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table of organisations anew; the views are rebuilt from the log."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0005_relations.sql").read_text())
