"""Puts a recording in a prompt's place, and takes it back. The former file stays beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.ivr.prompts.catalogue import Prompt
from hotline.ivr.prompts.making import PromptStatus, make, status_of
from hotline.ivr.prompts.manifest import (
    Entry,
    before_of,
    is_recorded,
    locked,
    path_of,
    read_manifest,
    write_manifest,
)
from hotline.ivr.prompts.recorded import Refused, Verdict, judge
from hotline.ivr.prompts.voices import Voice
from hotline.speech.audio import write_wav


class NothingToRevert(LookupError):
    """The prompt is synthetic and no other file was there before."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a recording comes from. ``how``: upload, phone or command."""

    how: str
    by: str
    at: float


def replace(into: Path, prompt: Prompt, file: Path, origin: Origin) -> Verdict:
    """Make the recording in ``file`` the prompt. The former one is kept, see :func:`revert`.

    Raises :class:`Refused` when it cannot be used, OSError when a file cannot be read or written;
    the prompt is as it was then.
    """
    verdict = judge(file, prompt)
    if verdict.samples is None:
        raise Refused(verdict)
    path = path_of(into, prompt)
    incoming = path.with_suffix(".incoming")
    with _entry_of(into, prompt) as entry:
        try:
            write_wav(incoming, verdict.samples)
            _keep(into, prompt)
            incoming.replace(path)
        finally:
            incoming.unlink(missing_ok=True)
        entry.wording, entry.recorded = prompt.wording, True
        entry.how, entry.by, entry.at = origin.how, origin.by, origin.at
    return verdict


def revert(into: Path, prompt: Prompt, voice: Voice, *, synthetic: bool = False) -> PromptStatus:
    """Put back the recording that was there before, or, without one or when asked for, the
    synthetic prompt, spoken anew. A recording that is there now becomes the former one.

    Raises :class:`NothingToRevert`, SynthesisFault and OSError.
    """
    with locked(into):
        entries = read_manifest(into)
        entry = entries.setdefault(prompt.key, Entry())
        path, before = path_of(into, prompt), before_of(into, prompt)
        if is_recorded(before, entry) and not synthetic:
            _swap(path, before)
            entry.wording, entry.recorded = prompt.wording, True
            entry.how, entry.by, entry.at = "", "", None
        elif synthetic or is_recorded(path, entry):
            if is_recorded(path, entry):
                _keep(into, prompt)
            make(into, [prompt], entries, voice, lambda _line: None)
        else:
            raise NothingToRevert(prompt.key)
        write_manifest(into, entries)
        return status_of(into, prompt, entry, voice.identity)


def _keep(into: Path, prompt: Prompt) -> None:
    """Keep the present file as the former one, by a second name: it stays in its place."""
    path, before = path_of(into, prompt), before_of(into, prompt)
    if not path.exists():
        return
    before.unlink(missing_ok=True)
    before.hardlink_to(path)


def _swap(path: Path, before: Path) -> None:
    incoming = path.with_suffix(".incoming")
    before.replace(incoming)
    if path.exists():
        before.hardlink_to(path)
    incoming.replace(path)


@contextmanager
def _entry_of(into: Path, prompt: Prompt) -> Iterator[Entry]:
    with locked(into):
        entries = read_manifest(into)
        entry = entries.setdefault(prompt.key, Entry())
        yield entry
        write_manifest(into, entries)
