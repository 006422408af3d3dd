"""What a caller hears and is asked: the shipped flow, straight to an agent.

Each session of the dialplan's ``AGI()`` runs one stage and ends by naming the next verb. Music
and prompts are the session's; dialling and recording are the dialplan's, so that they outlive
the controller. GB/T 33358-2016 advises against menus: the caller hears the greeting and the
recording notice, and waits for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.calls import model
from hotline.calls.service import CallService
from hotline.clock import Clock
from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.fastagi import AgiSession, CallerHungUp
from hotline.telephony.pbx import Pbx

MUSIC = "hotline"
# How Asterisk's RECORD_STATUS tells that a report ended.
REPORT_ENDS = {"DTMF": "key", "SILENCE": "silence", "TIMEOUT": "limit", "HANGUP": "hangup"}
# What is said before "please speak after the tone", by the reason for the report.
REPORT_REASONS = {"out_of_hours": ("out-of-hours",), "nobody_ready": ("all-busy",)}
SURVEY_TRIES = 2
SURVEY_ANSWER_S = 5.0
REPORT_TRIES = 2
# How long a caller waits before hearing that a report can be left instead.
OFFER_REPORT_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """What the flow needs of the configuration. ``prompts`` is the folder of one language,
    ``prompt_s`` how long each of its prompts is."""

    node: str
    queue: str
    lease_s: float
    report_max_s: int
    report_silence_s: int
    prompts: Path
    prompt_s: Mapping[str, float]
    recordings: Path
    is_open: Callable[[float], bool]
    offer_report: bool


class InboundFlow:
    """The handler of the dialplan's FastAGI sessions."""

    def __init__(self, calls: CallService, pbx: Pbx, clock: Clock, settings: FlowSettings) -> None:
        self._calls = calls
        self._pbx = pbx
        self._clock = clock
        self._settings = settings

    async def __call__(self, session: AgiSession) -> None:
        """Run the stage that the dialplan asks for. The caller's hang-up ends it quietly."""
        with suppress(CallerHungUp):
            await Visit(self._calls, self._pbx, self._clock, self._settings, session).run()


class Visit:
    """One session: a caller asks what to do next."""

    def __init__(
        self,
        calls: CallService,
        pbx: Pbx,
        clock: Clock,
        settings: FlowSettings,
        session: AgiSession,
    ) -> None:
        self._calls = calls
        self._pbx = pbx
        self._clock = clock
        self._settings = settings
        self._session = session
        self._call_id = f"{settings.node}-{session.uniqueid}"
        self._busy = False
        padded = (*session.args, "", "", "", "", "", "")
        self._stage, self._outcome, _, self._ref, self._called, self._cause = padded[:6]

    async def run(self) -> None:
        """Run the stage, and say which verb comes next."""
        stages: dict[str, Callable[[], Awaitable[None]]] = {
            "dial": self._after_dial,
            "report": self._after_report,
            "queue": self._after_fallback,
            "adopt": self._wait,
        }
        await self._reach()
        await stages.get(self._stage, self._begin)()

    async def _reach(self) -> None:
        if self._calls.knows(self._call_id):
            return
        env = self._session.env
        await self._calls.tell(
            model.CallReached(
                self._call_id,
                self._session.channel,
                self._called,
                _known(env.get("agi_callerid", "")),
                _known(env.get("agi_calleridname", "")),
            )
        )

    # --- stages -------------------------------------------------------------------------

    async def _begin(self) -> None:
        await self._until_told(self._introduce())

    async def _introduce(self) -> None:
        await self._say("greeting")
        await self._say("recording-notice")
        if not self._settings.is_open(self._clock.now()):
            await self._calls.tell(model.WantsReport(self._call_id, "out_of_hours"))
            return
        await self._queue()

    async def _wait(self) -> None:
        await self._until_told(self._queue())

    async def _queue(self) -> None:
        await self._music(True)
        await self._calls.tell(model.MayWait(self._call_id, self._settings.queue))
        await self._keep_waiting()

    async def _keep_waiting(self) -> None:
        """Renew the lease while the caller hears music; the decision ends this."""
        waited, step = 0.0, self._settings.lease_s / 3
        while True:
            await self._lease(0)
            await self._clock.sleep(step)
            waited += step
            if self._settings.offer_report and waited >= OFFER_REPORT_AFTER_S:
                waited = 0.0
                await self._music(False)
                await self._say("offer-report")
                await self._music(True)

    async def _after_dial(self) -> None:
        await self._music(True)
        await self._calls.tell(
            model.DialReturned(self._call_id, self._ref, self._outcome, self._cause)
        )
        await self._until_told(self._keep_waiting())

    async def _after_fallback(self) -> None:
        if self._outcome != "ANSWER":
            await self._wait()
            return
        await self._calls.tell(model.QueueReturned(self._call_id))
        await self._until_told(self._keep_waiting())

    async def _after_report(self) -> None:
        ended_by = REPORT_ENDS.get(self._outcome, "unknown")
        kept = await self._calls.report_kept(self._call_id, self._ref, ended_by)
        if kept is None:
            # The dialplan's own path knows that something was recorded, and says so.
            return
        tries = int(self._ref.rpartition("/r")[2] or 1)
        if kept or tries >= REPORT_TRIES:
            await self._say("report-saved" if kept else "report-empty")
            await self._finish()
            return
        await self._say("report-empty")
        await self._until_told(self._calls.tell(model.WantsReport(self._call_id, "again")))

    async def _survey(self) -> None:
        await self._step("survey")
        prompt = "survey"
        for _ in range(SURVEY_TRIES):
            key = await self._ask(prompt, "12345")
            if key:
                await self._calls.tell(model.CallerRated(self._call_id, int(key)))
                await self._say("survey-thanks")
                break
            prompt = "survey-again"
        await self._finish()

    # --- what comes next ----------------------------------------------------------------

    async def _until_told(self, work: Awaitable[None]) -> None:
        """Do ``work`` until a verb is decided, then pass the caller on at once."""
        doing = asyncio.ensure_future(work)
        verb = asyncio.ensure_future(self._calls.next_verb(self._call_id))
        gone = asyncio.ensure_future(self._session.gone.wait())
        try:
            await self._first(doing, verb, gone)
            if verb.done():
                doing.cancel()
                await self._pass_on(verb.result())
        finally:
            for task in (doing, verb, gone):
                task.cancel()

    async def _first(
        self,
        doing: asyncio.Future[None],
        verb: asyncio.Future[model.Verb],
        gone: asyncio.Task[Any],
    ) -> None:
        await asyncio.wait((doing, verb, gone), return_when=asyncio.FIRST_COMPLETED)
        if doing.done() and not verb.done() and not gone.done():
            doing.result()
            await asyncio.wait((verb, gone), return_when=asyncio.FIRST_COMPLETED)

    async def _pass_on(self, verb: model.Verb) -> None:
        match verb:
            case model.DialAgent():
                await self._hand_over(
                    "dial",
                    HOTLINE_DIAL="&".join(verb.interfaces),
                    HOTLINE_RING=round(verb.ring_s),
                    HOTLINE_REF=verb.offer_id,
                    HOTLINE_RECORDING=self._settings.recordings / verb.recording,
                )
            case model.TakeReport():
                await self._take_report(verb)
            case model.AskRating():
                await self._music(False)
                await self._survey()

    async def _take_report(self, verb: model.TakeReport) -> None:
        if not self._busy:
            await self._music(False)
        names = [*REPORT_REASONS.get(verb.reason, ()), "report-please"]
        await self._hand_over(
            "report",
            HOTLINE_REF=verb.report_id,
            HOTLINE_REPORT=self._settings.recordings / verb.path,
            HOTLINE_REPORT_PROMPT="&".join(str(self._settings.prompts / n) for n in names),
            HOTLINE_REPORT_MAX=self._settings.report_max_s,
            HOTLINE_REPORT_SILENCE=self._settings.report_silence_s,
        )

    async def _finish(self) -> None:
        await self._say("goodbye")
        await self._hand_over("done")

    async def _hand_over(self, verb: str, **variables: object) -> None:
        """Tell the dialplan what to do; the session ends with it.

        While a prompt plays the session is busy, so AMI sets the variables and closing the
        session cuts the prompt: a ready agent's phone does not wait for a prompt to end.
        """
        values = {**variables, "HOTLINE_NEXT": verb}
        if self._busy:
            with suppress(AmiLost, AmiRefused):
                await self._pbx.set_variables(
                    self._session.channel, {name: str(v) for name, v in values.items()}
                )
                return
        for name, value in values.items():
            await self._session.set_variable(name, value)

    # --- what the caller hears ----------------------------------------------------------

    async def _say(self, prompt: str) -> None:
        await self._step(prompt)
        await self._ask(prompt, "", 0.0)

    async def _ask(self, prompt: str, keys: str, answer_s: float = SURVEY_ANSWER_S) -> str | None:
        path = self._settings.prompts / prompt
        await self._lease(self._settings.prompt_s.get(prompt, 0.0) + answer_s)
        self._busy = True
        key = await self._session.stream_file(str(path), keys)
        self._busy = False
        if key is None and keys and answer_s:
            key = await self._session.wait_for_digit(answer_s)
        return key if key and key in keys else None

    async def _step(self, step: str) -> None:
        await self._calls.tell(model.StepEntered(self._call_id, step))

    async def _music(self, on: bool) -> None:
        if on:
            await self._session.music_on(MUSIC)
        else:
            await self._session.music_off()

    async def _lease(self, extra_s: float) -> None:
        """Hold the caller for no longer than this without a sign of life of ours."""
        await self._session.set_variable(
            "TIMEOUT(absolute)", f"{self._settings.lease_s + extra_s:.0f}"
        )


def _known(value: str) -> str:
    return "" if value in ("unknown", "anonymous") else value
