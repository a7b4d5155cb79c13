"""Data keys of events derived from a root of their child."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the roots, and appends that look at them."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0011_derived_keys.sql").read_text())
