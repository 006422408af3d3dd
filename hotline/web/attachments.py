"""Photos, documents and sounds of a case: sent as the body itself, listed, opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from hotline.registry.attachments.faults import Refused
from hotline.registry.attachments.model import Attachment, NoSuchAttachment
from hotline.registry.attachments.service import Offered
from hotline.registry.model import Case
from hotline.storage.tables import RevealRow
from hotline.web.access import CaseOrUnit, Role, Viewer
from hotline.web.errors import BadInput, NotFound, WebError
from hotline.web.names import names_of
from hotline.web.unit_sight import may_open, visible_case
from hotline.web.web import Web, WebOf

router = APIRouter()
_log = structlog.get_logger(__name__)

Stage = Literal["report", "before", "after", "check", "other"]
CaseNumber = Annotated[str, Path(max_length=20)]
_STATUS = {"too_large": 413, "disk_full": 507, "busy": 503}
_BODY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_STAGES_OF = {Role.AGENT: "report", Role.CHECKER: "check"}
_LARGEST_ID = 2**31 - 1


class FileRefused(WebError):
    """A file that cannot be kept; the message says why and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"attachment.{refused.key}")
        self.values = dict(refused.values)
        self.status = _STATUS.get(refused.key, 422)


class AttachmentView(BaseModel):
    """An attachment as pages show it. ``url`` opens it, ``thumb`` is a photo's small copy and
    empty for other kinds; both are empty for a file that was ``erased`` as personal data.
    ``size`` is the original's, in bytes."""

    id: int
    stage: str
    kind: str
    mime: str
    name: str
    size: int
    width: int | None
    height: int | None
    taken_at: str
    longitude: float | None
    latitude: float | None
    by: str
    at: float
    url: str
    thumb: str
    erased: bool = False

    @classmethod
    def of(cls, one: Attachment, by: str) -> AttachmentView:
        """What is shown of an attachment that ``by`` added."""
        gone = one.erased_at is not None
        url = "" if gone else f"/media/attachments/{one.case_number}/{one.attachment_id}"
        return cls(
            id=one.attachment_id,
            stage=one.stage,
            kind=one.kind,
            mime=one.mime,
            name=one.name,
            size=one.size,
            width=one.width,
            height=one.height,
            taken_at=one.taken_at,
            longitude=one.longitude,
            latitude=one.latitude,
            by=by,
            at=one.added_at,
            url=url,
            thumb=f"{url}?small=true" if url and one.kind == "photo" else "",
            erased=gone,
        )


class AttachmentList(BaseModel):
    """A case's attachments, oldest first."""

    attachments: list[AttachmentView] = Field(default_factory=list)


async def attachments_shown(web: Web, viewer: Viewer, case_number: str) -> list[AttachmentView]:
    """What this viewer sees of a case's attachments. Raises
    :class:`hotline.registry.model.NoSuchCase`."""
    case = await visible_case(web, viewer, case_number)
    kept = await web.parts.room.attachments.of_case(case_number)
    return shown_of(viewer, case, kept, await names_of(web.parts.database))


def shown_of(
    viewer: Viewer, case: Case, kept: Sequence[Attachment], names: Mapping[str, str]
) -> list[AttachmentView]:
    """What this viewer sees of these attachments of the case."""
    return [
        AttachmentView.of(one, names.get(one.added_by, one.added_by))
        for one in kept
        if may_open(viewer, case, one)
    ]


def attachment_parts(
    web: Web, viewer: Viewer, shown: Sequence[AttachmentView], stage: str = ""
) -> dict[str, Any]:
    """What ``cases/attachments.html`` shows; ``stage`` is chosen for what is added, by the
    viewer's role unless it is given."""
    return {
        "attachments": shown,
        "attachment_mb": web.parts.config.registry.attachment_mb,
        "attachment_stage": stage or _STAGES_OF.get(viewer.role, "other"),
    }


@router.get("/api/cases/{number}/attachments")
async def attachments(web: WebOf, viewer: CaseOrUnit, number: CaseNumber) -> AttachmentList:
    """A case's attachments."""
    return AttachmentList(attachments=await attachments_shown(web, viewer, number))


@router.post(
    "/api/cases/{number}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses={200: {"model": AttachmentView, "description": "Kept before, under this key."}},
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
)
async def add(
    request: Request,
    web: WebOf,
    viewer: CaseOrUnit,
    number: CaseNumber,
    *,
    stage: Annotated[Stage, Query()],
    key: Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)],
    name: Annotated[str, Query(max_length=300)] = "",
) -> JSONResponse:
    """Add the body as a file of the case; 200 when this very sending had been kept before.

    The body is read no further than a file may be long. Whoever announces more is told so
    before a byte of it is read.
    """
    await visible_case(web, viewer, number)
    desk = web.parts.room.attachments
    try:
        if _announced(request) > desk.most_bytes:
            raise Refused("too_large", most=desk.most_bytes // 1024 // 1024)
        one, new = await desk.take(Offered(number, stage, name, key), request.stream(), viewer)
    except Refused as refused:
        _log.info("attachment.refused", case=number, by=viewer.user_id, why=refused.key)
        raise FileRefused(refused) from refused
    except ClientDisconnect as error:
        # Nobody is there to be told; what had arrived is gone, and the phone will send it again.
        raise BadInput({"file": "wrong"}) from error
    view = AttachmentView.of(one, viewer.name)
    return JSONResponse(view.model_dump(), status_code=201 if new else 200)


@router.get("/media/attachments/{number}/{attachment_id}", response_class=FileResponse)
async def open_attachment(
    web: WebOf,
    viewer: CaseOrUnit,
    number: CaseNumber,
    attachment_id: Annotated[int, Path(ge=1, le=_LARGEST_ID)],
    small: bool = False,
) -> FileResponse:
    """A photo's copy to look at, or a document or sound to keep."""
    case = await visible_case(web, viewer, number)
    desk = web.parts.room.attachments
    try:
        one = await desk.get(number, attachment_id)
    except NoSuchAttachment as error:
        raise NotFound("no_attachment") from error
    file = desk.file(one, small=small)
    erased = one.erased_at is not None
    if erased or not may_open(viewer, case, one) or not file.is_file():
        raise NotFound("no_attachment")
    if one.kind != "photo":
        await _note(web, viewer, one)
    return FileResponse(
        file,
        media_type="image/jpeg" if one.kind == "photo" else one.mime,
        filename=f"{number}-{attachment_id}-{one.name}",
        content_disposition_type="attachment" if one.kind == "document" else "inline",
        # Whatever a browser makes of the contents, it runs nothing of it.
        headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
    )


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _note(web: Web, viewer: Viewer, one: Attachment) -> None:
    subject, now = f"attachment:{one.attachment_id}", web.parts.clock.now()
    async with web.parts.database.writing() as session:
        session.add(RevealRow(user_id=viewer.user_id, subject=subject, reason="open", at=now))
