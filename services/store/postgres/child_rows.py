"""The keys of many children in one array: five hundred places in a statement cost more than what they bring."""

from collections.abc import Sequence

from services.store.key_rows import as_child_rows
from services.store.postgres.arrays import bytea_array
from services.store.sql import Connection
from services.store.values import ChildKeyRow


def children_by_array(connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
    """Implements ChildRows on PostgreSQL."""
    query = "SELECT plan, council, key_id, wrapped FROM child_key WHERE plan = ANY(?)"
    return as_child_rows(connection.execute(query, (bytea_array(plans),)).fetchall())
