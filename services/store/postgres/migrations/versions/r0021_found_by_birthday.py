"""A date of birth is found by its hash, as names are."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Drop the sealed date; the projectors make the list anew."""
    op.get_bind().exec_driver_sql((Path(__file__).parents[1] / "0021_found_by_birthday.sql").read_text())
