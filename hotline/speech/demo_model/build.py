"""From nothing to a model's folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.speech.demo_model.corpus import vocabulary
from hotline.speech.demo_model.dataset import Maker
from hotline.speech.demo_model.evaluation import Result, evaluate
from hotline.speech.demo_model.features import MFCC_CONF
from hotline.speech.demo_model.graph import write_graph
from hotline.speech.demo_model.openfst import OpenFst
from hotline.speech.demo_model.recipe import Recipe
from hotline.speech.demo_model.training import train
from hotline.speech.demo_model.writer import model_bytes

MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=12.0
--lattice-beam=4.0
--acoustic-scale=0.3
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
--endpoint.rule5.min-utterance-length=120
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build took and what came of it."""

    recipe: Recipe
    seconds: float
    speech_hours: float
    parameters: int
    results: tuple[Result, ...]


def build(into: Path, recipe: Recipe, tools: OpenFst, progress: Callable[[str], None]) -> Built:
    """Write the model to the folder ``into`` and measure it; ``progress`` is told each step.

    Raises :class:`~.openfst.OpenFstFault`, :class:`~.dataset.TooManyRejected` and
    :class:`~.training.FoldFault` and :class:`~.evaluation.EvaluationFault`.
    """
    tools.check()
    started = time.monotonic()
    texts, spoken = recipe.texts(), recipe.spoken()
    progress(f"speaking {len(spoken)} sentences and {recipe.babble} random utterances")
    examples = Maker(recipe.seed).examples(spoken, recipe.babble)
    frames = sum(len(example.features) for example in examples)
    progress(f"training on {frames / 360_000:.1f} hours of speech")
    network = train(
        examples, seed=recipe.seed, width=recipe.width, epochs=recipe.epochs, progress=progress
    )
    progress("building the search graph")
    for folder in ("am", "conf", "graph"):
        into.joinpath(folder).mkdir(parents=True, exist_ok=True)
    into.joinpath("am/final.mdl").write_bytes(model_bytes(network))
    into.joinpath("conf/mfcc.conf").write_text(MFCC_CONF)
    into.joinpath("conf/model.conf").write_text(MODEL_CONF)
    write_graph(vocabulary(texts), texts, into / "graph", tools)
    seconds = time.monotonic() - started
    progress("measuring it on sentences it was not built from")
    results = tuple(evaluate(into, texts))
    return Built(recipe, seconds, frames / 360_000, network.parameters, results)


def size(folder: Path) -> int:
    """Bytes in the folder's files."""
    return sum(
        os.path.getsize(Path(parent, name))
        for parent, _, names in os.walk(folder)
        for name in names
    )
