"""The controller as a process: one loop that asyncio and Twisted share."""

from __future__ import annotations

import asyncio
import gc
import signal
from pathlib import Path
from typing import Any

import structlog
from twisted.internet import asyncioreactor

from hotline import log
from hotline.app.controller import Controller
from hotline.clock import LoopClock
from hotline.config import load
from hotline.pacing import PacedSelector

# How many objects come, and how many collections of younger ones, before garbage is looked for.
# By Python's own measure (700, 10, 10) a busy controller spends a tenth of its time on that.
GARBAGE_AFTER = (20_000, 10, 10)

logger = structlog.get_logger(__name__)


def serve(config_path: Path) -> int:
    """Run the controller until SIGTERM or SIGINT; the process's exit code.

    Raises :class:`hotline.config.ConfigError`.
    """
    config = load(config_path)
    log.set_up(config.log)
    selector = PacedSelector()
    loop = asyncio.SelectorEventLoop(selector)
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor  # noqa: PLC0415 - not before it is installed

    log.take_in_twisted()
    controller = Controller(config, LoopClock(loop), reactor, on_ready=selector.pace)
    # What is there by now stays, and need not be looked through each time.
    gc.freeze()
    gc.enable()
    gc.set_threshold(*GARBAGE_AFTER)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, controller.stop)
    return _run(loop, reactor, controller)


def _run(loop: asyncio.AbstractEventLoop, reactor: Any, controller: Controller) -> int:
    failures: list[BaseException] = []

    async def main() -> None:
        try:
            await controller.run()
        except Exception as error:
            logger.exception("controller.failed")
            failures.append(error)
        finally:
            reactor.callLater(0, reactor.stop)

    main_task = loop.create_task(main())
    reactor.run(installSignalHandlers=False)
    if not main_task.done():
        main_task.cancel()
    return 1 if failures else 0
