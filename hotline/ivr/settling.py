"""Matters of a call that are settled within the controller: cases, other systems, the storm."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo

import structlog

from hotline.clock import Clock
from hotline.ivr import acts, webhook
from hotline.ivr.facts import Caller
from hotline.ivr.surroundings import Settlement
from hotline.registry import progress_words
from hotline.registry.progress import AskedTooOften, Asker, ProgressDesk
from hotline.storm.service import StormDesk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles a matter by asking whoever knows."""

    progress: ProgressDesk
    storm: StormDesk
    clock: Clock
    zone: tzinfo
    webhook_hosts: Collection[str]

    async def __call__(self, caller: Caller, matter: acts.Matter) -> Settlement:
        """How ``matter`` ends. Raises LookupError for one that is not settled here."""
        match matter:
            case acts.LookUp():
                return await self._look_up(caller, matter)
            case acts.AskSystem():
                return await self._ask(caller, matter)
            case acts.RegisterAffected():
                return await self._register(caller)
        raise LookupError(f"nobody settles {type(matter).__name__}")

    async def _look_up(self, caller: Caller, matter: acts.LookUp) -> Settlement:
        asker = Asker(caller.call_id, caller.calling)
        try:
            if matter.by == "calling":
                cases = await self.progress.by_calling(asker)
            else:
                one = await self.progress.by_number(asker, matter.number, matter.last_four)
                cases = (one,) if one else ()
        except AskedTooOften as error:
            log.warning("ivr.asked_too_often", call=caller.call_id, seconds=error.seconds)
            cases = ()
        if not cases:
            return Settlement("none")
        values = {"case.number": cases[0].case_number, "case.count": str(len(cases))}
        return Settlement("found", values, progress_words.told(cases, self.zone))

    async def _ask(self, caller: Caller, matter: acts.AskSystem) -> Settlement:
        call = {"call_id": caller.call_id, "calling": caller.calling, "called": caller.called}
        try:
            async with asyncio.timeout(matter.deadline_s):
                values = await webhook.ask(matter, self.webhook_hosts, call)
        except (webhook.NoAnswer, TimeoutError) as error:
            log.warning("ivr.webhook", call=caller.call_id, why=str(error) or "no answer in time")
            return Settlement("fallback")
        return Settlement("next", values)

    async def _register(self, caller: Caller) -> Settlement:
        now = self.clock.now()
        done = await self.storm.register(caller.call_id, caller.calling, None, now)
        if done is None:
            return Settlement("none")
        values = {"storm.case": done.case_number, "storm.count": str(done.count)}
        return Settlement("registered" if done.new else "known", values)
