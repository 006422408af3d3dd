"""Speech from text by espeak-ng: the prompts, the demo's citizens, the demo model's teacher.

It is clear but robotic; a city records its own prompts. The library comes with the PyPI package
``espeakng-loader`` and is called through ctypes, so nothing has to be installed on the machine.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import espeakng_loader
import numpy as np

from hotline.speech.audio import TELEPHONE_RATE, Samples, resample, to_samples

MANDARIN = "cmn-latn-pinyin"
VOICES = {"zh": MANDARIN, "en": "en-us"}

_OUTPUT_SYNCHRONOUS = 2
_WANT_PHONEME_EVENTS = 1
_DO_NOT_EXIT = 0x8000
_TEXT_IS_UTF8 = 0x001
_TEXT_HAS_PHONEMES = 0x100
_FLAGS = _TEXT_IS_UTF8 | _TEXT_HAS_PHONEMES
_AT_CHARACTER = 1
_PARAMETERS = {"rate": 1, "pitch": 3, "pitch_range": 4}
_NOISE_SEED = 1
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7

# Read wrongly by pypinyin where a word stands alone.
_READINGS = {"朝阳": ("chao2", "yang2"), "多长": ("duo1", "chang2")}
_INTERJECTIONS = frozenset({"n", "ng", "m", "hm", "hng"})

# espeak-ng 1.52 does not know these syllables and spells them in English: given as phonemes.
_UNKNOWN_SYLLABLES = {"xiong": "S;'ong", "qiong": "tS;h'ong", "jiong": "tS;'ong"}
_TONES = {"1": "55", "2": "35", "3": "214", "4": "51", "5": "11"}

_PAUSES = str.maketrans({"，": ", ", "、": ", ", "；": "; ", "。": ". ", "？": "? ", "！": "! "})


class SynthesisFault(RuntimeError):
    """espeak-ng could not be loaded or would not speak; the message says why."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How it sounds. ``variant`` is one of espeak-ng's (``f2``, ``m3``…), empty for the plain one.

    ``rate`` is in words a minute as espeak-ng counts them; ``pitch`` and ``pitch_range`` go from
    0 to 99.
    """

    name: str = MANDARIN
    variant: str = ""
    rate: int = 165
    pitch: int = 50
    pitch_range: int = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that begins ``at_s`` seconds into an utterance.

    ``position`` is where its word starts in the text (characters, from 1); ``phoneme`` is
    espeak-ng's name of a sound, empty for the start of a word.
    """

    at_s: float
    position: int
    phoneme: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech as espeak-ng made it, with the times of its words and phonemes."""

    samples: Samples
    rate: int
    words: tuple[Mark, ...]
    phonemes: tuple[Mark, ...]


class _EventId(ctypes.Union):
    _fields_: ClassVar = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


# The C library has one state for the whole process, and initialising it again corrupts that.
_ONE_AT_A_TIME = Lock()


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The initialised library and its sample rate."""
    data = espeakng_loader.get_data_path()
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise SynthesisFault(f"espeak-ng cannot be loaded: {error}") from error
    options = _WANT_PHONEME_EVENTS | _DO_NOT_EXIT
    rate = int(library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, data.encode(), options))
    if rate <= 0:
        raise SynthesisFault(f"espeak-ng does not start with its data in {data}")
    library.espeak_Info.restype = ctypes.c_char_p
    return library, rate


class Synthesiser:
    """espeak-ng. Any number may be made; they take turns. Raises :class:`SynthesisFault`."""

    def __init__(self) -> None:
        self._variants = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
        with _ONE_AT_A_TIME:
            self._library, self._rate = _library()

    @property
    def version(self) -> str:
        """espeak-ng's version, e.g. ``1.52.0``."""
        return bytes(self._library.espeak_Info(None)).decode()

    def say(
        self,
        text: str,
        voice_variant: str = "",
        rate: int = 165,
        pitch: int = 50,
        language: str = "zh",
    ) -> Samples:
        """``text`` as 8 kHz samples that do not clip; see :class:`Voice` for the measures.

        Chinese is spoken from its pinyin, so polyphones come out as ``pypinyin`` reads them.
        Raises :class:`SynthesisFault` for a voice that does not exist or text without sound.
        """
        voice = Voice(VOICES[language], voice_variant, rate, pitch)
        speech = self.utter(pinyin_text(text) if language == "zh" else text, voice)
        if not speech.samples.any():
            raise SynthesisFault(f"espeak-ng makes no sound of {text!r}")
        return to_samples(resample(speech.samples, speech.rate, TELEPHONE_RATE))

    def utter(self, text: str, voice: Voice) -> Utterance:
        """What espeak-ng makes of ``text`` (pinyin for Mandarin), with the times of its parts.

        Raises :class:`SynthesisFault`.
        """
        # espeak-ng takes an unknown variant for the plain voice without a word.
        if voice.variant and not (self._variants / voice.variant).is_file():
            raise SynthesisFault(f"espeak-ng has no voice variant {voice.variant!r}")
        with _ONE_AT_A_TIME:
            return self._utter(text, voice)

    def _utter(self, text: str, voice: Voice) -> Utterance:
        library = self._library
        name = voice.name + (f"+{voice.variant}" if voice.variant else "")
        if library.espeak_SetVoiceByName(name.encode()) != 0:
            raise SynthesisFault(f"espeak-ng has no voice {name!r}")
        for parameter, number in _PARAMETERS.items():
            library.espeak_SetParameter(number, getattr(voice, parameter), 0)
        # The noise in breathy voices is seeded by the time of day otherwise.
        library.espeak_ng_SetRandSeed(_NOISE_SEED)
        collector = _Collector()
        callback = _Callback(collector)
        library.espeak_SetSynthCallback(callback)
        encoded = text.encode() + b"\0"
        result = library.espeak_Synth(
            encoded, len(encoded), 0, _AT_CHARACTER, 0, _FLAGS, None, None
        )
        library.espeak_Synchronize()
        library.espeak_SetSynthCallback(_Callback())
        if result != 0:
            raise SynthesisFault(f"espeak-ng refused to speak (code {result})")
        return collector.utterance(self._rate)


class _Collector:
    """Receives audio and events while espeak-ng speaks."""

    def __init__(self) -> None:
        self._chunks: list[Samples] = []
        self._words: list[Mark] = []
        self._phonemes: list[Mark] = []

    def __call__(self, audio: Any, count: int, events: Any) -> int:
        if count > 0 and audio:
            self._chunks.append(np.ctypeslib.as_array(audio, (count,)).astype(np.int16))
        index = 0
        while events[index].type != _EVENT_END:
            self._note(events[index])
            index += 1
        return 0

    def _note(self, event: _Event) -> None:
        at_s = event.audio_position / 1000
        if event.type == _EVENT_WORD and event.text_position > 0:
            self._words.append(Mark(at_s, event.text_position, ""))
        elif event.type == _EVENT_PHONEME:
            name = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "replace")
            self._phonemes.append(Mark(at_s, event.text_position, name))

    def utterance(self, rate: int) -> Utterance:
        chunks = self._chunks or [np.zeros(0, np.int16)]
        return Utterance(np.concatenate(chunks), rate, tuple(self._words), tuple(self._phonemes))


def pinyin_text(text: str) -> str:
    """Chinese text as toned pinyin with pauses where its punctuation is: what espeak-ng reads.

    ``"您好，再见。"`` gives ``"nin2 hao3, zai4 jian4."``.
    """
    spoken = " ".join(map(speakable, toned_pinyin(text))).translate(_PAUSES)
    return re.sub(r"\s+([,;.?!])", r"\1", re.sub(r"\s+", " ", spoken)).strip()


def toned_pinyin(text: str) -> list[str]:
    """A toned syllable for each Chinese character, other text as it is: ``["jing3", "gai4"]``."""
    # Imported here because its dictionaries take long to load, and English needs none.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    syllables: list[str] = []
    for part in re.split(f"({'|'.join(_READINGS)})", text):
        syllables += _READINGS.get(part) or lazy_pinyin(
            part, style=Style.TONE3, neutral_tone_with_five=True
        )
    return syllables


def speakable(syllable: str) -> str:
    """A toned pinyin syllable as espeak-ng is to be given it: ``xiong1``, ``[[S;'ong55]]``."""
    plain, tone = syllable[:-1], syllable[-1:]
    if plain in _INTERJECTIONS:
        return f"en{tone}"
    phonemes = _UNKNOWN_SYLLABLES.get(plain)
    return f"[[{phonemes}{_TONES[tone]}]]" if phonemes else syllable
