"""Every table of the notary: what a migration creates on PostgreSQL and a start on SQLite. Hashes and signatures."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

trees: Final = Table(
    "tree",
    metadata,
    Column("log", String(20), primary_key=True),
    Column("size", BigInteger, nullable=False, comment="how many leaves are in the tree"),
    Column("edge", LargeBinary, nullable=False, comment="the hashes of the tiles that aren't full, lowest level first"),
    comment="How far each log's tree has grown",
)

tiles: Final = Table(
    "tree_tile",
    metadata,
    Column("log", String(20), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False, comment="0: leaves; 1: roots of tiles of level 0"),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="256 hashes of 32 bytes"),
    comment="The full tiles of each tree; written once, never changed",
)

checkpoints: Final = Table(
    "checkpoint",
    metadata,
    Column("log", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3, no gap"),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False, comment="when it was signed, microseconds since the epoch, UTC"),
    Column("note", Text, nullable=False, comment="the signed note"),
    Index("checkpoint_size", "log", "size", unique=True),
    comment="What was signed; written once, never changed",
)

keys: Final = Table(
    "checkpoint_key",
    metadata,
    Column("log", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="the first checkpoint that it signed"),
    Column("key", String(300), nullable=False, comment="name+id+key, as verifiers of notes take it"),
    comment="The public keys of checkpoints, old ones too",
)
