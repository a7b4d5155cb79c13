"""Roles of a server that a test makes and takes away again."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql


@contextmanager
def login(url: str, options: str = "", member_of: str = "") -> Iterator[str]:
    """A role of its own that may log in, with these options; the same database's address, in its name."""
    name, password = f"ehcp_test_{uuid4().hex}", uuid4().hex
    role = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} " + options).format(role, sql.Literal(password))  # type: ignore[arg-type]
        )
        if member_of:
            administrator.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(member_of), role))
    address = urlsplit(url)
    place = address.netloc.rpartition("@")[2]
    try:
        yield address._replace(netloc=f"{name}:{password}@{place}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
            administrator.execute(sql.SQL("DROP ROLE {}").format(role))
