"""The script for a recording studio: every prompt with its text, as tab-separated values."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from hotline.ivr.prompts.making import PromptStatus
from hotline.ivr.prompts.recorded import expected_seconds

COLUMNS = ("file", "language", "topic", "text", "about_seconds", "state")


def write_sheet(statuses: Iterable[PromptStatus], into: TextIO) -> None:
    """One line a prompt; ``file`` is what the studio should name the recording."""
    writer = csv.writer(into, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in statuses:
        prompt = one.prompt
        seconds = f"{expected_seconds(prompt.text):.1f}"
        file = f"{prompt.key}.wav"
        writer.writerow((file, prompt.language, prompt.topic, prompt.text, seconds, one.state))
