"""Wait for what must come true, with a deadline instead of luck."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")


async def until(
    condition: Callable[[], Value | Awaitable[Value]],
    within: float = 10.0,
    every: float = 0.05,
    what: str = "",
) -> Value:
    """The first true answer of ``condition``, asked every ``every`` seconds.

    Raises AssertionError with the last answer when none is true ``within`` seconds.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        answer = condition()
        value: Value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if loop.time() > end:
            raise AssertionError(f"not within {within:g} s: {what or condition}; last: {value!r}")
        await asyncio.sleep(every)
