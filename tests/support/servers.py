"""Databases of a PostgreSQL server under test, made and dropped."""

from functools import cache

from sqlalchemy import Engine, create_engine, make_url, text

FILES_COPIED = 15
"""From this version on a server can copy a template file by file, which here takes half the time of
copying it page by page through its log."""


def make_copy(url: str, name: str, template: str = "template0") -> str:
    """The URL of a new database beside the one of `url`, as a copy of a template."""
    with _server(url).connect() as connection:
        version, *_ = connection.dialect.server_version_info or (0,)
        how = " STRATEGY FILE_COPY" if int(version) >= FILES_COPIED else ""
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}{how}"))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop(url: str) -> None:
    """Whoever is connected to it is cut off."""
    with _server(url).connect() as connection:
        name = make_url(url).database
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def _server(url: str) -> Engine:
    return _of(make_url(url).set(database="postgres").render_as_string(hide_password=False))


@cache
def _of(url: str) -> Engine:
    """One connection for all statements of a process: each would need longer to connect than to
    run."""
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
