"""Alembic's entry: takes the connection that `directory.migrate` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import directory.migrate  # noqa: F401  (brings every table into the metadata)
from directory.db import Moment


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write plain SQLAlchemy types, so that no migration depends on the application."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON) and not isinstance(item, JSONB):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=True,
)
lite = connection.dialect.name == "sqlite"
if lite:
    # Batch mode drops and rebuilds a table; with foreign keys on, that would delete its children.
    connection.rollback()
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
with context.begin_transaction():
    context.run_migrations()
if lite:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    connection.commit()
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"The migration left broken references: {broken[:5]}")
