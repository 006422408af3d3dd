"""One recogniser process: ``python -m hotline.speech.worker MODEL``.

Vosk can bring its process down (facts it meets in C++ end in abort or worse), so it lives here
and nowhere else. Each line of standard input is a job ``{"id", "path"}``; each gets one line on
standard output, ``{"id", "text", "confidence", "words", "seconds"}`` or ``{"id", "fault"}``. The
first line says ``{"ready", "model"}`` or ``{"fault"}`` about the model. It ends with its input.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import vosk

from hotline.speech.audio import Audio, BadAudio, read_wav, resample, to_samples
from hotline.speech.models import Model, ModelFault, locate

LONGEST_S = 3600.0
NICENESS = 10
UNKNOWN_WORDS = frozenset({"[unk]", "<unk>", "<UNK>", "[FIL]"})
_UNKNOWN_SHOWN = "…"
_CHUNK_S = 0.25
_PR_SET_PDEATHSIG = 1
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff…]) (?=[\u3400-\u9fff…])")


class Engine:
    """A loaded model. Raises :class:`~hotline.speech.models.ModelFault`."""

    def __init__(self, model: Model) -> None:
        vosk.SetLogLevel(-1)
        self.model = model
        try:
            self.vosk = vosk.Model(str(model.path))
        except Exception as error:  # vosk raises nothing narrower
            raise ModelFault(f"speech.model: {model.path}: {error}") from error

    def transcribe(self, audio: Audio) -> dict[str, Any]:
        """The answer to a job, without its id. Raises :class:`~.audio.BadAudio`."""
        if audio.seconds > LONGEST_S:
            raise BadAudio(f"{audio.seconds:.0f} s long; {LONGEST_S:.0f} s is the most")
        # Always the model's own rate: it may refuse any other.
        samples = to_samples(resample(audio.samples, audio.rate, self.model.rate))
        recognizer = vosk.KaldiRecognizer(self.vosk, self.model.rate)
        recognizer.SetWords(True)
        results: list[dict[str, Any]] = []
        step = int(self.model.rate * _CHUNK_S)
        for start in range(0, len(samples), step):
            if recognizer.AcceptWaveform(samples[start : start + step].tobytes()):
                results.append(json.loads(recognizer.Result()))
        results.append(json.loads(recognizer.FinalResult()))
        words = [word for result in results for word in result.get("result", ())]
        return {
            "text": joined(result["text"] for result in results),
            "confidence": float(np.mean([word["conf"] for word in words])) if words else None,
            "words": words,
            "seconds": audio.seconds,
        }


def joined(texts: Iterable[str]) -> str:
    """The parts of a transcript as people write it: Chinese without spaces, commas at pauses."""
    parts = [
        _BETWEEN_HAN.sub("", " ".join(_shown(word) for word in text.split())) for text in texts
    ]
    written = [part for part in parts if part]
    comma = "，" if re.search(r"[\u3400-\u9fff]", "".join(written)) else ", "
    return re.sub("…{2,}", _UNKNOWN_SHOWN, comma.join(written))


def _shown(word: str) -> str:
    return _UNKNOWN_SHOWN if word in UNKNOWN_WORDS else word


def answer(engine: Engine, job: dict[str, Any]) -> dict[str, Any]:
    """The line that answers a job; a file that cannot be used is a fault of the job alone."""
    try:
        return {"id": job["id"], **engine.transcribe(read_wav(Path(job["path"])))}
    except BadAudio as error:
        return {"id": job["id"], "fault": str(error)}
    except OSError as error:
        return {"id": job["id"], "fault": f"cannot be read: {error.strerror}"}


def serve(setting: str, jobs: TextIO, answers: TextIO) -> int:
    """Answer jobs until they end. Returns the exit code: 1 when the model cannot be used."""
    try:
        engine = Engine(locate(setting))
    except ModelFault as error:
        _write(answers, {"fault": str(error)})
        return 1
    _write(answers, {"ready": True, "model": engine.model.name})
    for line in jobs:
        _write(answers, answer(engine, json.loads(line)))
    return 0


def _write(answers: TextIO, line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), file=answers, flush=True)


def behave(niceness: int = NICENESS) -> None:
    """Step back behind calls, leave no core file of a citizen's words, die with the parent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(niceness)


def main() -> int:
    """Entry point."""
    behave()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What C++ prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return serve(sys.argv[1], sys.stdin, answers)


if __name__ == "__main__":
    sys.exit(main())
