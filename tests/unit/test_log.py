"""Log lines: their call on each, nobody's number in any."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hotline import log
from hotline.config import LogSection


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the logs go during the test; the test runner's own handlers come back after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    log.set_up(LogSection(level="debug", format="json"), written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in found if line["logger"] != "asyncio"]


async def test_each_line_of_a_task_carries_its_own_call(stream: io.StringIO) -> None:
    async def handle(call_id: str) -> None:
        with log.about(call_id=call_id):
            await asyncio.sleep(0)
            structlog.get_logger("hotline.calls").info("a step")

    await asyncio.gather(handle("pbx1-1.1"), handle("pbx1-2.1"))
    assert sorted(str(line["call_id"]) for line in lines(stream)) == ["pbx1-1.1", "pbx1-2.1"]


def test_numbers_are_masked_in_texts_fields_and_tracebacks(stream: io.StringIO) -> None:
    logger = structlog.get_logger("hotline.calls")
    logger.info("13812345678 rang", calling="88886666", channel=("PJSIP", "13812345678"))
    try:
        raise ValueError("bad number 13812345678")
    except ValueError:
        logger.exception("failed")
    logging.getLogger("panoramisk").warning("from %s", "13812345678")
    assert "13812345678" not in stream.getvalue()
    assert "88886666" not in stream.getvalue()
    assert "138****5678 rang" in stream.getvalue()


def test_a_librarys_lines_look_like_ours(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("odd request")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "odd request",
        "warning",
        "uvicorn.error",
    )


def test_a_console_line_is_not_json(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers = list(root.handlers)
    written = io.StringIO()
    log.set_up(LogSection(level="info", format="console"), written)
    structlog.get_logger("hotline").info("hello", call_id="pbx1-1.1")
    root.handlers[:] = handlers
    structlog.reset_defaults()
    assert "hello" in written.getvalue()
    assert "call_id=pbx1-1.1" in written.getvalue()
