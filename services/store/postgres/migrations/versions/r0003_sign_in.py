"""Signing in: what may be used once, sessions, invitations and links of families."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0003_sign_in.sql").read_text())
