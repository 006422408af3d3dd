"""The AGI protocol without I/O: bytes in, frozen events out; commands in, bytes out.

Asterisk speaks first: ``agi_name: value`` lines up to an empty one. After that each command is
one line and has one reply: ``200 result=…``, ``510``/``511`` with a text, or a ``520-`` block
of usage lines. ``HANGUP`` may stand between replies at any time. A command sent before the
last one was answered makes Asterisk break off the last one without a reply, so a connection
has at most one command under way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LINE_LIMIT = 8 * 1024
TEXT_LIMIT = 64 * 1024
# Asterisk reads a command into 2,048 bytes; what is longer becomes a second command.
COMMAND_LIMIT = 2046
HELD_LINES = 200

_COMMAND = re.compile(r"[A-Z]+(?: [A-Z]+)*")
_VARIABLE = re.compile(r"(agi_\w+):(?: (.*))?", re.DOTALL)
_UNSENDABLE = re.compile(r"[\0\r\n]")
_ESCAPED = re.compile(r'["\\]')
_RESULT = re.compile(r"200 result=(\S*)(.*)", re.DOTALL)
_PAIRS = re.compile(r"(?: \w+=\S*)*")
_ENDPOS = re.compile(r" endpos=(-?[0-9]{1,18})(?= |$)")
_PROVISIONAL = re.compile(r"1[0-9][0-9] .*", re.DOTALL)
_REFUSAL = re.compile(r"(5[0-9][0-9]) (?:result=(-?[0-9]+) )?(.*)", re.DOTALL)
_USAGE = re.compile(r"(5[0-9][0-9])-(.*)", re.DOTALL)


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

    def __init__(self) -> None:
        self._rest = b""
        self._seen = 0
        self._variables: dict[str, str] = {}
        self._awaiting = False
        self._held: list[str] = []
        # A function, not a method of this object: it would hold itself until garbage is looked for.
        self._take: Reader = AgiConnection._environment_line
        self._fault: ProtocolFault | None = None

    def receive(self, data: bytes) -> list[AgiEvent]:
        """The events that ``data`` completes; however the bytes are split, the same events.

        Raises :class:`ProtocolFault` on what is not AGI and on lines over 8 KiB or an
        environment or reply over 64 KiB; after that on every call.
        """
        if self._fault is not None:
            raise ProtocolFault(str(self._fault), self._fault.kind)
        events: list[AgiEvent] = []
        try:
            self._lines(data, events)
        except ProtocolFault as fault:
            fault.events = tuple(events)
            self._fault = fault
            raise
        return events

    def send(self, command: str, *arguments: object) -> bytes:
        """The bytes that say ``command`` with each argument quoted.

        Raises ValueError on NUL or line breaks and on a command over Asterisk's 2,046 bytes,
        RuntimeError while the last command is unanswered.
        """
        if self._awaiting:
            raise RuntimeError("the last command has no answer yet")
        if not _COMMAND.fullmatch(command):
            raise ValueError(f"not an AGI command: {command!r}")
        line = " ".join([command, *map(_quoted, arguments)]).encode()
        if len(line) > COMMAND_LIMIT:
            raise ValueError(
                f"{command} would be {len(line)} bytes; Asterisk takes {COMMAND_LIMIT}"
            )
        self._awaiting = True
        return line + b"\n"

    def _lines(self, data: bytes, events: list[AgiEvent]) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._measure(len(line), 1)
            self._seen += len(line) + 1
            event = self._take(self, line.decode(errors="replace"))
            if event is not None:
                self._seen = 0
                events.append(event)
        self._measure(len(self._rest), 0)

    def _measure(self, line: int, newline: int) -> None:
        if line > LINE_LIMIT:
            raise ProtocolFault(f"a line over {LINE_LIMIT} bytes", "too_long")
        if self._seen + line + newline > TEXT_LIMIT:
            raise ProtocolFault(f"an environment or reply over {TEXT_LIMIT} bytes", "too_long")

    def _environment_line(self, line: str) -> AgiEvent | None:
        if not line:
            if not self._variables:
                raise ProtocolFault("an environment without a variable")
            self._take = AgiConnection._reply_line
            return Environment(self._variables)
        match = _VARIABLE.fullmatch(line)
        if match is None:
            raise ProtocolFault(f"not an AGI environment: {line[:40]!r}")
        name, value = match.group(1), match.group(2) or ""
        # A caller's name with a line break in it would otherwise forge what follows it.
        if name in self._variables:
            raise ProtocolFault(f"{name} is told twice")
        self._variables[name] = value
        return None

    def _reply_line(self, line: str) -> AgiEvent | None:
        if line == "HANGUP":
            return HungUp()
        if not self._awaiting:
            raise ProtocolFault(f"an answer to no command: {line[:40]!r}")
        if _PROVISIONAL.fullmatch(line):
            return None
        if refusal := _REFUSAL.fullmatch(line):
            return self._answered(Reply(int(refusal[1]), refusal[2] or "", text=refusal[3].strip()))
        if _USAGE.fullmatch(line):
            self._hold(line, AgiConnection._usage_line)
            return None
        return self._result_line(line)

    def _result_line(self, line: str) -> AgiEvent | None:
        found = _RESULT.fullmatch("\n".join([*self._held, line]))
        if found is None:
            raise ProtocolFault(f"not an AGI reply: {line[:40]!r}")
        data, pairs = _data_and_pairs(found[2])
        if _PAIRS.fullmatch(pairs):
            endpos = _ENDPOS.search(pairs)
            position = int(endpos[1]) if endpos else None
            return self._answered(Reply(200, found[1], data, position))
        if not found[2].startswith(" ("):
            raise ProtocolFault(f"not an AGI reply: {line[:40]!r}")
        # A variable's value with line breaks: it goes on to the closing parenthesis.
        self._hold(line, AgiConnection._result_line)
        return None

    def _usage_line(self, line: str) -> AgiEvent | None:
        code = self._held[0][:3]
        if not line.startswith(f"{code} "):
            self._hold(line, AgiConnection._usage_line)
            return None
        text = "\n".join([self._held[0][4:], *self._held[1:]]).strip()
        return self._answered(Reply(int(code), text=text))

    def _hold(self, line: str, take: Reader) -> None:
        if len(self._held) >= HELD_LINES:
            raise ProtocolFault(f"a reply over {HELD_LINES} lines", "too_long")
        self._held.append(line)
        self._take = take

    def _answered(self, reply: Reply) -> Reply:
        self._awaiting = False
        self._held = []
        self._take = AgiConnection._reply_line
        return reply


Reader = Callable[[AgiConnection, str], AgiEvent | None]


def _data_and_pairs(text: str) -> tuple[str | None, str]:
    """What stands in parentheses after a result (None without them), and what follows."""
    closed = text.rfind(")")
    if not text.startswith(" (") or closed < 0:
        return None, text
    return text[2:closed], text[closed + 1 :]


def _quoted(argument: object) -> str:
    text = str(argument)
    if _UNSENDABLE.search(text):
        raise ValueError(f"an AGI argument cannot carry a line break or NUL: {text!r}")
    return '"' + _ESCAPED.sub(r"\\\g<0>", text) + '"'
