"""The agents' side of the calls: what a screen asks for and what it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from hotline.calls import model, tasks, whys
from hotline.calls.core import CallCore
from hotline.calls.duty import web_leg
from hotline.calls.model import Call, Stage
from hotline.calls.service import CallService
from hotline.clock import Clock, midnight
from hotline.cti import parked, standing, ways
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import (
    AgentView,
    AskedView,
    Board,
    DayCounts,
    HandoverView,
    IntervalCounts,
    Pop,
    WaitingCall,
    WayView,
)
from hotline.handover import colleagues, parking
from hotline.handover.core import may_begin
from hotline.handover.hold import may_hold
from hotline.handover.model import (
    COLLEAGUE,
    QUEUE,
    AgentDropsThird,
    AgentHandsOver,
    AgentHolds,
    AgentTakesBack,
    AgentTakesParked,
    Mode,
)
from hotline.handover.targets import NoSuchTarget, NoWay, Targets
from hotline.storage.lookups import Lookups
from hotline.waiting.model import is_place

# What one press of the key adds to a wrap-up.
EXTENSION_S = 30.0


class NotNow(Exception):
    """Possible, but not in the agent's present state; ``key`` says what the screen tells."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Viewer(Protocol):
    """Who asks."""

    @property
    def user_id(self) -> str:
        """Their login name."""

    @property
    def name(self) -> str:
        """What they are called."""


class Today(Protocol):
    """The city's day so far, counted from the journal."""

    def counts(self, now: float) -> DayCounts:
        """The day's counts; zeros from midnight on."""

    def intervals(self, now: float) -> tuple[IntervalCounts, ...]:
        """The day's quarters of an hour, up to now."""


class AgentDesk:
    """What the web layer asks of the calls (``hotline.web.ports.Calls``)."""

    def __init__(
        self,
        calls: CallService,
        today: Today,
        lookups: Lookups,
        clock: Clock,
        last_seq: Callable[[], int],
        *,
        targets: Targets,
        third_ring_s: float,
        reasons: PauseReasons,
        park_open_to: str = parked.ALL,
    ) -> None:
        self._calls = calls
        self._today = today
        self._lookups = lookups
        self._clock = clock
        self._last_seq = last_seq
        self._targets = targets
        self._third_ring_s = third_ring_s
        self._reasons = reasons
        self._park_open_to = park_open_to

    # --- what is shown ------------------------------------------------------------------

    def why(self, call_id: str) -> dict[str, Any]:
        """Why this call waits now, or is offered to whom it is (:mod:`hotline.calls.whys`);
        empty for a call that does neither."""
        return whys.now(self._calls.core, call_id)

    def agent(self, agent_id: str) -> AgentView:
        """An agent now, with what they used of each reason for pausing. Raises KeyError for
        somebody who has no phone."""
        core = self._calls.core
        person = core.people.by_id[agent_id]
        rows = {row.agent_id: row for row in core.engine.agents()}
        day = self._midnight()
        view = standing.view(core, person, rows.get(agent_id), self._reasons, day)
        pauses = standing.pauses(core, agent_id, self._reasons, day, whole=True)
        asked = standing.asked(core, agent_id)
        return replace(view, pauses=pauses, task=standing.task(core, agent_id), asked=asked)

    def _midnight(self) -> float:
        return midnight(self._clock.now(), self._calls.core.rules.zone)

    def board(self) -> Board:
        """The supervisor's picture now."""
        core = self._calls.core
        now = self._clock.now()
        rows = {row.agent_id: row for row in core.engine.agents()}
        people = sorted(core.people.by_id.values(), key=lambda p: p.extension)
        day = self._midnight()
        return Board(
            at=now,
            seq=self._last_seq(),
            pbx_up=core.pbx_up,
            journal_ok=self._calls.journal_ok,
            waiting=tuple(_waiting(c) for c in _in_line(core)),
            talking=sum(c.stage is Stage.TALKING for c in core.calls.values()),
            agents=tuple(
                standing.view(core, p, rows.get(p.agent_id), self._reasons, day) for p in people
            ),
            today=self._today.counts(now),
            intervals=self._today.intervals(now),
            tasks=standing.task_counts(core),
            parked=parked.listed(core),
        )

    async def pop(self, call_id: str, agent_id: str) -> Pop | None:
        """What this agent is shown of a call; None when it was never offered to them."""
        living = self._calls.core.calls.get(call_id)
        facts = await self._lookups.pop(call_id, agent_id)
        if facts is None:
            return None
        old = facts.call
        owner = (living or old).agent_id
        consulted = living is not None and colleagues.asked(self._calls.core, agent_id) is living
        if owner != agent_id and not consulted:
            return None
        phase = "consulted" if consulted else _phase(living, agent_id)
        return Pop(
            call_id=call_id,
            offer_id=living.offer_id if living and phase == "offered" else "",
            phase=phase,
            called=old.called,
            calling=old.calling,
            calling_name=old.calling_name,
            queue=old.queue or "",
            arrived_at=old.arrived_at,
            queued_at=old.queued_at,
            offered_at=living.offered_at if living else None,
            answered_at=living.answered_at if living else old.answered_at,
            keys=living.keys if living else "",
            calls=facts.calls,
            cases=facts.cases,
            draft=facts.draft.form,
            draft_of=facts.draft.of,
            draft_revision=facts.draft.revision,
            story=facts.story,
            case_number=facts.case_number,
            priority=living.priority if living else old.priority,
            reasons=living.reasons if living else tuple(old.reasons or ()),
            first=(old.first_why or "") if old.first_agent == agent_id else "",
            handover=_handover(living) if living else None,
            kept_place=is_place(call_id),
        )

    async def asked_at(self, extension: str) -> tuple[tuple[AskedView, Pop], ...]:
        """The calls into which this telephone is asked, whose owner is no agent, each as the agent
        who asks is shown it."""
        core = self._calls.core
        found = []
        for call in list(core.calls.values()):
            if call.handover is None or call.handover.extension != extension:
                continue
            if (pop := await self.pop(call.call_id, call.agent_id)) is not None:
                found.append((standing.asks(core, call, call.handover), pop))
        return tuple(found)

    # --- what agents ask ----------------------------------------------------------------

    async def sign_on(self, agent_id: str) -> None:
        """Begin a shift, paused until ready is asked for."""
        await self._calls.tell(model.AgentAsks(agent_id, "signed_on"))

    async def ready(self, agent_id: str) -> None:
        """Take calls: at once, or after the talk. Raises :class:`NotNow` without a phone."""
        if self._calls.core.pbx_up and not self._calls.core.people.can_be_rung(agent_id):
            raise NotNow("no_phone")
        await self._calls.tell(model.AgentAsks(agent_id, "ready"))

    async def pause(self, agent_id: str, reason: str) -> None:
        """Take no calls: at once, or after the talk. Raises :class:`NotNow` for a reason that
        is none."""
        self._must_be_offered(reason)
        await self._calls.tell(model.AgentAsks(agent_id, "paused", reason))

    async def sign_off(self, agent_id: str) -> None:
        """End a shift: at once, or after the talk."""
        await self._calls.tell(model.AgentAsks(agent_id, "offline"))

    async def end_wrap_up(self, agent_id: str) -> None:
        """End the wrap-up before its time. Raises :class:`NotNow` when there is none."""
        if self.agent(agent_id).state != "wrap_up":
            raise NotNow("no_wrap_up")
        await self._calls.tell(model.AgentEndsWrapUp(agent_id))

    async def extend_wrap_up(self, agent_id: str) -> None:
        """Add :data:`EXTENSION_S` to the wrap-up, or what is left of it. Raises :class:`NotNow`
        when there is no wrap-up, or it can be extended no more."""
        before = self.agent(agent_id)
        if before.state != "wrap_up":
            raise NotNow("no_wrap_up")
        await self._calls.tell(model.AgentExtendsWrapUp(agent_id, EXTENSION_S))
        if self.agent(agent_id).until == before.until:
            raise NotNow("no_more_wrap_up")

    async def force(self, agent_id: str, want: str, reason: str, why: str, by: Viewer) -> None:
        """Change an agent's state for them, journalled with who and why: ready, paused (for
        ``reason``), offline or end_wrap_up; at once, or after the talk.

        Raises :class:`NotNow` when that cannot be, KeyError for somebody who is no agent.
        """
        before = self.agent(agent_id)
        if want == "paused":
            self._must_be_offered(reason)
        if before.state == "offline":
            raise NotNow("not_on_duty")
        if want == "end_wrap_up" and before.state != "wrap_up":
            raise NotNow("no_wrap_up")
        if want == "ready" and before.reachable is False:
            raise NotNow("no_phone_of_theirs")
        await self._calls.tell(
            model.SupervisorSets(agent_id, want, why, by.user_id, by.name, reason)
        )
        if self._states_of(self.agent(agent_id)) == self._states_of(before):
            raise NotNow("so_already")

    @staticmethod
    def _states_of(view: AgentView) -> tuple[object, ...]:
        return (view.state, view.since, view.reason, view.next_state, view.next_reason)

    def _must_be_offered(self, reason: str) -> None:
        found = self._reasons.get(reason)
        if found is None or not found.offered:
            raise NotNow("no_such_reason")

    def page_opened(self, agent_id: str) -> None:
        """A page of an agent's listens to us."""
        self._calls.post(model.PageOpened(agent_id))

    def page_closed(self, agent_id: str) -> None:
        """A page of an agent's listens no more."""
        self._calls.post(model.PageClosed(agent_id))

    async def refuse(self, agent_id: str, offer_id: str) -> None:
        """Refuse an offer; the call goes to somebody else. Raises :class:`NotNow` when the
        offer is over."""
        if self.agent(agent_id).offer_id != offer_id:
            raise NotNow("offer_over")
        await self._calls.tell(model.AgentRefuses(agent_id, offer_id))

    async def hang_up(self, agent_id: str) -> None:
        """End the agent's talk. Raises :class:`NotNow` when there is none."""
        if self.agent(agent_id).state != "talking":
            raise NotNow("no_talk")
        await self._calls.tell(model.AgentHangsUp(agent_id))

    async def bring_talk(self, agent_id: str) -> None:
        """Ring the agent's web phone, where it is registered now, for the caller whom they talk
        with; the caller hears music meanwhile. Raises :class:`NotNow` when there is no such talk,
        or it is not on the web phone."""
        view = self.agent(agent_id)
        if view.state != "talking":
            raise NotNow("no_talk")
        if view.held_since is not None:
            # Rung by itself as soon as the phone is there.
            return
        if not web_leg(self._calls.core, agent_id):
            raise NotNow("talk_stays")
        await self._calls.tell(model.AgentMoves(agent_id))

    async def take_task(self, agent_id: str, task_id: str) -> None:
        """Begin the task that the agent is shown. Raises :class:`NotNow` when it is shown no
        more."""
        await self._calls.tell(model.AgentTakesTask(agent_id, task_id))
        if self.task_in_hand(agent_id) != task_id:
            raise NotNow("task_gone")

    async def end_task(self, agent_id: str) -> None:
        """Leave the task that the agent works on. Raises :class:`NotNow` for none."""
        task_id = self.task_in_hand(agent_id)
        if task_id is None:
            raise NotNow("no_task")
        await self._calls.tell(model.TaskOver(task_id))

    def task_in_hand(self, agent_id: str) -> str | None:
        """The id of the task that the agent works on (:mod:`hotline.calls.tasks`)."""
        core = self._calls.core
        task_id = tasks.task_of(core, agent_id)
        return task_id if task_id in tasks.begun(core) else None

    async def ways(self, agent_id: str) -> tuple[WayView, ...]:
        """Colleagues and queues to whom this agent can hand a caller."""
        core = self._calls.core
        states = {row.agent_id: row.state for row in core.engine.agents()}
        people = [one for one in await self._lookups.colleagues() if one.user_id != agent_id]
        queues = core.routing.plan.queues
        return (
            *(ways.of_person(one, states.get(one.user_id, "offline")) for one in people),
            *(ways.of_queue(queue) for queue in queues),
        )

    async def hold(self, agent_id: str, call_id: str) -> None:
        """Let the caller of the agent's talk hear music. Raises :class:`NotNow` when there is no
        such talk, or they do already."""
        call = self._calls.core.calls.get(call_id)
        if call is None or not may_hold(call, agent_id):
            raise NotNow("no_hold")
        await self._calls.tell(AgentHolds(agent_id, call_id))

    async def take_back(self, agent_id: str, call_id: str) -> None:
        """Talk with the caller again, whoever else is there. Raises :class:`NotNow` when they are
        not held."""
        call = self._calls.core.calls.get(call_id)
        if call is None or call.agent_id != agent_id or call.on_hold_since is None:
            raise NotNow("not_held")
        await self._calls.tell(AgentTakesBack(agent_id, call_id))

    async def hand_over(
        self, agent_id: str, call_id: str, target: str, mode: Mode, note: str
    ) -> None:
        """Ring another service or a colleague for the caller of the agent's talk, or send the
        caller to a queue. Raises :class:`NotNow` when there is no such talk, service or way to it,
        or another one is already rung."""
        call = self._calls.core.calls.get(call_id)
        if call is None or call.agent_id != agent_id or call.stage is not Stage.TALKING:
            raise NotNow("no_talk")
        if call.answered_at is None:
            # The citizen of a kept place is still being dialled.
            raise NotNow("no_talk")
        if not may_begin(call, agent_id):
            raise NotNow("handover_running")
        code, name = await self._way(agent_id, target)
        if target.startswith(QUEUE) != (mode is Mode.QUEUE):
            raise NotNow("no_such_target")
        if not colleagues.can_be_asked(self._calls.core, code):
            raise NotNow("colleague_busy")
        await self._calls.tell(
            AgentHandsOver(agent_id, call_id, code, mode, note, self._third_ring_s, name)
        )

    async def park(self, agent_id: str, call_id: str, note: str) -> None:
        """Leave the caller of the agent's talk in a parking place. Raises :class:`NotNow` when
        there is no such talk, somebody is rung for them, or every place is taken."""
        core = self._calls.core
        call = core.calls.get(call_id)
        if call is None or call.agent_id != agent_id or call.stage is not Stage.TALKING:
            raise NotNow("no_talk")
        if call.place is not None:
            raise NotNow("no_hold")
        if not may_begin(call, agent_id):
            raise NotNow("handover_running")
        if (place := parking.free_place(core)) is None:
            raise NotNow("no_parking_place")
        name = parked.name_of(place)
        await self._calls.tell(
            AgentHandsOver(agent_id, call_id, "park", Mode.PARK, note, self._third_ring_s, name)
        )

    async def take_parked(self, agent_id: str, place: int) -> None:
        """Ring the agent's phone for the caller who is parked there. Raises :class:`NotNow` when
        nobody is, the agent is busy or without a phone, or another team's agent left them."""
        core = self._calls.core
        call = parking.in_place(core, place)
        if call is None or call.parked is None or call.stage is not Stage.PARKED:
            raise NotNow("nobody_parked")
        if not parked.open_to(core, agent_id, call.parked.by, self._park_open_to):
            raise NotNow("parked_by_another_team")
        if not parking.may_take(core, call, agent_id):
            raise NotNow("cannot_take_parked")
        await self._calls.tell(AgentTakesParked(agent_id, call.call_id))

    async def _way(self, agent_id: str, target: str) -> tuple[str, str]:
        """What the calls layer calls a target, and what people do."""
        if target.startswith((COLLEAGUE, QUEUE)):
            within = {way.code: way for way in await self.ways(agent_id)}
            if (way := within.get(target)) is None:
                raise NotNow("no_such_target")
            return target.removeprefix(QUEUE), way.names["zh"]
        try:
            return target, self._targets.find(target).zh
        except NoSuchTarget:
            raise NotNow("no_such_target") from None
        except NoWay:
            raise NotNow("no_way_to_target") from None

    async def drop_third(self, agent_id: str, call_id: str) -> None:
        """Let the other service go. Raises :class:`NotNow` when there is none."""
        call = self._calls.core.calls.get(call_id)
        if call is None or call.agent_id != agent_id or call.handover is None:
            raise NotNow("no_handover")
        await self._calls.tell(AgentDropsThird(agent_id, call_id))


def _handover(call: Call) -> HandoverView | None:
    now = call.handover
    if now is None:
        return None
    gone = call.orphan is not None
    return HandoverView(
        now.target, now.mode, now.step, now.started_at, now.joined_at, gone, now.name
    )


def _in_line(core: CallCore) -> list[Call]:
    """Who waits, the next one first; those that the engine does not know come last."""
    waiting = [c for c in core.calls.values() if c.stage in (Stage.WAITING, Stage.OFFERED)]
    places = {row.call_id: place for place, row in enumerate(core.engine.waiting())}
    last = len(places)
    return sorted(waiting, key=lambda c: (places.get(c.call_id, last), c.queued_at or c.arrived_at))


def _waiting(call: Call) -> WaitingCall:
    return WaitingCall(
        call.call_id,
        call.calling,
        call.queue,
        call.queued_at if call.queued_at is not None else call.arrived_at,
        call.agent_id if call.stage is Stage.OFFERED else "",
        call.priority,
        call.reasons,
    )


def _phase(call: Call | None, agent_id: str) -> str:
    if call is None or call.agent_id != agent_id:
        return "ended"
    return {Stage.OFFERED: "offered", Stage.TALKING: "talking"}.get(call.stage, "ended")
