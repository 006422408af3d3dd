"""The prompts as the running hotline keeps them: how each stands, replaced and taken back with
a record in the journal. The work on files is done in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hotline.clock import Clock
from hotline.config import Config
from hotline.events import PromptReplaced
from hotline.ivr import prompts
from hotline.ivr.prompts import Origin, Prompt, PromptStatus, Verdict, Voice, Wording
from hotline.storage.journal import Journal


class PromptShelf:
    """The prompts below ``folder``."""

    def __init__(
        self, folder: Path, wording: Wording, voice: Voice, journal: Journal, clock: Clock
    ) -> None:
        self.folder = folder
        self._wording = wording
        self._voice = voice
        self._journal = journal
        self._clock = clock

    @classmethod
    def of(cls, config: Config, journal: Journal, clock: Clock) -> PromptShelf:
        """The configured prompts."""
        folder = config.hotline.data_dir / "prompts"
        return cls(folder, Wording.of(config), prompts.voice_of(config), journal, clock)

    async def statuses(self) -> Sequence[PromptStatus]:
        """How each prompt stands, in every language. Raises OSError."""
        return await asyncio.to_thread(
            prompts.status, self.folder, wording=self._wording, voice=self._voice
        )

    def find(self, key: str) -> Prompt | None:
        """The prompt of this key (``zh/greeting``); None when there is none."""
        language, _, name = key.partition("/")
        if language not in prompts.LANGUAGES:
            return None
        every = prompts.catalogue(self._wording, [language])
        return next((prompt for prompt in every if prompt.name == name), None)

    def file(self, prompt: Prompt) -> Path:
        """Where the prompt's sound is."""
        return self.folder / f"{prompt.key}.wav"

    async def replace(self, prompt: Prompt, file: Path, how: str, by: str) -> Verdict:
        """Make a recording the prompt; callers hear it from now on.

        Raises :class:`~hotline.ivr.prompts.Refused`, OSError, and JournalUnavailable when it was
        replaced but could not be written down.
        """
        origin = Origin(how, by, self._clock.now())
        verdict = await asyncio.to_thread(prompts.replace, self.folder, prompt, file, origin)
        await self._journal.append(PromptReplaced(prompt.name, prompt.language, by, how))
        return verdict

    async def revert(self, prompt: Prompt, by: str, *, synthetic: bool = False) -> PromptStatus:
        """Take a recording back, see :func:`hotline.ivr.prompts.revert`.

        Raises :class:`~hotline.ivr.prompts.NothingToRevert`, SynthesisFault, OSError and
        JournalUnavailable.
        """
        status = await asyncio.to_thread(
            prompts.revert, self.folder, prompt, self._voice, synthetic=synthetic
        )
        how = "reverted" if status.recorded else "synthetic"
        await self._journal.append(PromptReplaced(prompt.name, prompt.language, by, how))
        return status
