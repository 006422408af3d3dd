"""Synthetic citizens: each rings in, listens to what is played, and acts on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotline.demo.baresip import Account
from hotline.demo.control import PhoneFault
from hotline.demo.hearing import Ear, LineEnded
from hotline.demo.phone import CLOSED, ESTABLISHED, INCOMING, Answering, BaresipPhone
from hotline.demo.plan import CitizenPlan, Intent, ReportEnding, SpeakingVoice
from hotline.demo.scene import Actor, Scene
from hotline.masking import mask_number
from hotline.speech.audio import TELEPHONE_RATE, write_wav
from hotline.speech.synthesis import Synthesiser

_WANTS = {
    Intent.TALK: "找人工 talk",
    Intent.REPORT: "留言 report",
    Intent.GIVE_UP: "不耐烦 impatient",
}
_CALLBACK_ANSWER = "喂，您好。是的，问题已经处理好了，谢谢你们。"
_CONNECT_S = 15.0
# Long enough for the prompt before it, the report and the words after it.
_REPORT_S = 60.0
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Town:
    """What all citizens share. ``talks_with`` gives the name of the agent somebody talks with,
    empty for none; ``report_key`` empty: no key leaves a report."""

    hotline_uri: str
    prompts: Path
    report_key: str
    folder: Path
    scene: Scene
    synthesiser: Synthesiser
    talks_with: Callable[[str], str]


class Citizen:
    """One citizen's call from dialling to hanging up."""

    def __init__(self, town: Town, plan: CitizenPlan, serial: int) -> None:
        self._town = town
        self._plan = plan
        self._folder = town.folder / f"citizen{serial}"
        self._actor = town.scene.enter(mask_number(plan.number), _WANTS[plan.intent])

    async def run(self) -> None:
        """Ring in and carry the plan out. Raises :class:`PhoneFault` when the phone fails."""
        self._folder.mkdir(parents=True, exist_ok=True)
        says = await self._speech(repeated=True)
        async with BaresipPhone(Account(self._plan.number), says, self._folder) as phone:
            self._now("拨号 dialling")
            await phone.dial(self._town.hotline_uri)
            if (await phone.event(ESTABLISHED, CLOSED, within=_CONNECT_S)).kind == CLOSED:
                self._leaves("未接通 refused")
                return
            try:
                await self._on_the_line(phone, Ear(phone, self._town.prompts))
            except LineEnded:
                self._leaves("对方挂机 hung up by the hotline")
            with suppress(PhoneFault):
                await phone.hangup()

    async def _on_the_line(self, phone: BaresipPhone, ear: Ear) -> None:
        began = asyncio.get_running_loop().time()
        talking_since: float | None = None
        self._now("听提示 greeting")
        while True:
            cue = await self._cue(ear)
            now = asyncio.get_running_loop().time()
            agent = self._town.talks_with(self._plan.number)
            if agent and talking_since is None:
                talking_since = now
                self._now(f"通话 talking: {agent}")
            if cue == "recording-notice" and self._plan.intent is Intent.REPORT:
                await self._ask_for_report(phone)
            elif cue == "recording-notice":
                self._now("排队 waiting")
            elif cue == "report-please":
                await self._report(phone, ear)
                return
            elif cue == "survey":
                await self._rate(phone, ear)
                return
            elif self._had_enough(now, began, talking_since):
                self._leaves("通话结束 talked" if talking_since else "放弃 gave up")
                return

    async def _cue(self, ear: Ear) -> str:
        try:
            return await ear.hears(("recording-notice", "report-please", "survey"), _LOOK_EVERY_S)
        except TimeoutError:
            return ""

    def _had_enough(self, now: float, began: float, talking_since: float | None) -> bool:
        if talking_since is not None:
            return now - talking_since > self._plan.talk_s
        return now - began > self._plan.patience_s

    async def _ask_for_report(self, phone: BaresipPhone) -> None:
        if self._town.report_key:
            # The notice has a few words left; a key during it would be early.
            await asyncio.sleep(4)
            await phone.send_keys(self._town.report_key)
        self._now("等待留言 asked to leave a report")

    async def _report(self, phone: BaresipPhone, ear: Ear) -> None:
        # Whoever talks into the tone is heard from the middle of a sentence on.
        await phone.set_source(self._silent())
        # The line falls quiet after the tone.
        await ear.quiet(0.8, within=_REPORT_S)
        self._now("留言 speaking")
        said = await self._speech(repeated=False)
        await phone.set_source(said)
        await asyncio.sleep(_seconds(said) + 0.5)
        if self._plan.ending is ReportEnding.HANG_UP:
            self._leaves("留言后挂机 reported, hung up")
            return
        if self._plan.ending is ReportEnding.KEY:
            await phone.send_keys("#")
        if await ear.hears(("report-review", "report-saved"), _REPORT_S) == "report-review":
            self._now("复听 heard again, saves")
            await phone.send_keys("1")
            await ear.hears(("report-saved",), within=_REPORT_S)
        self._leaves("已留言 reported")

    async def _rate(self, phone: BaresipPhone, ear: Ear) -> None:
        if self._plan.rating is None:
            self._leaves("未评分 talked, did not rate")
            return
        await asyncio.sleep(1)
        await phone.send_keys(str(self._plan.rating))
        await ear.hears(("survey-thanks",), within=_CONNECT_S)
        self._leaves(f"评 {self._plan.rating} 分 talked, rated")

    async def _speech(self, *, repeated: bool) -> Path:
        path = self._folder / ("repeated.wav" if repeated else "once.wav")
        await asyncio.to_thread(
            speak, self._town.synthesiser, self._plan.text, self._plan.voice, path, repeated
        )
        return path

    def _silent(self) -> Path:
        path = self._folder / "silent.wav"
        write_wav(path, np.zeros(TELEPHONE_RATE, np.int16))
        return path

    def _now(self, doing: str) -> None:
        self._town.scene.note(self._actor, doing)

    def _leaves(self, doing: str) -> None:
        self._town.scene.note(self._actor, doing, leaves=True)


def speak(
    synthesiser: Synthesiser, text: str, voice: SpeakingVoice, path: Path, repeated: bool
) -> None:
    """Write ``text`` as speech; ``repeated`` with pauses, for somebody who waits to be heard.

    Raises :class:`hotline.speech.synthesis.SynthesisFault`.
    """
    speech = synthesiser.say(text, voice.variant, voice.rate, voice.pitch)
    pause = np.zeros(4 * TELEPHONE_RATE, np.int16)
    write_wav(path, np.concatenate([speech, pause] * 30) if repeated else speech)


def _seconds(wav: Path) -> float:
    return (wav.stat().st_size - 44) / 2 / TELEPHONE_RATE


async def answer_callbacks(town: Town, sip_port: int) -> None:
    """Be every citizen whom the hotline calls back, until cancelled."""
    folder = town.folder / "called-back"
    folder.mkdir(parents=True, exist_ok=True)
    says = folder / "says.wav"
    voice = SpeakingVoice("f3", 160, 50)
    await asyncio.to_thread(speak, town.synthesiser, _CALLBACK_ANSWER, voice, says, True)
    phone = BaresipPhone(
        Account("citizens"), says, folder, answering=Answering(after=3), sip_port=sip_port
    )
    async with phone:
        actors: dict[str, Actor] = {}
        while True:
            event = await phone.event(INCOMING, ESTABLISHED, CLOSED, within=None)
            if event.kind == INCOMING:
                actors[event.call] = town.scene.enter("回访 callback", event.peer_name)
            doing = {
                INCOMING: "振铃 ringing",
                ESTABLISHED: "通话 talking",
                CLOSED: "结束 called back",
            }
            if event.call in actors:
                leaves = event.kind == CLOSED
                town.scene.note(actors[event.call], doing[event.kind], leaves=leaves)
