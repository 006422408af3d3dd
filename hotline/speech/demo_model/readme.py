"""The README that lies beside the built model and says what it is worth."""

from __future__ import annotations

import platform
import textwrap
from importlib import metadata

from hotline.speech.demo_model.build import Built
from hotline.speech.demo_model.voices import HELD_OUT_VARIANTS

_PACKAGES = ("espeakng-loader", "torch", "kaldi-native-fbank", "kaldifst", "pypinyin", "vosk")

_TEXT = """\
# The demo's speech model

**For the demo's synthetic voices only. On real people it is useless**: it has heard nothing but
espeak-ng, and gets most of what a person says wrong. For real calls, download a Vosk model for
Chinese and name its folder as `speech.model` in `hotline.toml`.

Built by this project from nothing but espeak-ng's own speech, with no recording of anybody:

    make demo-model

{how}

## Measured

{what}

| what | texts | characters | CER | all right |
| --- | ---: | ---: | ---: | ---: |
{rows}

The demo's own reports are part of its language model, so that the demo comes out right; the
figures on held-out sentences are the ones that say how good it is, and on synthetic voices only.
"""

_HOW = (
    "Seed {seed}, {texts} sentences of text, {spoken} of them spoken, {babble} random utterances, "
    "6 layers of {width}, {epochs} epochs. It took {minutes} min {seconds} s on one core, and gave "
    "{parameters:,} weights from {hours:.1f} hours of synthetic speech. Made with {versions}. The "
    "same command gives the same bytes on the same machine; another processor's rounding may "
    "change the last digits."
)
_WHAT = (
    "Each text is synthesised, sent through A-law at 8 kHz and recognised by the product's own "
    "worker. Held-out sentences come from the same grammar but are in neither the speech nor the "
    "text it was built from; held-out voices ({held_out}) were never trained on. A bad line has "
    "noise 12 to 25 dB below the speech. CER is the character error rate."
)


def readme(built: Built) -> str:
    """Its text, with the figures of this build."""
    rows = [
        f"| {one.name} | {one.count} | {one.characters} | {one.cer:.2%} "
        f"| {one.exact} of {one.count} |"
        for one in built.results
    ]
    what = _WHAT.format(held_out=", ".join(HELD_OUT_VARIANTS))
    return _TEXT.format(
        how=textwrap.fill(_how(built), 98), what=textwrap.fill(what, 98), rows="\n".join(rows)
    )


def _how(built: Built) -> str:
    recipe = built.recipe
    minutes, seconds = divmod(round(built.seconds), 60)
    versions = [f"{name} {metadata.version(name)}" for name in _PACKAGES]
    return _HOW.format(
        seed=recipe.seed,
        texts=recipe.text_sentences,
        spoken=recipe.spoken_sentences,
        babble=recipe.babble,
        width=recipe.width,
        epochs=recipe.epochs,
        minutes=minutes,
        seconds=seconds,
        parameters=built.parameters,
        hours=built.speech_hours,
        versions=", ".join([f"Python {platform.python_version()}", *versions]),
    )
