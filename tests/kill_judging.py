"""What became of everyone whose controller ended: from the phones' side, the journal, the engine.

Each finding is one line. None of them should be there.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from hotline.demo.desk import Desk
from hotline.waiting.model import is_place
from tests.agent_phones import AgentPhone, Leg
from tests.killing import Ending, Killing, Waiter
from tests.system import Entry, HotlineSystem

# A phone that is told to stop ringing, and another that begins to, cross on their way.
CROSSING_S = 0.05
# A place that rests is back at the instant that was said, or this much later.
GRACE_S = 5.0
# What a kept place's call at most takes, from the agent's ringing on.
TALKS_FOR_S = 30.0
# After this, nobody is on the way back any more whom the last controller had.
FETCHED_WITHIN_S = 6.0


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone rang or talked for a caller from then to then (Unix seconds). ``caller`` is the
    caller's number, or the call's id for a kept place, or empty for a callback."""

    phone: str
    caller: str
    since: float
    until: float


def rings(phones: Iterable[AgentPhone], now: float) -> list[Ring]:
    """The ringings of phones, their talks included, by what came over the wire."""
    return [
        Ring(phone.number, leg.caller, leg.rang_at, now if leg.ended_at is None else leg.ended_at)
        for phone in phones
        for leg in phone.legs.values()
    ]


def rings_for_callers(run: Killing, journal: list[Entry], now: float) -> list[Ring]:
    """The agents' phones, each ringing with the caller it was for.

    For a kept place the phone shows the hotline's own number: which place it was is the journal's
    to say.
    """
    extension = {
        row["user_id"]: row["extension"]
        for row in run.system.rows("SELECT user_id, extension FROM users")
    }
    places: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for entry in journal:
        if entry.kind == "PlaceCalled":
            phone = extension[entry.data["agent_id"]]
            places[phone].append((entry.at, entry.data["call_id"]))
    own = run.system.config.hotline.number
    return [
        Ring(one.phone, _place(places[one.phone], one.since), one.since, one.until)
        if one.caller == own
        else one
        for one in rings(run.phones, now)
    ]


def _place(called: list[tuple[float, str]], at: float) -> str:
    """The place for which a phone rang at ``at``; empty for none: then it was a callback."""
    last = bisect_right(called, (at, "~")) - 1
    return called[last][1] if last >= 0 and at - called[last][0] < 2.0 else ""


def overlapping(found: list[Ring], key: str) -> list[str]:
    """Ringings of one ``phone`` or one ``caller`` (the key) that go on at the same time."""
    groups: defaultdict[str, list[Ring]] = defaultdict(list)
    for ring in found:
        groups[getattr(ring, key)].append(ring)
    groups.pop("", None)
    return [
        f"{one} and {other}"
        for group in groups.values()
        for one, other in pairwise(sorted(group, key=lambda ring: ring.since))
        if other.since < one.until - CROSSING_S
    ]


def cut_off(run: Killing, journal: list[Entry]) -> list[str]:
    """Callers whose talk the PBX ended while both wanted it to go on, and what was journalled."""
    gone = {one.number: one.ended for one in run.lived if one.by == "caller"}
    return [
        f"{phone.number} talking with {leg.caller} at {leg.ended_at}: {_around(leg, journal)}"
        for phone in run.phones
        for leg in phone.legs.values()
        if leg.end == "by_pbx" and leg.answered_at and _unwanted(run, leg, gone)
    ]


def _around(leg: Leg, journal: list[Entry]) -> str:
    at = leg.ended_at or 0.0
    near = (entry for entry in journal if at - 2.0 < entry.at < at + 1.0)
    return "; ".join(f"{entry.at - at:+.2f} s {entry.kind} {entry.data}" for entry in near)


def _unwanted(run: Killing, leg: Leg, gone: dict[str, float]) -> bool:
    """Whether the other end had not hung up itself just before."""
    if leg.caller != run.system.config.hotline.number:
        return leg.caller not in gone
    ends = (one.ended_at for one in run.town.legs.values() if one.end not in ("", "by_pbx"))
    return not any(end and 0 <= (leg.ended_at or 0) - end < 1.0 for end in ends)


def lost(run: Killing, journal: list[Entry]) -> list[str]:
    """Callers whom we hung up on before they had talked, could leave a report, or had their place
    kept."""
    talked = {leg.caller for p in run.phones for leg in p.legs.values() if leg.answered_at}
    # Another service, by its own phone: nobody may have looked when it was joined.
    talked |= {leg.shown for leg in run.town.legs.values() if leg.answered_at}
    kept = {entry.data["origin"] for entry in journal if entry.kind == "PlaceKept"}
    served = _reported(run.system) | talked | _numbers(run.system, kept)
    return [
        f"{one.number} ({one.wish}): {one.by} {one.fault}, after {one.ended - one.began:.1f} s"
        for one in run.lived
        if one.by != "caller" and one.number not in served
    ]


def _numbers(system: HotlineSystem, call_ids: set[str]) -> set[str]:
    rows = system.rows("SELECT call_id, calling FROM calls")
    return {row["calling"] for row in rows if row["call_id"] in call_ids}


def _reported(system: HotlineSystem) -> set[str]:
    rows = system.rows("SELECT calling FROM calls JOIN reports USING (call_id)")
    numbers = {row["calling"] for row in rows}
    fallback = Path(system.config.recording.dir) / "reports" / "fallback"
    for sidecar in fallback.glob("*.json"):
        numbers.add(json.loads(sidecar.read_text()).get("calling", ""))
    return numbers


def kept_places_lost(journal: list[Entry], now: float) -> list[str]:
    """Kept places that came to no end, though nothing holds them up any more."""
    open_since: dict[str, float] = {}
    rests: dict[str, float] = {}
    for entry in journal:
        call_id = entry.data.get("call_id", "")
        match entry.kind:
            case "PlaceKept":
                open_since[call_id] = entry.at
            case "PlaceTried":
                rests[call_id] = entry.data["again_at"] or 0.0
            case "PlaceCalled":
                rests[call_id] = entry.at + TALKS_FOR_S
            case "PlaceEnded":
                open_since.pop(call_id, None)
    return [
        f"{call_id}, kept {now - at:.0f} s ago"
        for call_id, at in open_since.items()
        if now > rests.get(call_id, 0.0) + GRACE_S
    ]


def fell_through(journal: list[Entry]) -> list[str]:
    """Callers who came into the dialplan's own path long after a controller had taken over."""
    faults, connected = [], 0.0
    for entry in journal:
        if entry.kind == "PbxConnected":
            connected = entry.at
        elif entry.kind == "CallAdopted" and entry.data["where"] == "waiting":
            late = entry.at - connected
            if late > FETCHED_WITHIN_S:
                faults.append(f"{entry.data['call_id']} {late:.1f} s after the controller was back")
    return faults


def places_lost(run: Killing, journal: list[Entry]) -> list[str]:
    """Callers who waited when a controller ended and wait with less afterwards."""
    return [
        f"{was.call_id}: {was.since}/{was.priority} became {now['since']}/{now['priority']}"
        for kill, until_at in _spans(run)
        for was in kill.waiting
        if (now := _queued(journal, was.call_id, kill.at, until_at))
        and _is_less(was, now["since"], now["priority"])
    ]


def _is_less(was: Waiter, since: float, priority: int) -> bool:
    """Whether a caller lost something. Who rings in again may be given a priority."""
    return since != was.since or priority < was.priority


def shown_otherwise(run: Killing) -> list[str]:
    """Callers whom the next controller has at another place than the last one had."""
    return [
        f"{was.call_id}: {(was.since, was.priority)} is shown as {now}"
        for kill in run.kills
        for was in kill.waiting
        if (now := kill.shown.get(was.call_id)) and _is_less(was, *now)
    ]


def _spans(run: Killing) -> Iterator[tuple[Ending, float]]:
    for kill, following in pairwise([*run.kills, None]):
        if kill:
            yield kill, following.at if following else float("inf")


def _queued(
    journal: list[Entry], call_id: str, since: float, until_at: float
) -> dict[str, Any] | None:
    for entry in journal:
        queued = entry.kind == "CallQueued" and entry.data["call_id"] == call_id
        if queued and since < entry.at < until_at:
            return entry.data
    return None


def passed_over(journal: list[Entry], aging_s: float) -> list[str]:
    """Offers made while somebody who came before, in the same queue and with no lower priority,
    waited and had not refused or missed a ringing."""
    waiting: dict[str, tuple[str, float]] = {}
    refused: set[str] = set()
    faults = []
    for entry in journal:
        data, call_id = entry.data, entry.data.get("call_id", "")
        match entry.kind:
            case "CallQueued":
                rank = data["since"] - data["priority"] * aging_s
                waiting[call_id] = (data["queue"], rank)
            case "CallOffered" if data.get("by") == "dialplan":
                # Its own queue serves whoever came to it first, while nobody else does.
                waiting.pop(call_id, None)
            case "CallOffered":
                mine = waiting.pop(call_id, None)
                before = [
                    other
                    for other, (queue, rank) in waiting.items()
                    if mine and queue == mine[0] and rank < mine[1] and other not in refused
                ]
                if before:
                    faults.append(f"{entry.at:.3f} {data['offer_id']} before {before[:3]}")
            case "OfferEnded" if data["outcome"] != "answered":
                refused.add(call_id)
            case "CallAnswered" | "CallEnded" | "CallAbandoned" | "ReportStarted" | "PlaceTried":
                waiting.pop(call_id, None)
            case "HandoverStarted":
                waiting.pop(call_id, None)
    return faults


def tasks_left(system: HotlineSystem) -> list[str]:
    """Callbacks that nobody rings any more, and that still count as ringing or as in hand."""
    rows = system.rows("SELECT * FROM callback_tasks WHERE state NOT IN ('open', 'asked', 'done')")
    return [f"callback {row['task_id']} is still {row['state']}" for row in rows]


def rated_twice(journal: list[Entry]) -> list[str]:
    """Calls with more than one mark."""
    marked = [entry.data["call_id"] for entry in journal if entry.kind == "CallRated"]
    return sorted({call_id for call_id in marked if marked.count(call_id) > 1})


def delays(run: Killing, journal: list[Entry]) -> dict[str, list[float]]:
    """Seconds from each end until a controller decided again, and until the last of those who
    waited was in line again. ``from_cold_start``: since its process began, where none waited."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for kill, until_at in _spans(run):
        mine = [entry for entry in journal if kill.at < entry.at < until_at]
        seen = next((e.at for e in mine if e.kind == "PbxConnected"), None)
        if seen is None:
            continue
        if kill.started > kill.at:
            found["from_cold_start"].append(seen - kill.started)
        found["from_end"].append(seen - kill.at)
        waited = {was.call_id for was in kill.waiting if not is_place(was.call_id)}
        back: dict[str, float] = {}
        for entry in mine:
            if entry.kind == "CallQueued" and entry.data["call_id"] in waited:
                back.setdefault(entry.data["call_id"], entry.at)
        if back:
            found["from_end_to_all_back"].append(max(back.values()) - kill.at)
    return dict(found)


async def disagreements(system: HotlineSystem, desks: list[Desk]) -> list[str]:
    """Where the journal's tables and what the controller believes are not the same."""
    stored = {
        r["agent_id"]: r["state"] for r in system.rows("SELECT agent_id, state FROM presence")
    }
    faults = []
    for desk in desks:
        state = (await desk.agent())["state"]
        if stored.get(desk.user, "offline") != state:
            faults.append(f"{desk.user}: {stored.get(desk.user)} stored, {state} believed")
    for row in system.rows("SELECT call_id, stage FROM calls WHERE ended_at IS NULL"):
        if not is_place(row["call_id"]):
            faults.append(f"{row['call_id']} is still {row['stage']}")
    return faults
