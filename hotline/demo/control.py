"""baresip's control port: netstrings of JSON, commands with answers, and events."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

_ANSWER_SECONDS = 10.0


class PhoneFault(RuntimeError):
    """The phone did not start, refused a command or did not do in time what was awaited."""


class Control:
    """One connection to a control port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.gone = False
        self._reader = reader
        self._writer = writer
        self._tokens = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    def post(self, command: str, parameters: str = "", token: str = "") -> None:
        """Send a command and await nothing."""
        body = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))

    async def command(self, command: str, parameters: str) -> str:
        """What baresip answers to a command; raises :class:`PhoneFault` when it refuses it."""
        if self.gone:
            raise PhoneFault(f"the phone has ended: {command} {parameters} was not sent")
        token = str(next(self._tokens))
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[token] = future
        try:
            self.post(command, parameters, token)
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await future
        except TimeoutError:
            raise PhoneFault(f"the phone did not answer {command} {parameters}") from None
        finally:
            del self._answers[token]
        if not answer.get("ok"):
            raise PhoneFault(f"the phone refused {command} {parameters}: {answer.get('data')}")
        return str(answer.get("data", ""))

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Every event until the phone ends; answers go to those who asked."""
        try:
            while True:
                length = await self._reader.readuntil(b":")
                body = await self._reader.readexactly(int(length[:-1]) + 1)
                message = json.loads(body[:-1])
                if not message.get("response"):
                    yield message
                elif (waiting := self._answers.get(message.get("token", ""))) is not None:
                    waiting.set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone = True
            for waiting in self._answers.values():
                waiting.set_exception(PhoneFault("the phone ended"))

    async def close(self) -> None:
        """Close the connection, what was posted being sent first."""
        self.gone = True
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
