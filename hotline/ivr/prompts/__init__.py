"""The prompts: their texts, and the WAV files Asterisk plays.

:func:`build` speaks every text of the catalogue into ``<into>/<language>/<name>.wav``. Beside
them lies a manifest with the digest of each file made here. A file whose digest is not in it was
put there by the city: a recorded prompt, which is used and never overwritten. Recordings are
best brought in by :func:`replace`, which judges and levels them; :func:`revert` takes one back.
"""

from __future__ import annotations

from hotline.ivr.prompts.catalogue import LANGUAGES, Prompt, Wording, catalogue
from hotline.ivr.prompts.making import BuildReport, PromptStatus, build, status
from hotline.ivr.prompts.manifest import MANIFEST
from hotline.ivr.prompts.recorded import Refused, Verdict, judge
from hotline.ivr.prompts.swapping import NothingToRevert, Origin, replace, revert
from hotline.ivr.prompts.voices import SPEECH_RATE, CommandVoice, EspeakVoice, Voice, voice_of

__all__ = [
    "LANGUAGES",
    "MANIFEST",
    "SPEECH_RATE",
    "BuildReport",
    "CommandVoice",
    "EspeakVoice",
    "NothingToRevert",
    "Origin",
    "Prompt",
    "PromptStatus",
    "Refused",
    "Verdict",
    "Voice",
    "Wording",
    "build",
    "catalogue",
    "judge",
    "replace",
    "revert",
    "status",
    "voice_of",
]
