"""What lies around every request: its id in the logs, its size limit, the security headers, and
an answer in words for whatever was not foreseen."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline.config import Config
from hotline.web.answers import answer
from hotline.web.errors import WebError
from hotline.web.softphone import softphone_source

MOST_BODY_BYTES = 256 * 1024
MOST_UPLOAD_BYTES = 24 * 1024 * 1024
# Two thousand agents with their roster.
MOST_PLAN_BYTES = 8 * 1024 * 1024
_UPLOAD = re.compile(r"/prompts/[a-z]+/[\w-]+/recording|/exchange/import")
_PLAN = re.compile(r"/api/routing/(check|draft|publish|gate|upload)")
_ATTACHMENT = re.compile(r"/api/cases/[^/]+/attachments")
_PLACES = "/places/import"
_STATIC = "/static/"
_log = structlog.get_logger(__name__)


def _most_bytes(path: str, config: Config) -> int:
    """How large the body of a request may be."""
    if _ATTACHMENT.fullmatch(path):
        # The route says no itself, in better words, and stops reading; this is the last fence.
        return (config.registry.attachment_mb + 1) * 1024 * 1024
    if _UPLOAD.fullmatch(path) or path == _PLACES:
        return MOST_UPLOAD_BYTES
    return MOST_PLAN_BYTES if _PLAN.fullmatch(path) else MOST_BODY_BYTES


class Unexpected(WebError):
    """A mistake of ours; the log has it under ``number``."""

    status = 500


class Envelope:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.app = app
        self.config = config
        self.headers = security_headers(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = secrets.token_hex(4)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)
        await _Exchange(self, scope, receive, send).run(number)


class _Exchange:
    """One request and its answer."""

    def __init__(self, around: Envelope, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = around.app
        self._headers = around.headers
        self._scope = scope
        self._receive_raw = receive
        self._send_raw = send
        self._most = _most_bytes(scope["path"], around.config)
        self._received = 0
        self._status: int | None = None

    async def run(self, number: str) -> None:
        began = time.perf_counter()
        try:
            await self._app(self._scope, self._receive, self._send)
        except Exception:
            # The edge of the web: nothing further out could put it into words.
            _log.exception("a request failed", path=self._scope["path"])
            if self._status is None:
                request = Request(self._scope, self._receive)
                response = answer(request, Unexpected("unexpected", number=number))
                await response(self._scope, self._receive, self._send)
        finally:
            _log.debug(
                "request",
                method=self._scope["method"],
                path=self._scope["path"],
                status=self._status,
                seconds=round(time.perf_counter() - began, 4),
            )

    async def _receive(self) -> Message:
        message = await self._receive_raw()
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise HTTPException(413)
        return message

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            if not self._scope["path"].startswith(_STATIC):
                # Nearly everything here is about people; the browser keeps none of it.
                headers.setdefault("Cache-Control", "no-store")
            elif message["status"] == 200:
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
        await self._send_raw(message)


def security_headers(config: Config) -> dict[str, str]:
    """The headers of every answer."""
    headers = {
        "Content-Security-Policy": content_security_policy(config),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not no-referrer: with it browsers send "Origin: null" from our own forms.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if config.web.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_security_policy(config: Config) -> str:
    """Scripts and styles from our own files only; sockets to ourselves and to the softphone's
    server."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "media-src 'self' blob:",
            f"connect-src 'self' {softphone_source(config)}",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
