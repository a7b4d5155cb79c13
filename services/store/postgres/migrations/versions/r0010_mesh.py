"""What became of messages in MESH."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0010_mesh.sql").read_text())
