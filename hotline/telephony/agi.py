"""The AGI protocol without I/O: bytes in, frozen events out; commands in, bytes out.

Asterisk speaks first: ``agi_name: value`` lines up to an empty one. After that each command is
one line and has one reply: ``200 result=…``, ``510``/``511`` with a text, or a ``520-`` block
of usage lines. ``HANGUP`` may stand between replies at any time. A command sent before the
last one was answered makes Asterisk break off the last one without a reply, so a connection
has at most one command under way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LINE_LIMIT = 8 * 1024
ENVIRONMENT_LIMIT = 64 * 1024
# Asterisk reads a command into 2,048 bytes; what is longer becomes a second command.
COMMAND_LIMIT = 2046


class ProtocolFault(Exception):
    """The peer does not speak AGI; nothing more can be read from this connection.

    ``events`` is what was still understood in the same call of :meth:`AgiConnection.receive`;
    ``kind`` is ``garbage`` or ``too_long``.
    """

    def __init__(self, message: str, kind: str = "garbage") -> None:
        super().__init__(message)
        self.kind = kind
        self.events: tuple[AgiEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class AgiEvent:
    """Something the peer said."""


@dataclass(frozen=True, slots=True)
class Environment(AgiEvent):
    """What the call is, told once: ``variables`` has the ``agi_…`` lines by their full name."""

    variables: Mapping[str, str]

    @property
    def path(self) -> str:
        """The script asked for: ``call`` of ``agi://host/call``."""
        return self.variables.get("agi_network_script", "")

    @property
    def arguments(self) -> tuple[str, ...]:
        """``agi_arg_1`` and on."""
        found: list[str] = []
        while (value := self.variables.get(f"agi_arg_{len(found) + 1}")) is not None:
            found.append(value)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Reply(AgiEvent):
    """The answer to a command.

    ``code`` is 200 when it was understood, 510, 511 or 520 when not. ``result`` is the text
    after ``result=`` (empty without one), ``data`` the text in parentheses or None,
    ``endpos`` the sample where a playback stopped, ``text`` the rest of a refusal.
    """

    code: int
    result: str = ""
    data: str | None = None
    endpos: int | None = None
    text: str = ""

    @property
    def number(self) -> int | None:
        """``result`` as a number, None when it is not one."""
        return int(self.result) if re.fullmatch(r"-?[0-9]{1,18}", self.result) else None


@dataclass(frozen=True, slots=True)
class HungUp(AgiEvent):
    """The caller is gone, or the channel was taken elsewhere."""


class AgiConnection:
    """One AGI conversation."""

    def receive(self, data: bytes) -> list[AgiEvent]:
        """The events that ``data`` completes; however the bytes are split, the same events.

        Raises :class:`ProtocolFault` on what is not AGI and on lines over 8 KiB or an
        environment over 64 KiB; after that on every call.
        """
        raise NotImplementedError

    def send(self, command: str, *arguments: object) -> bytes:
        """The bytes that say ``command`` with each argument quoted.

        Raises ValueError on NUL or line breaks and on a command over Asterisk's 2,046 bytes,
        RuntimeError while the last command is unanswered.
        """
        raise NotImplementedError
