"""What every test may ask for.

``async def`` tests and fixtures run on asyncio through anyio's plugin (``anyio_mode = "auto"``),
all on one loop, so that a session-wide fixture and the tests that use it share it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pytest
from hypothesis import HealthCheck, settings
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from tests.longest_first import USUAL, arrange

if TYPE_CHECKING:
    from tests.shared import Shared
    from tests.system import HotlineSystem

# A busy machine is no fault of a strategy.
settings.register_profile("hotline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hotline")

# Loading is all growth: collections would look for garbage in it that is not there.
gc.disable()

_LOG_STARTS = pytest.StashKey[dict[str, int]]()
_FAILED = pytest.StashKey[bool]()
_LOG_CHARACTERS = 12_000
_NUMBERS = count(1)


@runtime_checkable
class Logged(Protocol):
    """A fixture's value that keeps a log, such as a whole system."""

    def log_size(self) -> int:
        """How many bytes it has logged."""

    def log_text(self, start: int = 0) -> str:
        """What it logged, from a byte offset on."""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """pytest's own is deeper than the path of Asterisk's control socket may be."""
    with tempfile.TemporaryDirectory(prefix="hl-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asyncio only: the product runs on nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
async def session_reactor() -> AsyncIterator[AsyncioSelectorReactor]:
    """A Twisted reactor that lives on the tests' own loop; never installed globally."""
    running = AsyncioSelectorReactor(asyncio.get_running_loop())
    running.startRunning(installSignalHandlers=False)
    yield running
    # Not its shutdown event: that would stop the loop, which is not the reactor's here.
    running.disconnectAll()
    if running.threadpool is not None:
        running.threadpool.stop()


@pytest.fixture
def reactor(session_reactor: AsyncioSelectorReactor) -> Iterator[AsyncioSelectorReactor]:
    """The Twisted reactor; a test that leaves a timer behind fails."""
    yield session_reactor
    # Any: zope's interfaces write their methods without self.
    left: list[Any] = list(session_reactor.getDelayedCalls())
    for call in left:
        call.cancel()
    assert not left, f"timers left behind: {left}"


@pytest.fixture(scope="session")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    """The system of all tests that ask for ``system``."""
    # Unit tests do without its parts.
    from tests.shared import Shared

    it = Shared(lambda: tmp_path_factory.mktemp("system"))
    yield it
    await it.stop()


@pytest.fixture
async def system(shared: Shared, request: pytest.FixtureRequest) -> AsyncIterator[HotlineSystem]:
    """A running system without a call, without anybody signed on, and with nothing on their desks.

    It is not new: cases, recordings and earlier calls of other tests are in it. None is of a test
    that failed.
    """
    yield await shared.running()
    if request.node.stash.get(_FAILED, False):
        await shared.throw_away()
    else:
        await shared.put_away()


@pytest.fixture
def number() -> str:
    """Of somebody who never called: what is counted begins anew with each try."""
    return f"1387777{next(_NUMBERS):04d}"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let the plugin that tries again count without waiting.

    Each worker tells it of each test in two small packets, of which TCP held back the second until
    the first was acknowledged: 40 ms a test.
    """
    counter = getattr(getattr(config, "failures_db", None), "sock", None)
    if isinstance(counter, socket.socket):
        counter.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests with telephones begin with the longest; unit tests stay as they are."""
    if all(item.path.parent.name in USUAL for item in items):
        arrange(items)


def pytest_collection_finish() -> None:
    """Spare the collections of every test what was loaded and stays."""
    gc.freeze()
    gc.enable()


def _systems(item: pytest.Item) -> dict[str, Logged]:
    given = getattr(item, "funcargs", {})
    return {name: value for name, value in given.items() if isinstance(value, Logged)}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin anew: it may be another try."""
    item.stash[_FAILED] = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Remember where the systems' logs stood when the test began."""
    item.stash[_LOG_STARTS] = {name: it.log_size() for name, it in _systems(item).items()}
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what the systems logged during a failed test beside its report."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        starts = item.stash.get(_LOG_STARTS, {})
        for name, system in _systems(item).items():
            text = system.log_text(starts.get(name, 0))[-_LOG_CHARACTERS:]
            report.sections.append((f"log of {name}", text))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything can run, so a skipped test is a failed one."""
    if _skipped_in_ci(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say so."""
    if count := _skipped_in_ci(config):
        terminalreporter.section("skipped in CI")
        terminalreporter.line(f"{count} skipped: here every test has what it needs", red=True)


def _skipped_in_ci(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return 0
    return len(reporter.stats.get("skipped", []))
