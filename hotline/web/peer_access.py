"""Other systems are let in by signed requests: no login, no cookie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from hotline.registry.exchange import signing
from hotline.registry.exchange.model import NoSuchPeer, Peer
from hotline.web.access import ByKey
from hotline.web.errors import BadInput, Forbidden, NotSigned
from hotline.web.web import Web, web_of

_Body = TypeVar("_Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PeerRequest:
    """A request of a peer's, with its body as it was signed."""

    peer: Peer
    body: bytes
    idempotency_key: str


class AllowPeer(ByKey):
    """A dependency that lets in whoever signed with a secret in force.

    Raises :class:`NotSigned`; :class:`Forbidden` for a peer that may not send.
    """

    async def __call__(self, request: Request) -> PeerRequest:
        """Who is asking."""
        body = await request.body()
        web = web_of(request)
        peer, secret = _secret(web, request.headers.get(signing.KEY, ""))
        timestamp = request.headers.get(signing.TIMESTAMP, "")
        if not signing.in_time(timestamp, web.parts.clock.now()):
            raise NotSigned("not_in_time")
        key = request.headers.get(signing.IDEMPOTENCY, "")
        expected = signing.signature(
            secret,
            timestamp,
            method=request.method,
            target=_target(request),
            idempotency=key,
            body=body,
        )
        if not signing.same(request.headers.get(signing.SIGNATURE, ""), expected):
            raise NotSigned("not_signed")
        if not peer.sends:
            raise Forbidden("peer_may_not_send")
        return PeerRequest(peer, body, key)


PeerOnly = Annotated[PeerRequest, Depends(AllowPeer())]
"""Another system, which signed its request."""


def read_body(asked: PeerRequest, model: type[_Body]) -> _Body:
    """The body as ``model``. Raises :class:`BadInput`."""
    try:
        raw = json.loads(asked.body, parse_constant=_no_number)
        return model.model_validate(raw)
    except ValidationError as error:
        faults = {
            str(one["loc"][0]) if one["loc"] else "body": one["type"] for one in error.errors()
        }
        raise BadInput(
            {name: "required" if kind == "missing" else "wrong" for name, kind in faults.items()}
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadInput({"body": "wrong"}) from error


def _secret(web: Web, key_id: str) -> tuple[Peer, str]:
    named = signing.read_key_id(key_id)
    if named is None:
        raise NotSigned("not_signed")
    peers = web.parts.room.exchange.peers
    try:
        peer = peers.get(named[0])
    except NoSuchPeer:
        raise NotSigned("not_signed") from None
    if not peer.takes(named[1], web.parts.clock.now()):
        raise NotSigned("not_signed")
    return peer, peers.secret(peer, named[1])


def _target(request: Request) -> str:
    """The path as it was asked for, with its query."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


def _no_number(_text: str) -> NoReturn:
    raise ValueError("no number")


def documented_body(model: type[BaseModel]) -> dict[str, Any]:
    """A body for OpenAPI that is read by :func:`read_body`, after the signature was checked."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
