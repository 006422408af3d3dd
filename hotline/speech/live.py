"""The worker process that listens live: ``python -m hotline.speech.live MODEL``.

Vosk can bring its process down, so it lives here. Standard input carries messages of a kind (one
byte), a stream's number (four bytes) and a length (four bytes), big-endian, and that many bytes:
``o`` opens a stream (JSON: ``{"words"}``), ``a`` is its speech, ``c`` closes it. Each line of
standard output is JSON: ``{"ready", "model"}`` or ``{"fault"}`` first, then answers about a
stream: ``opened`` (with the words the model does not know), ``word``, ``unclear``, ``done`` (how
many bytes were listened to) or ``fault``.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import Any, BinaryIO, TextIO

from hotline.speech.models import ModelFault, locate
from hotline.speech.spotting import NoWords, Spotted, Spotter, vocabulary
from hotline.speech.worker import Engine, behave

HEADER = struct.Struct(">cII")
OPEN, AUDIO, CLOSE = b"o", b"a", b"c"
# Listening is waited for by a caller; transcribing is not.
NICENESS = 5


class Listeners:
    """Every open stream."""

    def __init__(self, engine: Engine, answers: TextIO) -> None:
        self._engine = engine
        self._known = vocabulary(engine.model.path)
        self._answers = answers
        self._spotters: dict[int, Spotter] = {}
        self._done: dict[int, int] = {}

    def take(self, kind: bytes, stream: int, content: bytes) -> None:
        """Take one message in; one about a stream that is not open is ignored."""
        if kind == OPEN:
            self._open(stream, json.loads(content)["words"])
        elif kind == CLOSE:
            self._close(stream)
        elif kind == AUDIO and stream in self._spotters:
            self._hear(stream, content)

    def _open(self, stream: int, words: list[str]) -> None:
        engine = self._engine
        try:
            spotter = Spotter(engine.vosk, engine.model.rate, self._known, words)
        except NoWords as error:
            self._say(stream, "fault", why=str(error))
            return
        self._spotters[stream], self._done[stream] = spotter, 0
        self._say(stream, "opened", unknown=spotter.unknown)

    def _hear(self, stream: int, samples: bytes) -> None:
        finding = self._spotters[stream].feed(samples)
        self._done[stream] += len(samples)
        if isinstance(finding, Spotted):
            self._say(stream, "word", word=finding.word, confidence=finding.confidence)
        elif finding is not None:
            self._say(stream, "unclear")
        self._say(stream, "done", bytes=self._done[stream])

    def _close(self, stream: int) -> None:
        self._spotters.pop(stream, None)
        self._done.pop(stream, None)

    def _say(self, stream: int, kind: str, **more: Any) -> None:
        write(self._answers, {"stream": stream, "kind": kind, **more})


def write(answers: TextIO, line: dict[str, Any]) -> None:
    """Say one line."""
    print(json.dumps(line, ensure_ascii=False), file=answers, flush=True)


def serve(setting: str, messages: BinaryIO, answers: TextIO) -> int:
    """Listen until the messages end. Returns the exit code: 1 when the model cannot be used."""
    try:
        engine = Engine(locate(setting))
    except ModelFault as error:
        write(answers, {"fault": str(error)})
        return 1
    listeners = Listeners(engine, answers)
    write(answers, {"ready": True, "model": engine.model.name})
    while header := messages.read(HEADER.size):
        kind, stream, length = HEADER.unpack(header)
        listeners.take(kind, stream, messages.read(length))
    return 0


def main() -> int:
    """Entry point."""
    behave(NICENESS)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What C++ prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return serve(sys.argv[1], sys.stdin.buffer, answers)


if __name__ == "__main__":
    sys.exit(main())
