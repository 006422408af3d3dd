"""In how many states calls, agents, kept places and tasks are, as the journal's tables say."""

from __future__ import annotations

from collections import Counter

from tests.system import HotlineSystem

# What a run must have met to have tried everything.
EVERY_STATE = frozenset(
    {
        *("call:arriving", "call:waiting", "call:offered", "call:talking", "call:held"),
        *("call:rating", "call:reporting", "call:sent_to_queue", "call:handed_over"),
        *("agent:ready", "agent:wrap_up", "agent:paused", "agent:on_task", "task:offered"),
        *("place:waiting", "place:ringing", "place:dialling", "place:talking"),
        *("callback:dialling", "callback:talking"),
    }
)
_CALLS = """
SELECT call_id, stage, queue, EXISTS (SELECT 1 FROM kept_places k WHERE k.call_id = c.call_id)
    AS is_place FROM calls c WHERE ended_at IS NULL
"""
_PLACES = """
SELECT k.step, k.again_at, c.answered_at FROM kept_places k JOIN calls c USING (call_id)
    WHERE k.outcome = ''
"""
# Which of these came last for whom.
_LAST = """
SELECT kind FROM journal WHERE seq IN (
    SELECT max(seq) FROM journal WHERE kind IN ({kinds}) GROUP BY json_extract(data, '$.{of}'))
"""


def where(system: HotlineSystem) -> dict[str, int]:
    """How many are in each state now."""
    found: Counter[str] = Counter()
    for row in system.rows(_CALLS):
        if not row["is_place"]:
            sent_on = row["stage"] == "waiting" and row["queue"] == "second"
            found[f"call:{'sent_to_queue' if sent_on else row['stage']}"] += 1
    held = _last(system, "call_id", "TalkHeld", "TalkResumed", "TalkEnded")["TalkHeld"]
    found["call:held"] = held
    found["call:talking"] -= held
    for row in system.rows("SELECT state FROM presence WHERE state <> 'offline'"):
        found[f"agent:{row['state']}"] += 1
    for row in system.rows(_PLACES):
        found[f"place:{_step(row['step'], row['again_at'], row['answered_at'])}"] += 1
    kinds = ("TaskOffered", "TaskWithdrawn", "AgentStateChanged")
    found["task:offered"] = _last(system, "agent_id", *kinds)["TaskOffered"]
    living = "SELECT state FROM callback_tasks WHERE state NOT IN ('open', 'asked', 'done')"
    for row in system.rows(living):
        found[f"callback:{row['state']}"] += 1
    return {state: count for state, count in found.items() if count > 0}


def _step(step: str, again_at: float | None, answered_at: float | None) -> str:
    if step == "resting":
        return "waiting" if again_at is None else "resting"
    return "talking" if answered_at is not None else step


def _last(system: HotlineSystem, of: str, *kinds: str) -> Counter[str]:
    """How often each of these kinds is the last one of a call or an agent."""
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return Counter(row["kind"] for row in system.rows(_LAST.format(kinds=names, of=of)))
