"""How an agent stands: pauses against their allowance, what is left of a wrap-up, who changed
their state."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.acd.views import AgentRow
from hotline.calls.core import CallCore
from hotline.calls.pauses import Used
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import ForcedView, PauseView


def pauses(
    used: Mapping[str, Used], reasons: PauseReasons, *, whole: bool
) -> tuple[PauseView, ...]:
    """What is used of the running pause; ``whole``: of every reason that can be chosen, too."""
    running = [code for code, one in used.items() if one.running_since is not None]
    codes = dict.fromkeys([*(reason.code for reason in reasons.offered), *running])
    return tuple(
        _pause(code, used.get(code, Used()), reasons) for code in (codes if whole else running)
    )


def _pause(code: str, used: Used, reasons: PauseReasons) -> PauseView:
    reason = reasons.get(code)
    minutes = reason.minutes if reason else None
    return PauseView(
        code,
        used.seconds,
        used.times,
        used.unknown_s,
        used.running_since,
        None if minutes is None else minutes * 60,
        reason.times if reason else None,
    )


def extension_left(core: CallCore, row: AgentRow) -> float:
    """By how many seconds the agent's wrap-up can still be extended."""
    if row.state != "wrap_up" or row.until is None:
        return 0.0
    call = core.calls.get(row.call_id)
    rules = core.engine.rules.get(call.queue if call else next(iter(row.queues), ""))
    if rules is None:
        return 0.0
    return max(0.0, row.since + rules.wrap_up_s + rules.wrap_up_extra_s - row.until)


def forced(core: CallCore, agent_id: str, midnight: float) -> ForcedView | None:
    """The last change of the agent's state by a supervisor today."""
    at, event = core.forced.get(agent_id, (0.0, None))
    if event is None or at < midnight:
        return None
    return ForcedView(at, event.want, event.reason, event.why, event.name or event.by)
