"""At which issuer whoever asked for a subscription is named."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0020_subscription_issuer.sql").read_text())
