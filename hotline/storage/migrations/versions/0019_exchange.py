"""Cases exchanged with other systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# SQLite counts up only INTEGER primary keys.
_Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "exchange_peers",
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("deadline_s", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("former_until", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("peer_id", name=op.f("pk_exchange_peers")),
    )
    op.create_table(
        "exchange_mappings",
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_mappings_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", "purpose", "revision", name=op.f("pk_exchange_mappings")),
    )
    op.create_table(
        "exchange_streams",
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_streams_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", "case_number", name=op.f("pk_exchange_streams")),
    )
    op.create_table(
        "exchange_outbox",
        sa.Column("message_id", _Sequence, nullable=False, autoincrement=True),
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("tried_at", sa.Float(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_outbox_peer_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_exchange_outbox")),
        sa.UniqueConstraint("peer_id", "case_number", "number", name="uq_exchange_outbox_peer_case_number"),
    )
    op.create_index("ix_exchange_outbox_peer_id_state_due_at", "exchange_outbox", ["peer_id", "state", "due_at"])
    op.create_table(
        "exchange_references",
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=True),
        sa.Column("reply_by", sa.Float(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_references_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", "external_id", name=op.f("pk_exchange_references")),
    )
    op.create_index(op.f("ix_exchange_references_case_number"), "exchange_references", ["case_number"])
    op.create_table(
        "exchange_arrivals",
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_arrivals_peer_id")),
        sa.PrimaryKeyConstraint("peer_id", "external_id", name=op.f("pk_exchange_arrivals")),
    )
    op.create_table(
        "exchange_inbox",
        sa.Column("message_id", _Sequence, nullable=False, autoincrement=True),
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("arrived_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_inbox_peer_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_exchange_inbox")),
        sa.UniqueConstraint("peer_id", "external_id", "number", name="uq_exchange_inbox_peer_ticket_number"),
        sa.UniqueConstraint("peer_id", "idempotency_key", name="uq_exchange_inbox_peer_key"),
    )
    op.create_index("ix_exchange_inbox_state_arrived_at", "exchange_inbox", ["state", "arrived_at"])
    op.create_table(
        "exchange_imports",
        sa.Column("import_id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("peer_id", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["exchange_peers.peer_id"], name=op.f("fk_exchange_imports_peer_id")),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_exchange_imports")),
    )
    op.create_index(op.f("ix_exchange_imports_state"), "exchange_imports", ["state"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("exchange_imports")
    op.drop_table("exchange_inbox")
    op.drop_table("exchange_arrivals")
    op.drop_table("exchange_references")
    op.drop_table("exchange_outbox")
    op.drop_table("exchange_streams")
    op.drop_table("exchange_mappings")
    op.drop_table("exchange_peers")
