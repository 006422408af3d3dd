"""Places kept for a callback: virtual callers who move up like the others and never jump.

A kept place is a call of its own in the engine, with the ``since`` and the priority of the call
that was hung up. When its turn comes an agent's phone is rung (:mod:`hotline.calls.placed`), and
the citizen is dialled when it is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from hotline import events
from hotline.acd import model as acd
from hotline.calls import model
from hotline.calls.model import Call, Outcome, Stage
from hotline.waiting.model import (
    CallerTold,
    ConfirmNumber,
    Ended,
    KeepsPlace,
    MatterClosed,
    Place,
    PlaceIsKept,
    PlaceIsKnown,
    StaysInLine,
    can_be_rung,
    place_of,
)

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

KEEP_KEY = "1"
RETURN_S = 5.0
"""After a restart living callers come back by themselves within this time: nobody jumps them."""
KEPT_FOR_S = 8 * 3600.0
BEFORE_DIALLING = ("waiting", "resting", "ringing")


class Kept(NamedTuple):
    """A kept place: its call, and what it has beside what every call has."""

    call: Call
    place: Place


def places(core: CallCore) -> Iterator[Kept]:
    """Every kept place."""
    for call in list(core.calls.values()):
        if call.place:
            yield Kept(call, call.place)


# --- a caller in the queue ----------------------------------------------------------------


def may_keep(core: CallCore, call: Call) -> bool:
    """Whether this caller can be rung back, and is not going to be already."""
    return _can_keep(core, call) and _place_for(core, call.calling) is None


def _can_keep(core: CallCore, call: Call) -> bool:
    if not core.rules.keeps or call.place or not can_be_rung(call.calling):
        return False
    return call.stage is Stage.WAITING


def key(core: CallCore, call: Call, pressed: str, out: Outcome) -> bool:
    """Whether a key belongs to the keeping of a place: then it means nothing else."""
    if call.confirming:
        return call.stage is Stage.WAITING
    if pressed != KEEP_KEY or not _can_keep(core, call):
        return False
    if not may_keep(core, call):
        out.commands.append(model.Tell(call.call_id, PlaceIsKnown()))
        return True
    call.confirming = True
    out.commands.append(model.Tell(call.call_id, ConfirmNumber(call.calling)))
    return True


def told(core: CallCore, given: CallerTold, out: Outcome) -> None:
    """A caller heard their position."""
    call = core.known(given.call_id, out)
    if call and call.stage is Stage.WAITING:
        out.events.append(
            events.CallerTold(call.call_id, call.queue, given.ahead, given.seconds, given.said_s)
        )


def stays(core: CallCore, given: StaysInLine, out: Outcome) -> None:
    """A caller decided to wait on."""
    call = core.known(given.call_id, out)
    if call:
        call.confirming = False


def keep(core: CallCore, given: KeepsPlace, now: float, out: Outcome) -> None:
    """Let a place stand for the caller, who may hang up now."""
    call = core.known(given.call_id, out)
    if call is None:
        return
    call.confirming = False
    place_id = place_of(call.call_id)
    if call.stage is not Stage.WAITING or place_id in core.calls or not core.rules.keeps:
        out.ignored.append(f"{call.call_id} cannot keep a place")
        return
    if _place_for(core, given.number):
        out.ignored.append(f"{call.call_id}: no second place for the same number")
        out.commands.append(model.Tell(call.call_id, PlaceIsKnown()))
        return
    if not can_be_rung(given.number):
        out.ignored.append(f"{call.call_id}: this number cannot be rung")
        return
    kept = _place_of_call(call, place_id, given.number, now)
    core.calls[place_id] = kept.call
    since = call.queued_at if call.queued_at is not None else now
    out.events += [
        events.PlaceKept(place_id, call.call_id, given.number, call.queue, call.priority, since),
        events.CallArrived(
            place_id, core.rules.node, "", call.called, given.number, call.calling_name
        ),
    ]
    # Both at once would be one citizen twice in line.
    call.stage, call.dismissed = Stage.ARRIVING, True
    core.ask(acd.CallStopsWaiting(call.call_id), now, out)
    enter(core, kept, now, out)
    out.commands.append(model.Tell(call.call_id, PlaceIsKept()))


def says_goodbye_again(core: CallCore, call: Call, out: Outcome) -> bool:
    """Whether the caller's place is kept already: a restart cut short what they were told."""
    if place_of(call.call_id) not in core.calls:
        return False
    call.dismissed = True
    out.commands.append(model.Tell(call.call_id, PlaceIsKept()))
    return True


def _place_of_call(call: Call, place_id: str, number: str, now: float) -> Kept:
    kept = Call(place_id, "", call.called, number, call.calling_name, now)
    kept.queue, kept.priority, kept.reasons = call.queue, call.priority, call.reasons
    kept.queued_at, kept.familiar = call.queued_at, call.familiar
    kept.refused_by = dict(call.refused_by)
    kept.place = Place(call.call_id, number, now)
    return Kept(kept, kept.place)


def take_over(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """The citizen rang again: the new call has the kept place."""
    kept = None if call.place else _place_for(core, call.calling)
    if kept is None or kept.place.step not in BEFORE_DIALLING:
        return
    since = kept.call.queued_at if kept.call.queued_at is not None else now
    call.queued_at = since if call.queued_at is None else min(call.queued_at, since)
    call.familiar = call.familiar or kept.call.familiar
    if kept.call.priority > call.priority:
        call.priority, call.reasons = kept.call.priority, kept.call.reasons
    end(core, kept, "rang_again", now, out)


def matter_closed(core: CallCore, given: MatterClosed, now: float, out: Outcome) -> None:
    """A case is closed: who waited to be rung back about it needs no call."""
    for kept in places(core):
        same = kept.place.origin == given.call_id
        later = given.number == kept.place.number and given.opened_at >= kept.place.kept_at
        if (same or later) and kept.place.step in BEFORE_DIALLING:
            end(core, kept, "matter_closed", now, out)


def _place_for(core: CallCore, number: str) -> Kept | None:
    return next((kept for kept in places(core) if kept.place.number == number), None)


# --- the place in the engine --------------------------------------------------------------


def enter(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    """Let a place wait in its queue, at its place."""
    kept.place.step, kept.place.again_at = "waiting", None
    # A place is kept for longer than a queue lets callers wait.
    kept.call.entered_at = now
    core.wait(kept.call, kept.call.queue, now, out)


def overflowed(core: CallCore, call: Call, why: str, now: float, out: Outcome) -> bool:
    """Nobody leaves a report at a kept place: it waits on. Whether the call is one."""
    if call.place is None:
        return False
    kept = Kept(call, call.place)
    if why == "wait":
        enter(core, kept, now, out)
    else:
        rest(kept, now + RETURN_S)
    return True


def rest(kept: Kept, until: float | None) -> None:
    """Keep a place out of its queue; None: until the PBX is seen again."""
    kept.call.stage = Stage.WAITING
    kept.place.step, kept.place.again_at, kept.place.channel_id = "resting", until, ""


def end(core: CallCore, kept: Kept, outcome: Ended, now: float, out: Outcome) -> None:
    """A kept place is over; an agent's phone that rings for it is stopped."""
    call_id = kept.call.call_id
    kept.place.step, kept.place.channel_id = "over", ""
    core.ask(acd.CallGone(call_id), now, out)
    del core.calls[call_id]
    out.events += [events.PlaceEnded(call_id, outcome), events.CallEnded(call_id, "system")]


def talked(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    """The citizen's talk is over, whoever they talked with last."""
    call = kept.call
    end(core, kept, "talked", now, out)
    check = model.CheckRecording(call.call_id, f"{call.recording}.wav", call.talked_s)
    out.commands.append(check)


# --- time ---------------------------------------------------------------------------------


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """Let places back into their queues, and end those that were kept too long."""
    for kept in places(core):
        place = kept.place
        if place.step not in ("waiting", "resting"):
            continue
        if now >= place.kept_at + KEPT_FOR_S:
            end(core, kept, "expired", now, out)
        elif place.step == "resting" and place.again_at is not None and now >= place.again_at:
            enter(core, kept, now, out)


def next_deadline(core: CallCore) -> float | None:
    """When :func:`tick` is due next."""
    due = []
    for _, place in places(core):
        if place.step in ("waiting", "resting"):
            due.append(place.kept_at + KEPT_FOR_S)
        if place.step == "resting" and place.again_at is not None:
            due.append(place.again_at)
    return min(due, default=None)


def unseen(core: CallCore, now: float, out: Outcome) -> None:
    """No phone can be rung while the PBX is not seen."""
    for kept in places(core):
        if kept.place.step == "waiting":
            core.ask(acd.CallStopsWaiting(kept.call.call_id), now, out)
            rest(kept, None)
