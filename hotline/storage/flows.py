"""The rows of flows: versions, publications, drafts and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.storage.tables_flows import (
    FlowDraftRow,
    FlowEntryRow,
    FlowPublicationRow,
    FlowVersionRow,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that was in force from ``at`` on; ``note`` says why."""

    name: str
    version: int
    by: str
    at: float
    note: str
    rolled_back_from: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What ``user_id`` has typed and not published, begun from version ``based_on``."""

    name: str
    user_id: str
    text: str
    based_on: int
    saved_at: float


async def in_force(session: AsyncSession) -> list[Publication]:
    """The last publication of each flow."""
    row = FlowPublicationRow
    last = select(func.max(row.publication_id)).group_by(row.name)
    found = await session.scalars(select(row).where(row.publication_id.in_(last)))
    return [_publication(one) for one in found]


async def history(session: AsyncSession, name: str, limit: int) -> list[Publication]:
    """The publications of a flow, the newest first."""
    row = FlowPublicationRow
    found = await session.scalars(
        select(row).where(row.name == name).order_by(row.publication_id.desc()).limit(limit)
    )
    return [_publication(one) for one in found]


async def text_of(session: AsyncSession, name: str, version: int) -> str | None:
    """The text of a version; None when there is no such version."""
    row = await session.get(FlowVersionRow, (name, version))
    return row.text if row else None


async def add_version(
    session: AsyncSession, name: str, text: str, *, based_on: int, by: str, at: float
) -> int:
    """Keep a new text; its number."""
    row = FlowVersionRow
    newest = await session.scalar(select(func.max(row.version)).where(row.name == name))
    version = (newest or 0) + 1
    session.add(
        row(name=name, version=version, text=text, based_on=based_on, made_by=by, made_at=at)
    )
    return version


def add_publication(session: AsyncSession, one: Publication) -> None:
    """Put a version in force."""
    session.add(
        FlowPublicationRow(
            name=one.name,
            version=one.version,
            published_by=one.by,
            at=one.at,
            note=one.note,
            rolled_back_from=one.rolled_back_from,
        )
    )


async def drafts(session: AsyncSession, name: str) -> Sequence[Draft]:
    """What everybody has typed into a flow, the newest first."""
    row = FlowDraftRow
    found = await session.scalars(select(row).where(row.name == name).order_by(row.saved_at.desc()))
    return [Draft(one.name, one.user_id, one.text, one.based_on, one.saved_at) for one in found]


async def draft_names(session: AsyncSession) -> dict[str, list[str]]:
    """Who has a draft, by flow."""
    found: dict[str, list[str]] = {}
    row = FlowDraftRow
    for name, user_id in await session.execute(select(row.name, row.user_id).order_by(row.name)):
        found.setdefault(name, []).append(user_id)
    return found


async def save_draft(session: AsyncSession, draft: Draft) -> None:
    """Keep a draft in place of its writer's earlier one."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"text": draft.text, "based_on": draft.based_on, "saved_at": draft.saved_at}
    keys = {"name": draft.name, "user_id": draft.user_id}
    statement = dialect.insert(FlowDraftRow).values(**keys, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))


async def drop_draft(session: AsyncSession, name: str, user_id: str) -> None:
    """Forget somebody's draft."""
    row = FlowDraftRow
    await session.execute(delete(row).where(row.name == name, row.user_id == user_id))


async def entries(session: AsyncSession) -> dict[str, str]:
    """The flow by number called."""
    return {row.called: row.flow for row in await session.scalars(select(FlowEntryRow))}


async def set_entry(session: AsyncSession, called: str, flow: str) -> None:
    """Let calls to ``called`` begin in ``flow``; empty: as the other numbers' do."""
    await session.execute(delete(FlowEntryRow).where(FlowEntryRow.called == called))
    if flow:
        session.add(FlowEntryRow(called=called, flow=flow))


def _publication(row: FlowPublicationRow) -> Publication:
    return Publication(
        row.name, row.version, row.published_by, row.at, row.note, row.rolled_back_from
    )
