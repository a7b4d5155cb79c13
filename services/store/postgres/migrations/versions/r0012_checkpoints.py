"""The logs' Merkle trees and their checkpoints."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0012_checkpoints.sql").read_text())
