"""Synthetic agents: a desk phone that picks up, and the pages used as an agent uses them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from hotline.config import Config
from hotline.demo.accounts import DEMO_PASSWORD
from hotline.demo.baresip import Account
from hotline.demo.citizens import Town, speak
from hotline.demo.desk import Desk, PageEvent
from hotline.demo.phone import Answering, BaresipPhone
from hotline.demo.plan import SpeakingVoice
from hotline.secrets import desk_phone_password
from hotline.speech.sentences import REPORTS, spoken

_SAYS = "您好，城市管理热线，请讲。好的，我记下了，我们会尽快派人处理。"
_PLACES = ("人民路23号", "中山路与建设路交叉口", "和平小区东门", "滨江大道18号", "幸福街菜市场门口")
_KINDS = ("complaint", "help", "report", "consult", "suggestion")
_REACHABLE_S = 10.0


class SyntheticAgent:
    """One agent at work until cancelled."""

    def __init__(self, config: Config, town: Town, user: str, random: Random) -> None:
        self._config = config
        self._town = town
        self._user = user
        self._random = random
        self._actor = town.scene.enter(user, "坐席 agent")

    async def work(self) -> None:
        """Sign on, take calls, sign off when cancelled.

        Raises :class:`hotline.demo.desk.DeskFault` and
        :class:`hotline.demo.control.PhoneFault`.
        """
        web = self._config.web
        async with AsyncExitStack() as stack:
            desk = await stack.enter_async_context(
                Desk(f"http://{web.host}:{web.port}", self._user, DEMO_PASSWORD)
            )
            await desk.listen()
            await stack.enter_async_context(await self._phone(desk))
            await self._ready(desk)
            try:
                while True:
                    self._now("就绪 ready")
                    pop = await desk.event("pop", within=None)
                    await self._serve(desk, pop.data["pop"])
            finally:
                await desk.become("offline")

    async def _phone(self, desk: Desk) -> BaresipPhone:
        folder = self._town.folder / self._user
        folder.mkdir(parents=True, exist_ok=True)
        says = folder / "says.wav"
        voice = SpeakingVoice(self._random.choice(("f2", "f4", "m3")), 165, 50)
        await asyncio.to_thread(speak, self._town.synthesiser, _SAYS, voice, says, True)
        extension = await desk.extension()
        password = desk_phone_password(self._config, extension)
        registrar = f"{self._config.pbx.sip_host}:{self._config.pbx.sip_port}"
        account = Account(extension, registrar=registrar, password=password)
        return BaresipPhone(account, says, folder, answering=Answering(after=2))

    async def _ready(self, desk: Desk) -> None:
        if not (await desk.agent())["reachable"]:
            await desk.event("agent", lambda view: bool(view["reachable"]), _REACHABLE_S)
        await desk.become("ready")

    async def _serve(self, desk: Desk, pop: dict[str, Any]) -> None:
        self._now(f"振铃 ringing: {pop['calling']}")
        if not await self._answered(desk, pop["call_id"]):
            return
        self._now(f"通话 talking: {pop['calling']}")
        ended = asyncio.create_task(self._progress(desk, pop["call_id"], "talk_ended"))
        await asyncio.wait((ended,), timeout=self._random.uniform(10, 25))
        case_number = await desk.save(pop["call_id"], **self._form())
        if not ended.done():
            await desk.post("/api/agent/hang-up")
        await ended
        self._now(f"话后 wrap-up: {case_number}")
        await asyncio.sleep(self._random.uniform(3, 6))
        await desk.post("/api/agent/wrap-up/end")

    async def _answered(self, desk: Desk, call_id: str) -> bool:
        event = await self._progress(desk, call_id, "offer_ended")
        return bool(event.data["outcome"] == "answered")

    async def _progress(self, desk: Desk, call_id: str, what: str) -> PageEvent:
        return await desk.event(
            "call", lambda data: data["call_id"] == call_id and data["what"] == what, within=None
        )

    def _form(self) -> dict[str, object]:
        return {
            "kind": self._random.choice(_KINDS),
            "urgency": "normal",
            "address": self._random.choice(_PLACES),
            "description": spoken(self._random.choice(REPORTS)),
            "callback_wanted": True,
        }

    def _now(self, doing: str) -> None:
        self._town.scene.note(self._actor, doing)
