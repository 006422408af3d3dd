"""The words of the engine: states, outcomes, reasons."""

from __future__ import annotations

from typing import Literal

State = Literal["ready", "offered", "talking", "wrap_up", "on_task", "paused", "offline"]
"""An agent's state. ``offline`` agents are not signed on and have no row; a task that is only
offered leaves its agent ``ready``."""

NextState = Literal["", "paused", "offline"]
"""What a busy agent asked to become afterwards; empty: ready follows."""

Failure = Literal["refused", "missed", "unreachable"]
"""Why an offer failed: the agent declined it, the phone rang out, or it could not be rung."""

Outcome = Literal["answered", "refused", "missed", "unreachable", "withdrawn"]
"""How an offer ended; ``withdrawn``: the caller hung up, was taken elsewhere, or has another
agent."""

OverflowWhy = Literal["wait", "length", "nobody", "target", "full"]
"""Why a caller is sent elsewhere: an overflow rule, or (``full``) the queue's limit."""

TaskEnd = Literal["call", "left", "gone"]
"""Why an offered task is taken back: a call came, the agent is no longer ready, the task or its
queue is gone."""

PassedWhy = Literal[
    "busy", "paused", "unreachable", "skill", "ring", "reserved", "refused", "leaving"
]
"""Why an agent of the queue is not asked: has another call or task, pauses, no phone of theirs
can be rung, lacks a required skill, is not admitted by the ring yet, the call waits for its first
agent, refused or missed this call, leaves or pauses next."""

PAUSE_SIGNED_ON = "signed_on"
"""Reason of the pause an agent starts in; it ends when the agent says ready."""
PAUSE_MISSED = "missed"
"""Reason of the timed pause after a missed offer."""
PAUSE_UNREACHABLE = "unreachable"
"""Reason of the pause of an agent whose phone cannot be rung."""

TOP_PRIORITY = 9
"""The most urgent. An ordinary call has 0; priorities out of the range are brought into it."""
BOTTOM_PRIORITY = -3
"""The least urgent: a call that others pass for a while, and no longer."""
