"""Who rings in next and what they have in mind: drawn from a seed, so a demo can be repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from hotline.speech.sentences import REPORTS, spoken

_PREFIXES = ("130", "135", "138", "139", "150", "158", "176", "186", "189")
_VOICES = ("", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7")
_RETURNING = 0.2
_ON_THE_LINE = 10


class Intent(StrEnum):
    """What a citizen means to do."""

    TALK = "talk"
    REPORT = "report"
    GIVE_UP = "give_up"


class ReportEnding(StrEnum):
    """How a citizen ends a spoken report."""

    KEY = "key"
    SILENCE = "silence"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class SpeakingVoice:
    """A voice as the synthesiser knows it; see :class:`hotline.speech.synthesis.Voice`."""

    variant: str
    rate: int
    pitch: int


@dataclass(frozen=True, slots=True)
class CitizenPlan:
    """One citizen. ``patience_s`` is how long they wait, ``talk_s`` how long they talk before
    they hang up themselves; ``rating`` None: they do not rate."""

    number: str
    text: str
    voice: SpeakingVoice
    intent: Intent
    patience_s: float
    talk_s: float
    rating: int | None
    ending: ReportEnding


def citizens(random: Random) -> Iterator[CitizenPlan]:
    """Endless citizens; some ring in again."""
    known: list[str] = []
    while True:
        plan = _citizen(random, known)
        known.append(plan.number)
        yield plan


def gaps(random: Random, per_minute: float) -> Iterator[float]:
    """Seconds between arrivals of a Poisson stream; the first citizen comes at once.

    Raises :class:`ValueError` for a rate that is not positive.
    """
    if per_minute <= 0:
        raise ValueError(f"{per_minute:g} citizens a minute never ring in")
    yield 0.0
    while True:
        yield random.expovariate(per_minute / 60)


def _citizen(random: Random, known: Sequence[str]) -> CitizenPlan:
    intent = random.choices(list(Intent), weights=(6, 3, 2))[0]
    patient = intent is not Intent.GIVE_UP
    return CitizenPlan(
        number=_number(random, known),
        text=spoken(random.choice(REPORTS)),
        voice=SpeakingVoice(
            random.choice(_VOICES), random.randint(140, 180), random.randint(40, 60)
        ),
        intent=intent,
        patience_s=random.uniform(60, 150) if patient else random.uniform(3, 15),
        talk_s=random.uniform(45, 120),
        rating=random.choices((5, 4, 3, 2, 1, None), weights=(8, 4, 2, 1, 1, 4))[0],
        ending=random.choice(list(ReportEnding)),
    )


def _number(random: Random, known: Sequence[str]) -> str:
    hung_up_by_now = known[:-_ON_THE_LINE]
    if hung_up_by_now and random.random() < _RETURNING:
        return random.choice(hung_up_by_now)
    return random.choice(_PREFIXES) + f"{random.randrange(10**8):08d}"
