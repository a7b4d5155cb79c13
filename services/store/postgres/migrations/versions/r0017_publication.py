"""How far each log was in Kafka when its publisher last said so."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the table."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0017_publication.sql").read_text())
