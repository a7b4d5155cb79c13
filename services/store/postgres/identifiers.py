"""Adding hashes of identifiers on PostgreSQL: one call, which takes the order lock and lets go of it by itself."""

from collections.abc import Sequence
from typing import Final

from services.store.index_keys import AddIdentifiers, Identified
from services.store.postgres.arrays import bigint_array, bytea_array, text_array
from services.store.postgres.database import PostgresDatabase

_CALL: Final = "SELECT ehcp.add_identifiers(%s, %s, %s, %s, %s, %s)"


def adding_identifiers(database: PostgresDatabase) -> AddIdentifiers:
    """AddIdentifiers on this database."""

    def add(found: Sequence[Identified]) -> None:
        matches = [(one.plan.bytes, match) for one in found for match in one.matches]
        values = (
            bytea_array([one.plan.bytes for one in found]),
            bigint_array([one.sequence for one in found]),
            bytea_array([plan for plan, _ in matches]),
            text_array([match.kind for _, match in matches]),
            text_array([match.council for _, match in matches]),
            bytea_array([match.index for _, match in matches]),
        )
        with database.raw() as connection:
            connection.execute(_CALL, values, binary=True)

    return add
