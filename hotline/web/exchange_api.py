"""What other systems ask of us: their tickets in, and how they are doing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline.clock import local
from hotline.registry.exchange.arrivals import Incoming, Kind, Reply
from hotline.registry.exchange.inbox import NoSuchTicket
from hotline.registry.exchange.tickets import is_external_id
from hotline.registry.forms import WHY_LENGTH
from hotline.web.errors import BadInput, NotFound, WebError
from hotline.web.peer_access import PeerOnly, PeerRequest, documented_body, read_body
from hotline.web.web import Web, WebOf

router = APIRouter(prefix="/exchange/v1", tags=["exchange"])

ExternalId = Annotated[str, Path(max_length=64, pattern=r"^[\w.:-]+$")]
_LONGEST_KEY = 128


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sequence: int | None = Field(
        None, ge=1, le=1_000_000, description="Its place among the messages about its ticket."
    )


class NewTicket(_Message):
    """A ticket, in the peer's own fields; the mapping for what comes in reads them."""

    external_id: str = Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")
    data: dict[str, Any]


class TicketChange(_Message):
    """The fields of a ticket that changed, in the peer's own names."""

    data: dict[str, Any]


class Said(_Message):
    """What the peer says of a ticket."""

    text: str = Field(min_length=1, max_length=WHY_LENGTH)


class Taken(BaseModel):
    """What became of a message. ``held``: it waits for message number ``missing``. ``known``:
    the ticket had its case already."""

    state: Literal["applied", "held", "known"]
    external_id: str
    sequence: int | None
    case_number: str
    missing: int | None


class TicketStatus(BaseModel):
    """How a ticket's case is doing; instants in the city's time, ISO 8601."""

    external_id: str
    case_number: str
    state: str
    state_name: str
    unit: str
    opened_at: str
    changed_at: str
    closed_at: str | None
    handle_due_at: str | None


class Refusal(WebError):
    """A message that is not taken."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.body["error"]), fields=dict(reply.body["fields"]))
        self.status = reply.status


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Taken, "description": "Taken in, now or before."},
    202: {"model": Taken, "description": "Held: a message before it is missing."},
}


@router.post(
    "/tickets",
    status_code=201,
    response_model=Taken,
    responses=_ANSWERS,
    openapi_extra=documented_body(NewTicket),
)
async def create(web: WebOf, asked: PeerOnly, response: Response) -> Taken:
    """Open a case for a ticket."""
    typed = read_body(asked, NewTicket)
    message = _message(asked, "create", typed.external_id, typed.data, typed.sequence)
    return await _take(web, asked, response, message)


@router.post(
    "/tickets/{external_id}/updates",
    response_model=Taken,
    responses=_ANSWERS,
    openapi_extra=documented_body(TicketChange),
)
async def update(web: WebOf, asked: PeerOnly, response: Response, external_id: ExternalId) -> Taken:
    """Change what a ticket says; what is not named stays."""
    typed = read_body(asked, TicketChange)
    message = _message(asked, "update", external_id, typed.data, typed.sequence)
    return await _take(web, asked, response, message)


@router.post(
    "/tickets/{external_id}/withdrawal",
    response_model=Taken,
    responses=_ANSWERS,
    openapi_extra=documented_body(Said),
)
async def withdraw(
    web: WebOf, asked: PeerOnly, response: Response, external_id: ExternalId
) -> Taken:
    """Withdraw a ticket; 409 once somebody works on its case."""
    return await _take(web, asked, response, _said(asked, "withdraw", external_id))


@router.post(
    "/tickets/{external_id}/feedback",
    response_model=Taken,
    responses=_ANSWERS,
    openapi_extra=documented_body(Said),
)
async def feedback(
    web: WebOf, asked: PeerOnly, response: Response, external_id: ExternalId
) -> Taken:
    """Say something of a ticket, such as the citizen's opinion; it stands in the case's history."""
    return await _take(web, asked, response, _said(asked, "feedback", external_id))


@router.get("/tickets/{external_id}", response_model=TicketStatus)
async def status(web: WebOf, asked: PeerOnly, external_id: ExternalId) -> TicketStatus:
    """How a ticket's case is doing."""
    try:
        case = await web.parts.room.exchange.inbox.case_of(asked.peer, external_id)
    except NoSuchTicket as error:
        raise NotFound("no_such_ticket") from error

    def written(at: float | None) -> str | None:
        return None if at is None else local(at, web.parts.config.zone).isoformat("T", "seconds")

    return TicketStatus(
        external_id=external_id,
        case_number=case.case_number,
        state=case.state,
        state_name=web.parts.cases.machine.states[case.state].zh,
        unit=case.unit,
        opened_at=written(case.opened_at) or "",
        changed_at=written(case.changed_at) or "",
        closed_at=written(case.closed_at),
        handle_due_at=written(case.handle_due_at),
    )


def _said(asked: PeerRequest, kind: Kind, external_id: str) -> Incoming:
    typed = read_body(asked, Said)
    return _message(asked, kind, external_id, {"text": typed.text}, typed.sequence)


def _message(
    asked: PeerRequest, kind: Kind, external_id: str, content: dict[str, Any], number: int | None
) -> Incoming:
    key = asked.idempotency_key
    if not 0 < len(key) <= _LONGEST_KEY:
        raise BadInput({"Idempotency-Key": "too_long" if key else "required"})
    if not is_external_id(external_id):
        raise BadInput({"external_id": "bad_id"})
    return Incoming(kind, external_id, key, content, number)


async def _take(web: Web, asked: PeerRequest, response: Response, message: Incoming) -> Taken:
    reply = await web.parts.room.exchange.inbox.take(asked.peer, message)
    if "error" in reply.body:
        raise Refusal(reply)
    response.status_code = reply.status
    return Taken.model_validate(reply.body)
