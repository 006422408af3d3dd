"""Prompts recorded through the phone: rings who asks for it, follows what they do there.

The PBX rings their extension, gives a tone, records until ``#``, plays it back and asks: 1 keeps
it, 2 records again. Kept, it is judged like every recording; the phone and the page tell how that
went.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import structlog

from hotline.clock import Clock
from hotline.ivr.prompts import Prompt, Refused
from hotline.ivr.prompts.recorded import Finding
from hotline.ivr.shelf import PromptShelf
from hotline.recording import folder
from hotline.storage.journal import JournalUnavailable
from hotline.telephony.ami import AmiEvent, AmiLost, AmiRefused
from hotline.telephony.pbx import Originates
from hotline.telephony.snapshot import PbxSnapshot

log = structlog.get_logger(__name__)

CONTEXT = "prompt-recording"
USER_EVENT = "HotlinePrompt"
RING_S = 30.0
_CHANNEL_ID = re.compile(r"pr-\d+-\d+")


class Step(StrEnum):
    """How far a recording through the phone is."""

    RINGING = "ringing"
    RECORDING = "recording"
    HEARING = "hearing"
    CHECKING = "checking"
    KEPT = "kept"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ENDED = "ended"
    FAILED = "failed"


_LIVE = frozenset({Step.RINGING, Step.RECORDING, Step.HEARING, Step.CHECKING, Step.REFUSED})


class StudioRefused(RuntimeError):
    """No phone can be rung now; ``key`` is ``error.<key>`` in the catalogue of texts."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Telephone(Originates, Protocol):
    """What is asked of a :class:`hotline.telephony.pbx.Pbx`."""

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        """Send a channel to another place in the dialplan."""


@dataclass(frozen=True, slots=True)
class Take:
    """Somebody's recording of a prompt. ``live``: their phone rings or they are on the line.
    ``findings`` is what the check found, once it was made. An upload is shown as one that is
    over."""

    prompt: Prompt
    by: str
    step: Step
    live: bool = True
    findings: tuple[Finding, ...] = ()
    by_phone: bool = True


class Studio:
    """Recordings through the phone, one for each user at a time. Give it the link's events."""

    def __init__(
        self,
        shelf: PromptShelf,
        pbx: Telephone,
        pbx_up: Callable[[], bool],
        clock: Clock,
        *,
        recordings: Path,
        number: str,
    ) -> None:
        self._shelf = shelf
        self._pbx = pbx
        self._pbx_up = pbx_up
        self._clock = clock
        self._folder = recordings / "prompts"
        self._number = number
        self._takes: dict[str, Take] = {}
        self._checks: set[asyncio.Task[None]] = set()
        self._count = 0

    def take_of(self, user_id: str) -> Take | None:
        """The user's newest recording, None when there was none since the start."""
        mine = [take for take in self._takes.values() if take.by == user_id]
        return mine[-1] if mine else None

    async def begin(self, prompt: Prompt, by: str, extension: str | None) -> None:
        """Ring ``by`` at their ``extension``; returns when the PBX has been asked.

        Raises :class:`StudioRefused`.
        """
        if extension is None:
            raise StudioRefused("prompts.no_phone")
        if not self._pbx_up():
            raise StudioRefused("prompts.pbx_down")
        before = self.take_of(by)
        if before is not None and before.live:
            raise StudioRefused("prompts.already_recording")
        self._forget(by)
        self._count += 1
        channel_id = f"pr-{int(self._clock.now())}-{self._count}"
        self._takes[channel_id] = Take(prompt, by, Step.RINGING)
        await self._ring(channel_id, extension)

    def show(self, take: Take) -> None:
        """Make what became of an upload the user's newest, unless they are on the line."""
        before = self.take_of(take.by)
        if before is None or not before.live:
            self._forget(take.by)
            self._takes[f"up-{take.by}"] = take

    def on_event(self, event: AmiEvent) -> None:
        """Take in what the phone does."""
        channel_id = event.get("Uniqueid")
        take = self._takes.get(channel_id) if _CHANNEL_ID.fullmatch(channel_id) else None
        if take is None:
            return
        if event.name == "Hangup":
            self._gone(channel_id, take)
        elif event.name == "UserEvent" and event.get("UserEvent") == USER_EVENT:
            self._heard(channel_id, take, event)

    def on_up(self, snapshot: PbxSnapshot) -> None:
        """Take in what lives after a connect: who is gone hung up when nobody looked."""
        living = {channel.uniqueid for channel in snapshot.channels}
        for channel_id, take in list(self._takes.items()):
            if take.live and channel_id not in living:
                self._gone(channel_id, take)

    def _heard(self, channel_id: str, take: Take, event: AmiEvent) -> None:
        match event.get("Step"):
            case "recording":
                self._takes[channel_id] = replace(take, step=Step.RECORDING, findings=())
            case "hearing":
                self._takes[channel_id] = replace(take, step=Step.HEARING)
            case "keep":
                self._takes[channel_id] = replace(take, step=Step.CHECKING)
                check = asyncio.create_task(self._keep(channel_id, event.get("Channel")))
                self._checks.add(check)
                check.add_done_callback(self._checks.discard)

    def _gone(self, channel_id: str, take: Take) -> None:
        step = {Step.RINGING: Step.UNREACHABLE, Step.RECORDING: Step.ENDED,
                Step.HEARING: Step.ENDED}.get(take.step, take.step)  # fmt: skip
        self._takes[channel_id] = replace(take, step=step, live=step is Step.CHECKING)
        if step is not Step.CHECKING:
            self._file(channel_id).unlink(missing_ok=True)

    async def _ring(self, channel_id: str, extension: str) -> None:
        file = self._file(channel_id)
        folder.make_for(file)
        try:
            await self._pbx.originate(
                channel_id,
                f"Local/{extension}@callback-staff/n",
                CONTEXT,
                "s",
                ring_seconds=RING_S,
                caller_id=self._number,
                variables={
                    "HOTLINE_RING": str(round(RING_S)),
                    "HOTLINE_TAKE": str(file.with_suffix("")),
                },
            )
        except AmiLost as error:
            # It may ring or not; its events tell, once the link is back.
            log.warning("prompt.unsure_whether_it_rings", channel=channel_id, why=str(error))
        except (AmiRefused, ValueError) as error:
            log.error("prompt.phone_not_rung", channel=channel_id, why=str(error))
            self._takes.pop(channel_id, None)
            raise StudioRefused("prompts.pbx_refused") from error

    async def _keep(self, channel_id: str, channel: str) -> None:
        """Judge what they kept, and tell them on the phone and on the page."""
        take = self._takes[channel_id]
        file = self._file(channel_id)
        try:
            verdict = await self._shelf.replace(take.prompt, file, "phone", take.by)
            step, findings = Step.KEPT, verdict.findings
        except Refused as refused:
            step, findings = Step.REFUSED, refused.verdict.findings
        except JournalUnavailable as error:
            log.error("prompt.replaced_not_journalled", prompt=take.prompt.key, why=str(error))
            step, findings = Step.KEPT, ()
        except OSError as error:
            log.error("prompt.not_replaced", prompt=take.prompt.key, why=str(error))
            step, findings = Step.FAILED, ()
        on_the_line = await self._tell(channel, step)
        live = on_the_line and step is Step.REFUSED
        self._takes[channel_id] = replace(take, step=step, live=live, findings=findings)
        if not live:
            file.unlink(missing_ok=True)

    async def _tell(self, channel: str, step: Step) -> bool:
        """Let them hear how it went; False when they hung up."""
        try:
            place = "kept" if step is Step.KEPT else "refused"
            return await self._pbx.redirect(channel, CONTEXT, place)
        except (AmiLost, AmiRefused) as error:
            log.warning("prompt.outcome_not_told", channel=channel, why=str(error))
            return False

    def _forget(self, user_id: str) -> None:
        for channel_id in [key for key, take in self._takes.items() if take.by == user_id]:
            del self._takes[channel_id]

    def _file(self, channel_id: str) -> Path:
        return self._folder / f"{channel_id}.wav"
