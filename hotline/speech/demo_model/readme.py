"""The README that lies beside the built model and says what it is worth."""

from __future__ import annotations

import platform
from importlib import metadata

from hotline.speech.demo_model.build import Built

_TEXT = """\
# The demo's speech model

**For the demo's synthetic voices only. On real people it is useless**: it has heard nothing but
espeak-ng, and gets most of what a person says wrong. For real calls, download a Vosk model for
Chinese and name its folder as `speech.model` in `hotline.toml`.

Built by this project from nothing but espeak-ng's own speech, with no recording of anybody:

    make demo-model

{recipe}. It took {minutes} on one core, and gave {parameters:,} weights from {hours:.1f} hours of
synthetic speech. Made with {versions}. The same command gives the same bytes
on the same machine; another processor's rounding may change the last digits.

## Measured

Each text is synthesised, sent through A-law at 8 kHz and recognised by the real engine. Held-out
sentences come from the same grammar but are in neither the speech nor the text it was built
from; held-out voices ({held_out}) were never trained on. A bad line has noise 12 to 25 dB below
the speech. CER is the character error rate.

| what | texts | characters | CER | all right |
| --- | ---: | ---: | ---: | ---: |
{rows}

The demo's own reports are part of its language model, so that the demo comes out right; the
figures on held-out sentences are the ones that say how good it is, and on synthetic voices only.
"""


def readme(built: Built) -> str:
    """Its text, with the figures of this build."""
    from hotline.speech.demo_model.dataset import HELD_OUT_VARIANTS  # noqa: PLC0415

    recipe = built.recipe
    described = (
        f"Seed {recipe.seed}, {recipe.text_sentences} sentences of text, "
        f"{recipe.spoken_sentences} of them spoken, {recipe.babble} random utterances, "
        f"6 layers of {recipe.width}, {recipe.epochs} epochs"
    )
    packages = ("espeakng-loader", "torch", "kaldi-native-fbank", "kaldifst", "pypinyin", "vosk")
    versions = [f"{name} {metadata.version(name)}" for name in packages]
    rows = [
        f"| {one.name} | {one.count} | {one.characters} | {one.cer:.2%} "
        f"| {one.exact} of {one.count} |"
        for one in built.results
    ]
    minutes, seconds = divmod(round(built.seconds), 60)
    return _TEXT.format(
        recipe=described,
        minutes=f"{minutes} min {seconds} s",
        parameters=built.parameters,
        hours=built.speech_hours,
        versions=", ".join([f"Python {platform.python_version()}", *versions]),
        held_out=", ".join(HELD_OUT_VARIANTS),
        rows="\n".join(rows),
    )
