"""Wait for what must come true, with a deadline instead of luck."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

Value = TypeVar("Value")
# The machine may have slow minutes; what is right comes at once all the same.
PATIENCE_S = 30.0


@overload
async def until(
    condition: Callable[[], Awaitable[Value | None]],
    within: float = ...,
    every: float = ...,
    what: str = ...,
) -> Value: ...


@overload
async def until(
    condition: Callable[[], Value | None], within: float = ..., every: float = ..., what: str = ...
) -> Value: ...


async def until(
    condition: Callable[[], Any], within: float = PATIENCE_S, every: float = 0.05, what: str = ""
) -> Any:
    """The first true answer of ``condition``, asked every ``every`` seconds.

    Raises AssertionError with the last answer when none is true ``within`` seconds.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if loop.time() > end:
            raise AssertionError(f"not within {within:g} s: {what or condition}; last: {value!r}")
        await asyncio.sleep(every)
