"""The rows of the routing plan: versions, publications, drafts and comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.storage.tables_routing import (
    RoutingDraftRow,
    RoutingGateRow,
    RoutingPublicationRow,
    RoutingVersionRow,
)

Plan = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that was in force from ``at`` on; ``note`` says why. ``gate_id`` is the
    comparison that was looked at before; None: ``unproved`` says why there was none."""

    version: int
    by: str
    at: float
    note: str
    rolled_back_from: int | None = None
    gate_id: int | None = None
    unproved: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What ``user_id`` has changed and not published, begun from version ``based_on``."""

    user_id: str
    plan: Plan
    based_on: int
    saved_at: float


@dataclass(frozen=True, slots=True)
class Gate:
    """A comparison: of the plan with this digest beside version ``based_on``."""

    gate_id: int
    digest: str
    based_on: int
    by: str
    at: float
    result: Plan


async def history(session: AsyncSession, limit: int) -> list[Publication]:
    """The publications, the newest first; the first one is in force."""
    row = RoutingPublicationRow
    found = await session.scalars(select(row).order_by(row.publication_id.desc()).limit(limit))
    return [_publication(one) for one in found]


async def plan_of(session: AsyncSession, version: int) -> Plan | None:
    """The plan of a version; None when there is no such version."""
    row = await session.get(RoutingVersionRow, version)
    return row.plan if row else None


async def add_version(
    session: AsyncSession, plan: Plan, *, based_on: int, by: str, at: float
) -> int:
    """Keep a new plan; its number."""
    row = RoutingVersionRow
    version = (await session.scalar(select(func.max(row.version))) or 0) + 1
    session.add(row(version=version, plan=dict(plan), based_on=based_on, made_by=by, made_at=at))
    return version


def add_publication(session: AsyncSession, one: Publication) -> None:
    """Put a version in force."""
    session.add(
        RoutingPublicationRow(
            version=one.version,
            published_by=one.by,
            at=one.at,
            note=one.note,
            rolled_back_from=one.rolled_back_from,
            gate_id=one.gate_id,
            unproved=one.unproved,
        )
    )


async def drafts(session: AsyncSession) -> Sequence[Draft]:
    """What everybody has changed, the newest first."""
    row = RoutingDraftRow
    found = await session.scalars(select(row).order_by(row.saved_at.desc()))
    return [Draft(one.user_id, one.plan, one.based_on, one.saved_at) for one in found]


async def save_draft(session: AsyncSession, draft: Draft) -> None:
    """Keep a draft in place of its writer's earlier one."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"plan": dict(draft.plan), "based_on": draft.based_on, "saved_at": draft.saved_at}
    statement = dialect.insert(RoutingDraftRow).values(user_id=draft.user_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


async def drop_draft(session: AsyncSession, user_id: str) -> None:
    """Forget somebody's draft."""
    await session.execute(delete(RoutingDraftRow).where(RoutingDraftRow.user_id == user_id))


async def add_gate(session: AsyncSession, gate: Gate) -> int:
    """Keep a comparison; its number. The ``gate_id`` that is given is not looked at."""
    row = RoutingGateRow(
        digest=gate.digest,
        based_on=gate.based_on,
        made_by=gate.by,
        made_at=gate.at,
        result=dict(gate.result),
    )
    session.add(row)
    await session.flush()
    return row.gate_id


async def gate(session: AsyncSession, gate_id: int) -> Gate | None:
    """A comparison; None when there is none of this number."""
    row = await session.get(RoutingGateRow, gate_id)
    return _gate(row) if row else None


async def gate_of(session: AsyncSession, digest: str) -> Gate | None:
    """The last comparison of the plan with this digest."""
    row = RoutingGateRow
    query = select(row).where(row.digest == digest).order_by(row.gate_id.desc()).limit(1)
    found = await session.scalar(query)
    return _gate(found) if found else None


def _gate(row: RoutingGateRow) -> Gate:
    return Gate(row.gate_id, row.digest, row.based_on, row.made_by, row.made_at, row.result)


def _publication(row: RoutingPublicationRow) -> Publication:
    return Publication(
        row.version,
        row.published_by,
        row.at,
        row.note,
        row.rolled_back_from,
        row.gate_id,
        row.unproved,
    )
