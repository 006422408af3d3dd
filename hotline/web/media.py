"""Recordings of talks and spoken reports, to be played. Who listens is written down first."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from sqlalchemy import select, union_all

from hotline.recording.trimming import trimmed_copy
from hotline.storage.tables import CallbackTaskRow, CallRow, ReportRow, RevealRow
from hotline.storage.tables_help import OutboundCallRow
from hotline.storage.tables_transfers import HandoverRow
from hotline.web.access import CaseStaff, Role, Viewer
from hotline.web.errors import Forbidden, NotFound
from hotline.web.web import Web, WebOf

router = APIRouter()


@router.get("/media/recordings/{call_id}")
async def recording(request: Request, web: WebOf, viewer: CaseStaff, call_id: str) -> FileResponse:
    """A talk of a call, of a callback or of a call that staff placed, whole or the asked-for
    range; agents hear their own only."""
    if viewer.role is Role.AGENT and not await _is_theirs(web, viewer, call_id):
        raise Forbidden("not_your_call")
    query = union_all(
        select(CallRow.recording).where(CallRow.call_id == call_id),
        select(CallbackTaskRow.recording).where(CallbackTaskRow.call_id == call_id),
        select(OutboundCallRow.recording).where(OutboundCallRow.call_id == call_id),
    )
    async with web.parts.database.session() as session:
        path = (await session.execute(query)).scalar_one_or_none()
    return await _play(request, web, viewer, f"recording:{call_id}", path)


@router.get("/media/consultations/{handover_id:path}")
async def consultation(
    request: Request, web: WebOf, viewer: CaseStaff, handover_id: str
) -> FileResponse:
    """What agent and third said while the caller heard music; for whom may hear the talk."""
    call_id = handover_id.rpartition("/")[0]
    if viewer.role is Role.AGENT and not await _is_theirs(web, viewer, call_id):
        raise Forbidden("not_your_call")
    query = select(HandoverRow.recording).where(HandoverRow.handover_id == handover_id)
    async with web.parts.database.session() as session:
        path = (await session.execute(query)).scalar_one_or_none()
    return await _play(request, web, viewer, f"consultation:{handover_id}", path)


@router.get("/media/reports/{report_id:path}")
async def report(
    request: Request, web: WebOf, viewer: CaseStaff, report_id: str, original: bool = False
) -> FileResponse:
    """A spoken report without its silences, or the ``original``, whole or the asked-for range."""
    query = select(ReportRow.path).where(ReportRow.report_id == report_id)
    async with web.parts.database.session() as session:
        path = (await session.execute(query)).scalar_one_or_none()
    folder = web.parts.config.recording.dir.resolve()
    file = None if path is None or original else recording_file(folder, path)
    if file is not None:
        spoken = file.relative_to(folder).as_posix()
        copy = await asyncio.to_thread(trimmed_copy, folder, spoken)
        path = copy.relative_to(folder).as_posix()
    return await _play(request, web, viewer, f"report:{report_id}", path)


async def _is_theirs(web: Web, viewer: Viewer, call_id: str) -> bool:
    if await web.parts.calls.pop(call_id, viewer.user_id) is not None:
        return True
    query = select(OutboundCallRow.agent_id).where(OutboundCallRow.call_id == call_id)
    async with web.parts.database.session() as session:
        return await session.scalar(query) == viewer.user_id


async def _play(
    request: Request, web: Web, viewer: Viewer, subject: str, path: str | None
) -> FileResponse:
    file = None if path is None else recording_file(web.parts.config.recording.dir, path)
    if file is None:
        raise NotFound("no_recording")
    # A player asks for many ranges; the first one is the listening.
    if request.headers.get("range", "bytes=0-").startswith("bytes=0-"):
        async with web.parts.database.writing() as session:
            session.add(
                RevealRow(
                    user_id=viewer.user_id,
                    subject=subject,
                    reason="listen",
                    at=web.parts.clock.now(),
                )
            )
    return FileResponse(file, media_type="audio/wav")


def recording_file(folder: Path, path: str) -> Path | None:
    """The wav at ``path`` (with or without its ending) below ``folder``; None when there is
    none, or when the path leads out of the folder."""
    base = folder.resolve()
    file = (base / path).resolve()
    if file.suffix != ".wav":
        file = file.with_name(file.name + ".wav")
    return file if file.is_relative_to(base) and file.is_file() else None
