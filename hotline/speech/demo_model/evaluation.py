"""How well a model does on synthetic speech that it was not built from, by the product's engine."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hotline.speech.audio import TELEPHONE_RATE, Floats, Samples, g711, to_samples, write_wav
from hotline.speech.demo_model.augment import Line
from hotline.speech.demo_model.corpus import Sentence, demo_sentences, sentences
from hotline.speech.demo_model.voices import HELD_OUT_VARIANTS, TRAINING_VARIANTS
from hotline.speech.sentences import REPORTS, spoken
from hotline.speech.synthesis import Synthesiser

SEED = 2026
SENTENCES = 150
NUMBERS = 40

# Written by hand, not by the grammar, though mostly of words it has.
OFF_GRAMMAR = (
    "麻烦你们派人看一下人民路的井盖坏了", "昨天晚上这里停水了怎么办", "医院门口停车位太少建议增加",
    "我家楼下垃圾很臭", "请问环卫工人几点上班", "学校旁边的路灯断了很危险",
    "南京路的人行道上有一个摊贩", "我要表扬工作人员态度很好", "这个小区的消防栓没有水",
    "解放路有人焚烧垃圾请尽快处理", "停车场对面的护栏快倒了", "我的工单什么时候处理好",
    "长江路积水车辆无法通行", "我想问一下办理养犬证需要什么", "请给我转人工服务谢谢",
    "广场上一直有噪音影响休息", "公园里的公共厕所没有人打扫", "黄河路三百零五号违章搭建",
    "电话是幺三八零零幺三八零零零", "老人在路口摔倒了",
)  # fmt: skip


class EvaluationFault(RuntimeError):
    """The model could not be measured: the recogniser would not work with it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A set of texts, the voices that say them, and whether over a bad line."""

    name: str
    texts: Sequence[str]
    variants: Sequence[str]
    bad_line: bool


@dataclass(frozen=True, slots=True)
class Result:
    """``errors`` of ``characters`` were wrong (CER), ``exact`` of ``count`` texts all right."""

    name: str
    count: int
    characters: int
    errors: int
    exact: int
    wrong: tuple[tuple[str, str], ...]

    @property
    def cer(self) -> float:
        """The character error rate: wrong, missing and surplus ones over those spoken."""
        return self.errors / self.characters


def held_out(built_from: Sequence[Sentence], count: int) -> list[str]:
    """Sentences of the same grammar that the model was not built from."""
    known = {"".join(sentence) for sentence in (*built_from, *demo_sentences())}
    drawn = ("".join(sentence) for sentence in sentences(20 * count, SEED))
    return [text for text in drawn if text not in known and len(text) > 8][:count]


def trials(built_from: Sequence[Sentence]) -> list[Trial]:
    """What the model is measured by."""
    texts = held_out(built_from, SENTENCES)
    dice = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    numbers = ["幺" + "".join(dice.choices("零幺二三四五六七八九", k=10)) for _ in range(NUMBERS)]
    reports = [spoken(report) for report in REPORTS]
    return [
        Trial("held-out sentences, plain voice", texts, [""], False),
        Trial("held-out sentences, held-out voices", texts, HELD_OUT_VARIANTS, False),
        Trial("held-out sentences, held-out voices, bad line", texts, HELD_OUT_VARIANTS, True),
        Trial("hand-written sentences, plain voice", OFF_GRAMMAR, [""], False),
        Trial("telephone numbers, held-out voices, bad line", numbers, HELD_OUT_VARIANTS, True),
        Trial("the demo's own reports, trained voices", reports, TRAINING_VARIANTS, False),
        Trial("the demo's own reports, held-out voices", reports, HELD_OUT_VARIANTS, False),
    ]


def evaluate(model: Path, built_from: Sequence[Sentence]) -> Iterator[Result]:
    """Run every trial. Raises :class:`EvaluationFault`."""
    speaker = _Speaker()
    for trial in trials(built_from):
        heard = _hear(model, [speaker.say(trial, number) for number in range(len(trial.texts))])
        yield _result(trial, heard)


def _result(trial: Trial, transcripts: Sequence[str]) -> Result:
    pairs = [(plain(a), plain(b)) for a, b in zip(trial.texts, transcripts, strict=True)]
    wrong = tuple((said, heard) for said, heard in pairs if said != heard)
    return Result(
        name=trial.name,
        count=len(pairs),
        characters=sum(len(said) for said, _ in pairs),
        errors=sum(edits(said, heard) for said, heard in wrong),
        exact=len(pairs) - len(wrong),
        wrong=wrong,
    )


def _hear(model: Path, recordings: Sequence[Samples]) -> list[str]:
    """What the product's worker process makes of the recordings."""
    with TemporaryDirectory(prefix="demo-model-") as folder:
        jobs = []
        for number, samples in enumerate(recordings):
            path = Path(folder) / f"{number}.wav"
            write_wav(path, samples)
            jobs.append(json.dumps({"id": number, "path": str(path)}))
        done = subprocess.run(
            [sys.executable, "-m", "hotline.speech.worker", str(model)],
            input="\n".join(jobs),
            capture_output=True,
            text=True,
            check=False,
        )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    faults = [answer["fault"] for answer in answers if "fault" in answer]
    if faults or len(answers) != len(jobs) + 1:
        raise EvaluationFault(f"{faults or done.stderr[-500:] or 'it ended early'}")
    return [answer["text"] for answer in answers[1:]]


class _Speaker:
    """Says texts as they reach us by telephone."""

    def __init__(self) -> None:
        self._synthesiser = Synthesiser()
        self._line = Line(SEED)

    def say(self, trial: Trial, number: int) -> Samples:
        """One text of the trial."""
        dice = self._line.dice
        variant = trial.variants[number % len(trial.variants)]
        speech = self._synthesiser.say(trial.texts[number], variant, rate=dice.randint(140, 200))
        pauses = np.zeros(int(0.3 * TELEPHONE_RATE)), np.zeros(int(0.4 * TELEPHONE_RATE))
        audio: Floats = np.concatenate([pauses[0], speech * 0.5, pauses[1]])
        if trial.bad_line:
            audio = self._line.add_noise(audio * dice.uniform(0.1, 1.6), dice.uniform(12, 25))
        return g711(to_samples(audio), "alaw")


def plain(text: str) -> str:
    """Only what was spoken."""
    return "".join(character for character in text if character.isalnum())


def edits(said: str, heard: str) -> int:
    """How many characters must be changed, removed or added (Levenshtein's distance)."""
    row = list(range(len(heard) + 1))
    for wanted in said:
        before, row[0] = row[0], row[0] + 1
        for place, got in enumerate(heard, 1):
            cost = before if wanted == got else 1 + min(before, row[place - 1], row[place])
            before, row[place] = row[place], cost
    return row[-1]
