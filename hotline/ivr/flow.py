"""Callers who ring in: each gets a guide, who leads them through the flow in force."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo

from hotline.calls import model
from hotline.ivr.facts import Caller, FactBook, Source
from hotline.ivr.guide import Guide
from hotline.ivr.model import FlowSet
from hotline.ivr.surroundings import Surroundings, Visit
from hotline.ivr.walk import Walk
from hotline.telephony.fastagi import AgiSession, CallerHungUp

# Keys of callers whose first visit is yet to come; agents' keys are among them.
EARLY_CALLS = 4096
EARLY_KEYS = 32
# Channels that have hung up, of which a session may still be on its way.
LATELY_GONE = 4096


@dataclass(frozen=True, slots=True)
class FlowRules:
    """What leading callers needs: the flows in force (by :func:`snapshot`), which of them a
    number begins in, and who tells facts."""

    node: str
    zone: tzinfo
    language: str
    snapshot: Callable[[], FlowSet]
    entry: Callable[[str], str]
    sources: Mapping[str, Source]


class InboundFlow:
    """The handler of the dialplan's FastAGI sessions."""

    def __init__(self, around: Surroundings, rules: FlowRules) -> None:
        self._around = around
        self._rules = rules
        self._guides: dict[str, Guide] = {}
        self._early: OrderedDict[str, str] = OrderedDict()
        self._gone: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, session: AgiSession) -> None:
        """Lead the caller on. The caller's hang-up ends it quietly."""
        padded = (*session.args, "", "", "", "", "", "", "")
        stage, outcome, _, ref, called, cause, place = padded[:7]
        call_id = f"{self._rules.node}-{session.uniqueid}"
        if call_id in self._gone:
            # AMI was quicker: nobody is there, and the call is not to begin again.
            return
        with suppress(CallerHungUp):
            await self._reach(session, call_id, called)
            guide = self._guides.get(call_id) or self._begin(session, call_id, called)
            await guide.serve(session, Visit(stage, outcome, ref, cause, place))

    def key(self, call_id: str, key: str) -> None:
        """A key was pressed on a channel, which may be a citizen's."""
        guide = self._guides.get(call_id)
        if guide:
            guide.key(key)
            return
        self._early[call_id] = (self._early.pop(call_id, "") + key)[-EARLY_KEYS:]
        while len(self._early) > EARLY_CALLS:
            self._early.popitem(last=False)

    def gone(self, call_id: str) -> None:
        """A channel is gone, which may be a citizen's."""
        self._forget(call_id)
        self._gone[call_id] = None
        while len(self._gone) > LATELY_GONE:
            self._gone.popitem(last=False)

    def _forget(self, call_id: str) -> None:
        self._guides.pop(call_id, None)
        self._early.pop(call_id, None)

    def forget_ended(self) -> None:
        """Forget callers whose end nobody saw."""
        for call_id in [one for one in self._guides if not self._around.calls.knows(one)]:
            self._forget(call_id)

    async def _reach(self, session: AgiSession, call_id: str, called: str) -> None:
        if self._around.calls.knows(call_id):
            return
        env = session.env
        reached = model.CallReached(
            call_id,
            session.channel,
            called,
            _known(env.get("agi_callerid", "")),
            _known(env.get("agi_calleridname", "")),
        )
        # The calls' core knew nobody who could have pressed what came before.
        calls, keyed = self._around.calls, self._early.get(call_id, "")
        *first, last = [reached, *(model.KeySeen(call_id, key) for key in keyed)]
        for given in first:
            calls.post(given)
        await calls.tell(last)

    def _begin(self, session: AgiSession, call_id: str, called: str) -> Guide:
        rules = self._rules
        caller = Caller(call_id, called, _known(session.env.get("agi_callerid", "")))
        facts = FactBook(caller, rules.zone, rules.sources)
        walk = Walk(rules.snapshot(), rules.entry(called), facts, rules.language)
        guide = self._guides[call_id] = Guide(caller, walk, self._around)
        for key in self._early.pop(call_id, ""):
            guide.key(key)
        return guide


def _known(value: str) -> str:
    return "" if value in ("unknown", "anonymous") else value
