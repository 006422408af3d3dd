"""Voices that speak the prompts: espeak-ng, or a program of the city's.

A program is any that reads a text file and writes a WAV file; it runs without a shell, and one
that takes too long is ended.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Protocol

from hotline.config import Config
from hotline.speech.audio import TELEPHONE_RATE, Audio, BadAudio
from hotline.speech.foreign import read_any
from hotline.speech.synthesis import Synthesiser, SynthesisFault

SPEECH_RATE = {"zh": 155, "en": 150}
# Single words come out hurried at the pace of sentences.
PIECE_RATE = {"zh": 165, "en": 160}
_COMPLAINT = 200


class Voice(Protocol):
    """Something that speaks."""

    @property
    def identity(self) -> str:
        """Changes whenever the same text would sound otherwise."""

    def say(self, text: str, language: str, *, piece: bool = False) -> Audio:
        """``text`` spoken; ``piece``: a word that will be played between others.

        Blocks. Raises :class:`~hotline.speech.synthesis.SynthesisFault`.
        """


class EspeakVoice:
    """espeak-ng by library; see :mod:`hotline.speech.synthesis`."""

    def __init__(self) -> None:
        self._synthesiser: Synthesiser | None = None

    @property
    def identity(self) -> str:
        """The version of the voice, and how fast it speaks."""
        paces = [SPEECH_RATE, PIECE_RATE]
        return f"espeak {metadata.version('espeakng-loader')} {json.dumps(paces)}"

    def say(self, text: str, language: str, *, piece: bool = False) -> Audio:
        """``text`` spoken."""
        # Made with the first word: whoever only asks for the identity need not load the voice.
        self._synthesiser = self._synthesiser or Synthesiser()
        rate = (PIECE_RATE if piece else SPEECH_RATE)[language]
        return Audio(self._synthesiser.say(text, rate=rate, language=language), TELEPHONE_RATE)


class CommandVoice:
    """A program. In its arguments ``{text_file}`` is a UTF-8 file with the text, ``{wav}`` the
    file to write, ``{language}`` zh or en."""

    def __init__(self, command: Sequence[str], deadline_s: float) -> None:
        self._command = tuple(command)
        self._deadline_s = deadline_s

    @property
    def identity(self) -> str:
        """The command."""
        return f"command {json.dumps(self._command)}"

    def say(self, text: str, language: str, *, piece: bool = False) -> Audio:
        """``text`` spoken."""
        with tempfile.TemporaryDirectory(prefix="hotline-voice-") as folder:
            text_file, wav = Path(folder, "text.txt"), Path(folder, "speech.wav")
            text_file.write_text(text, encoding="utf-8")
            places = {"{text_file}": str(text_file), "{wav}": str(wav), "{language}": language}
            self._run([_filled(part, places) for part in self._command])
            try:
                return read_any(wav)
            except (BadAudio, OSError) as error:
                raise SynthesisFault(
                    f"{self._command[0]} made no usable speech: {error}"
                ) from error

    def _run(self, command: Sequence[str]) -> None:
        program = command[0]
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=self._deadline_s,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise SynthesisFault(
                f"{program} took longer than {self._deadline_s:g} s (prompts.voice_seconds)"
            ) from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()[-_COMPLAINT:]
            raise SynthesisFault(
                f"{program} ended with {error.returncode}" + (f": {said}" if said else "")
            ) from error
        except OSError as error:
            raise SynthesisFault(
                f"prompts.voice_command: {program} cannot be started: {error.strerror}"
            ) from error


def voice_of(config: Config) -> Voice:
    """The configured voice."""
    section = config.prompts
    if section.voice == "espeak":
        return EspeakVoice()
    return CommandVoice(section.voice_command, section.voice_seconds)


def _filled(part: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        part = part.replace(place, value)
    return part
