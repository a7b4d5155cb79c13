"""Which sessions rest on whom at a provider, and whom it signed out lately."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0018_provider_sign_outs.sql").read_text())
