"""Which place in the queue a call gets, and why. Pure.

One step is worth a minute of waiting (:func:`hotline.acd.policy.call_order`).

=================  =====  ==================================================================
reason             steps  when
=================  =====  ==================================================================
``life_safety``    top    the flow says so (a key, a word): nothing lowers it
``flow:<code>``    3      a queue node of the flow raises it for its reason
``open_case:<n>``  2      the number has open cases
``missed``         2      we called the number back in vain, and it calls now
``repeated:<n>``   1      the n-th call of the number within 24 hours, from the second on
``nuisance``       −3     a rule in force lowers it; of the others only life and safety counts
=================  =====  ==================================================================

The steps of several reasons add up, but stay below life and safety.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline.acd.model import BOTTOM_PRIORITY, TOP_PRIORITY
from hotline.callers.model import Effect

RULE = "caller.rule"
OPEN_CASES = "caller.open_cases"
CALLS_24H = "caller.calls_24h"
MISSED = "caller.missed"
LIFE_SAFETY = "caller.life_safety"
"""Set by a flow, by key or heard word, to anything but ``no``, ``false``, ``0`` and nothing."""

DANGER = "life_safety"
"""The reason of a call about life and safety."""

# From this call of a day on somebody calls again.
AGAIN = 2
_NO = frozenset({"", "0", "no", "false", "none"})


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority of the routing engine; whatever is not 0 has reasons, the weightiest first."""

    value: int = 0
    reasons: tuple[str, ...] = ()


def priority_of(facts: Mapping[str, object], raised: str = "usual", why: str = "") -> Priority:
    """The priority that the facts of a call give it; what is missing or None does not count.

    ``raised`` is a queue node's own: usual, raised (for the code ``why``) or life.
    """
    if raised == "life" or _yes(facts.get(LIFE_SAFETY)):
        return Priority(TOP_PRIORITY, (DANGER, *(code for code, _ in _repeated(facts))))
    if facts.get(RULE) == Effect.LOWER:
        return Priority(BOTTOM_PRIORITY, ("nuisance",))
    steps = list(_repeated(facts))
    if raised == "raised":
        steps.insert(0, (f"flow:{why}", 3))
    value = min(sum(worth for _, worth in steps), TOP_PRIORITY - 1)
    return Priority(value, tuple(code for code, _ in steps))


def _repeated(facts: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    if (cases := _count(facts.get(OPEN_CASES))) > 0:
        yield f"open_case:{cases}", 2
    if _yes(facts.get(MISSED)):
        yield "missed", 2
    if (calls := _count(facts.get(CALLS_24H))) >= AGAIN:
        yield f"repeated:{calls}", 1


def _yes(value: object) -> bool:
    return value is not None and str(value).strip().lower() not in _NO


def _count(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else 0
