"""Whether anybody was there: what was measured and what the flow saw of a call. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ASKED_S = 15.0
"""A caller who was asked for a key this long in all, and gave none, may not be there."""
TALK_S = 8.0
"""An agent greets twice and waits for about this long."""
SPOKEN_S = 2.0
"""In so little speech of both sides only the agent can have spoken."""

Where = Literal["report", "talk", "flow"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a call that is over; None for what was not measured or did not happen.

    ``keys`` and ``words`` were given to the flow, which asked for them for ``asked_s`` seconds
    in vain. ``report_empty``: it was asked for a report and nothing could be kept. ``spoken_s``
    is how long there was speech of anybody in a talk of ``talked_s``.
    """

    on_line_s: float
    keys: int = 0
    words: int = 0
    asked_s: float = 0.0
    report_empty: bool | None = None
    talked_s: float | None = None
    spoken_s: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody spoke for ``seconds``, as ``where`` shows."""

    seconds: float
    where: Where


def silence_of(heard: Heard) -> Silence | None:
    """The silence that a call was, None when somebody was there or it cannot be told.

    A caller who only waited and hung up was patient, not silent; a recording of a talk mixes
    both sides, so only one in which next to nothing was said tells anything.
    """
    if heard.keys or heard.words or heard.report_empty is False:
        return None
    if heard.talked_s is not None:
        if heard.spoken_s is None or heard.talked_s < TALK_S or heard.spoken_s >= SPOKEN_S:
            return None
        return Silence(heard.talked_s, "talk")
    if heard.report_empty:
        return Silence(heard.on_line_s, "report")
    if heard.asked_s >= ASKED_S:
        return Silence(heard.asked_s, "flow")
    return None
