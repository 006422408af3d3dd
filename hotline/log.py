"""Logs: one line an event, as JSON or for a console.

``structlog.contextvars.bind_contextvars(call_id=…, agent_id=…)`` at the start of a task puts
the call on each of its lines. Telephone numbers are masked in every line, ours or a library's.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO, cast

import structlog
from structlog.types import Processor
from twisted.logger import ILogObserver, STDLibLogObserver, globalLogBeginner

from hotline.config import LogSection
from hotline.masking import mask_number, mask_text

# Fields that hold a person's number whatever it looks like.
_NUMBER_FIELDS = frozenset({"calling", "phone", "caller_phone", "citizen", "caller_number"})
# Their debug and info lines repeat ours, or show what was said on the wire.
_QUIET = {"uvicorn.access": logging.WARNING, "aiosqlite": logging.INFO, "panoramisk": logging.INFO}


def set_up(settings: LogSection, stream: TextIO = sys.stderr) -> None:
    """Send every log of this process to ``stream``: ours, the libraries', warnings."""
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *first,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first, processors=_last(settings, stream)
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    logging.captureWarnings(True)


def take_in_twisted() -> None:
    """Send Twisted's log to the same place; once a process, after :func:`set_up`."""
    observer = cast("ILogObserver", STDLibLogObserver(name="twisted"))
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)


@contextmanager
def about(**names: str) -> Iterator[None]:
    """Put ``call_id``, ``agent_id`` or the like on every line logged inside."""
    with structlog.contextvars.bound_contextvars(**names):
        yield


def mask(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor that masks telephone numbers wherever they stand."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask_number(value) if key in _NUMBER_FIELDS else mask_text(value)
        elif not isinstance(value, int | float | bool | None):
            event[key] = mask_text(str(value))
    return event


def _last(settings: LogSection, stream: TextIO) -> list[Processor]:
    common: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
    ]
    if settings.format == "console":
        return [*common, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    return [*common, structlog.processors.JSONRenderer(ensure_ascii=False)]
