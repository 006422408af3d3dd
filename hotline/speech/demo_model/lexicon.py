"""Phones, and how words are pronounced: Mandarin initials and finals without tones.

A phone carries its place in the word, which the recogniser needs to tell where words begin:
``sh_B`` begins one, ``ang_E`` ends one, ``_I`` is inside, ``_S`` stands alone. ``_X``, ``_Y`` and
``_Z`` are the same for the filler word ``[unk]``. All copies of a phone share their outputs of
the network ("pdfs").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.speech.synthesis import toned_pinyin

SILENCE = "SIL"
UNKNOWN_WORD = "[unk]"
INITIALS = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s",
)  # fmt: skip
FINALS = (
    "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er", "i", "ia", "ie",
    "iao", "iu", "ian", "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui", "uan", "un",
    "uang", "ueng", "v", "ve", "van", "vn", "iz", "ir", "io",
)  # fmt: skip
BASES = (SILENCE, *INITIALS, *FINALS)

# How pinyin writes a final that has no initial before it.
_BARE_FINALS = {
    "yi": "i", "ya": "ia", "yo": "io", "ye": "ie", "yao": "iao", "you": "iu", "yan": "ian",
    "yin": "in", "yang": "iang", "ying": "ing", "yong": "iong", "wu": "u", "wa": "ua",
    "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan", "wen": "un", "wang": "uang",
    "weng": "ueng", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
}  # fmt: skip
_INTERJECTIONS = frozenset({"n", "ng", "m", "hm", "hng"})

_KINDS = {
    "B": "begin", "E": "end", "I": "internal", "S": "singleton",
    "X": "begin", "Y": "end", "Z": "singleton",
}  # fmt: skip


class UnknownSyllable(ValueError):
    """Not a syllable of Mandarin in pinyin."""


def base_of(phone: str) -> str:
    """The phone without its place in the word."""
    return phone.partition("_")[0]


def states_of(base: str) -> int:
    """How many states the phone has: finals change on their way, the others do not."""
    return 2 if base in FINALS else 1


def _number_pdfs() -> dict[tuple[str, int], int]:
    states = [(base, state) for base in BASES for state in range(states_of(base))]
    return {state: number for number, state in enumerate(states)}


PDFS = _number_pdfs()
PHONES = (SILENCE, *(f"{base}_{place}" for base in BASES[1:] for place in _KINDS))
PHONE_IDS = {phone: number for number, phone in enumerate(PHONES, 1)}


@dataclass(frozen=True, slots=True)
class State:
    """One state of one phone, and the network's output that scores it."""

    phone_id: int
    state: int
    pdf: int


# In the order of Kaldi's transition model, which numbers transitions by it.
STATES = tuple(
    State(PHONE_IDS[phone], state, PDFS[base_of(phone), state])
    for phone in PHONES
    for state in range(states_of(base_of(phone)))
)
_STATE_NUMBERS = {(state.phone_id, state.state): number for number, state in enumerate(STATES)}


def self_loop_probability(phone: str) -> float:
    """How likely a state of the phone repeats for another frame."""
    return 0.75 if phone == SILENCE else 0.5


def transition_id(phone: str, state: int, *, self_loop: bool) -> int:
    """Kaldi's number of a transition; each state has its self-loop first, then the way on."""
    return 2 * _STATE_NUMBERS[PHONE_IDS[phone], state] + (1 if self_loop else 2)


def word_boundary(phone: str) -> str:
    """Kaldi's name of the phone's place in a word, ``nonword`` for silence."""
    return "nonword" if phone == SILENCE else _KINDS[phone[-1]]


def split_syllable(syllable: str) -> tuple[str, ...]:
    """Initial and final, or the final alone: ``zhong1`` gives ``("zh", "ong")``.

    Raises :class:`UnknownSyllable`.
    """
    plain = syllable.lower().rstrip("12345").replace("ü", "v")
    if plain in _INTERJECTIONS:
        return ("en",)
    if plain in _BARE_FINALS:
        return (_BARE_FINALS[plain],)
    initial = next((i for i in INITIALS if plain.startswith(i) and plain != i), "")
    final = _final_after(initial, plain[len(initial) :])
    if final not in FINALS:
        raise UnknownSyllable(f"{syllable!r} is not a syllable of pinyin")
    return (initial, final) if initial else (final,)


def _final_after(initial: str, written: str) -> str:
    """The sound that pinyin's spelling stands for: ``xu`` is xü, the i of ``zi`` is none."""
    if initial in ("j", "q", "x") and written.startswith("u"):
        return "v" + written[1:]
    if written == "i" and initial in ("z", "c", "s"):
        return "iz"
    if written == "i" and initial in ("zh", "ch", "sh", "r"):
        return "ir"
    return "ve" if written == "ue" else written


def pronounce(word: str) -> list[str]:
    """The word's phones, each with its place. Raises :class:`UnknownSyllable`."""
    return _placed([part for syllable in toned_pinyin(word) for part in split_syllable(syllable)])


def _placed(bases: Sequence[str]) -> list[str]:
    if len(bases) == 1:
        return [f"{bases[0]}_S"]
    inside = [f"{base}_I" for base in bases[1:-1]]
    return [f"{bases[0]}_B", *inside, f"{bases[-1]}_E"]
