"""The other systems: who they are, how it goes with them, what is stuck and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.exchange.mapping import Applied, BadMapping
from hotline.registry.exchange.model import (
    CALL_KINDS,
    KINDS,
    PEER_SOURCES,
    PURPOSES,
    SCOPES,
    ExchangeFault,
    NoSuchMessage,
    NoSuchPeer,
    Peer,
    PeerChanged,
    Purpose,
    Traffic,
)
from hotline.registry.exchange.peers import Added
from hotline.registry.forms import WHY_LENGTH
from hotline.web.access import ExchangeStaff
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

PeerId = Annotated[str, Path(max_length=32)]
MessageId = Annotated[int, Path(ge=1, le=2**62)]
_Text = Annotated[str, Field(max_length=20_000)]
_Long = Annotated[str, Field(max_length=70_000)]
_DONE = frozenset({"changed", "mapping", "retried", "skipped", "paused", "resumed"})


class PeerForm(BaseModel):
    """A peer as it was typed; units by their ids, apart by spaces."""

    peer_id: _Text = ""
    name: _Text = ""
    source: _Text = "other"
    sends: bool = False
    url: _Text = ""
    scope: _Text = "own"
    units: _Text = ""
    kinds: list[_Text] = Field([], max_length=20)
    concurrency: Annotated[int, Field(ge=-(2**31), le=2**31)] = 8
    deadline_s: Annotated[float, Field(allow_inf_nan=False)] = 10.0
    attempts: Annotated[int, Field(ge=-(2**31), le=2**31)] = 12
    version: Annotated[int, Field(ge=0, le=2**31)] = 1

    def peer(self, peer_id: str) -> Peer:
        """The same for the desk."""
        return Peer(
            peer_id=peer_id.strip(),
            name=self.name.strip(),
            source=self.source,
            sends=self.sends,
            url=self.url.strip(),
            scope=self.scope,
            units=tuple(self.units.split()),
            kinds=tuple(self.kinds),
            concurrency=self.concurrency,
            deadline_s=self.deadline_s,
            attempts=self.attempts,
            version=self.version,
        )


class MappingForm(BaseModel):
    """A mapping as it was typed; ``sample`` is JSON to try it on."""

    text: _Long = ""
    sample: _Long = ""
    revision: Annotated[int, Field(ge=0, le=2**31)] = 0
    act: Literal["try", "save"] = "try"


class SkipForm(BaseModel):
    """Why a message is never sent."""

    why: Annotated[str, Field(max_length=WHY_LENGTH)] = ""


class PauseForm(BaseModel):
    """Whether nothing is to be sent for a while."""

    paused: bool = False


@router.get("/exchange", response_class=HTMLResponse)
async def exchange_page(
    request: Request, web: WebOf, page: PageOf, viewer: ExchangeStaff
) -> Response:
    """Everybody we exchange with, and the one that the address names."""
    done = request.query_params.get("done", "")
    chosen = request.query_params.get("peer", "")
    if chosen:
        _peer(web, chosen)
    return await _page(web, page, chosen, done=done if done in _DONE else "")


@router.post("/exchange/peers", response_class=HTMLResponse)
async def add_peer(
    web: WebOf, page: PageOf, viewer: ExchangeStaff, form: Annotated[PeerForm, Form()]
) -> Response:
    """Make a peer; its secret is shown this once."""
    try:
        added = await web.parts.room.exchange.peers.add(form.peer(form.peer_id), viewer.user_id)
    except ExchangeFault as fault:
        return await _page(web, page, "", form=form, faults=fault.faults)
    except PeerChanged:
        return await _page(web, page, "", form=form, faults={"peer_id": "peer_taken"})
    return await _page(web, page, added.peer.peer_id, secret=added)


@router.post("/exchange/peers/{peer_id}", response_class=HTMLResponse)
async def change_peer(
    web: WebOf,
    page: PageOf,
    viewer: ExchangeStaff,
    peer_id: PeerId,
    form: Annotated[PeerForm, Form()],
) -> Response:
    """Replace what stands of a peer."""
    kept = _peer(web, peer_id)
    try:
        wanted = form.peer(peer_id)
        await web.parts.room.exchange.peers.change(
            _with_pause(wanted, paused=kept.paused), viewer.user_id
        )
    except ExchangeFault as fault:
        return await _page(web, page, peer_id, form=form, faults=fault.faults)
    except PeerChanged as error:
        raise Conflict("peer_changed") from error
    return _back(peer_id, "changed")


@router.post("/exchange/peers/{peer_id}/pause", status_code=303)
async def pause_peer(
    web: WebOf, viewer: ExchangeStaff, peer_id: PeerId, form: Annotated[PauseForm, Form()]
) -> Response:
    """Send nothing for a while, or again."""
    _peer(web, peer_id)
    await web.parts.room.exchange.peers.pause(peer_id, form.paused, viewer.user_id)
    return _back(peer_id, "paused" if form.paused else "resumed")


@router.post("/exchange/peers/{peer_id}/secret", response_class=HTMLResponse)
async def renew_secret(
    web: WebOf, page: PageOf, viewer: ExchangeStaff, peer_id: PeerId
) -> Response:
    """Make a new secret, shown this once; the former one holds for another week."""
    _peer(web, peer_id)
    added = await web.parts.room.exchange.peers.renew_secret(peer_id, viewer.user_id)
    return await _page(web, page, peer_id, secret=added)


@router.post("/exchange/peers/{peer_id}/retry", status_code=303)
async def retry_all(web: WebOf, viewer: ExchangeStaff, peer_id: PeerId) -> Response:
    """Send every stuck message of a peer now."""
    _peer(web, peer_id)
    await web.parts.room.exchange.stuck.retry_all(peer_id)
    return _back(peer_id, "retried")


@router.post("/exchange/messages/{message_id}/retry", status_code=303)
async def retry(web: WebOf, viewer: ExchangeStaff, message_id: MessageId) -> Response:
    """Send one stuck message now."""
    try:
        await web.parts.room.exchange.stuck.retry(message_id)
    except NoSuchMessage as error:
        raise NotFound("no_such_message") from error
    return RedirectResponse("/exchange?done=retried", status_code=303)


@router.post("/exchange/messages/{message_id}/skip", status_code=303)
async def skip(
    web: WebOf, viewer: ExchangeStaff, message_id: MessageId, form: Annotated[SkipForm, Form()]
) -> Response:
    """Never send one message, with a reason; the next of its case may go."""
    why = form.why.strip()
    if not why:
        raise BadInput({"why": "required"})
    try:
        await web.parts.room.exchange.stuck.skip(message_id, viewer.user_id, why)
    except NoSuchMessage as error:
        raise NotFound("no_such_message") from error
    return RedirectResponse("/exchange?done=skipped", status_code=303)


@dataclass(frozen=True, slots=True)
class _Which:
    """The mapping that an address names."""

    peer: Peer
    purpose: Purpose


def _which(web: WebOf, peer_id: PeerId, purpose: Purpose) -> _Which:
    return _Which(_peer(web, peer_id), purpose)


MappingOf = Annotated[_Which, Depends(_which)]


@router.get("/exchange/peers/{peer_id}/mappings/{purpose}", response_class=HTMLResponse)
async def mapping_page(
    web: WebOf, page: PageOf, viewer: ExchangeStaff, which: MappingOf
) -> Response:
    """A mapping: the one in force, its versions, and a sample to try it on."""
    peer_id, purpose = which.peer.peer_id, which.purpose
    versions = await web.parts.room.exchange.peers.versions(peer_id, purpose)
    newest = versions[0]
    form = MappingForm(text=newest.text, revision=newest.revision)
    return await _mapping(web, page, which, form=form)


@router.post("/exchange/peers/{peer_id}/mappings/{purpose}", response_class=HTMLResponse)
async def save_mapping(
    web: WebOf,
    page: PageOf,
    viewer: ExchangeStaff,
    which: MappingOf,
    form: Annotated[MappingForm, Form()],
) -> Response:
    """Try a mapping on a sample, or put it in force."""
    peer_id, purpose = which.peer.peer_id, which.purpose
    desk = web.parts.room.exchange.peers
    try:
        if form.act == "save":
            await desk.save_mapping(peer_id, purpose, form.text, form.revision, viewer.user_id)
            return _back(peer_id, "mapping")
        tried = desk.try_mapping(purpose, form.text, _sample(form.sample))
    except BadMapping as bad:
        return await _mapping(web, page, which, form=form, bad=bad)
    except PeerChanged as error:
        raise Conflict("peer_changed") from error
    return await _mapping(web, page, which, form=form, tried=tried)


# --- inside -------------------------------------------------------------------------------


async def _page(
    web: Web,
    page: Page,
    peer_id: str,
    *,
    form: PeerForm | None = None,
    faults: dict[str, str] | None = None,
    secret: Added | None = None,
    done: str = "",
) -> HTMLResponse:
    room = web.parts.room.exchange
    peer = room.peers.peers.get(peer_id)
    stuck = await room.stuck.find(peer_id)
    traffic = await room.stuck.traffic()
    return page.render(
        "exchange/exchange.html",
        status=422 if faults else 200,
        peers=list(room.peers.peers.values()),
        peer=peer,
        traffic={one: traffic.get(one, Traffic()) for one in room.peers.peers},
        resting={one: room.courier.resting(one) for one in room.peers.peers},
        stuck=stuck,
        given=form or _given(peer),
        errors={name: page.t(f"error.field.{key}") for name, key in (faults or {}).items()},
        secret=secret,
        done=done,
        sources=PEER_SOURCES,
        scopes=SCOPES,
        kinds=(*KINDS, *CALL_KINDS),
        call_kinds=CALL_KINDS,
        purposes=PURPOSES,
    )


async def _mapping(
    web: Web,
    page: Page,
    which: _Which,
    *,
    form: MappingForm,
    bad: BadMapping | None = None,
    tried: Applied | None = None,
) -> HTMLResponse:
    return page.render(
        "exchange/mapping.html",
        status=422 if bad else 200,
        peer=which.peer,
        purpose=which.purpose,
        form=form,
        bad=bad,
        tried=tried,
        written=json.dumps(tried.values, ensure_ascii=False, indent=2) if tried else "",
        versions=await web.parts.room.exchange.peers.versions(which.peer.peer_id, which.purpose),
        names=await names_of(web.parts.database),
    )


def _given(peer: Peer | None) -> PeerForm:
    if peer is None:
        return PeerForm(sends=True)
    return PeerForm(
        peer_id=peer.peer_id,
        name=peer.name,
        source=peer.source,
        sends=peer.sends,
        url=peer.url,
        scope=peer.scope,
        units=" ".join(peer.units),
        kinds=list(peer.kinds),
        concurrency=peer.concurrency,
        deadline_s=peer.deadline_s,
        attempts=peer.attempts,
        version=peer.version,
    )


def _with_pause(peer: Peer, *, paused: bool) -> Peer:
    values = {name: getattr(peer, name) for name in Peer.__dataclass_fields__}
    return Peer(**(values | {"paused": paused}))


def _sample(text: str) -> dict[str, Any]:
    try:
        sample = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise BadInput({"sample": "wrong"}) from error
    if not isinstance(sample, dict):
        raise BadInput({"sample": "wrong"})
    return sample


def _peer(web: Web, peer_id: str) -> Peer:
    try:
        return web.parts.room.exchange.peers.get(peer_id)
    except NoSuchPeer as error:
        raise NotFound("no_such_peer") from error


def _back(peer_id: str, done: str) -> Response:
    return RedirectResponse(f"/exchange?peer={peer_id}&done={done}", status_code=303)
