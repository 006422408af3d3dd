"""Alembic's entry: run on the connection that ``Database.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from hotline.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite, too: a migration that fails half-way leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
