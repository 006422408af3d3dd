"""``python -m tests.side_by_side UNIT_JOBS CALL_JOBS [ARGUMENTS OF PYTEST]``: every test.

Tests with telephones mostly wait: for a ring, a prompt, a silence. The unit tests take the
processors meanwhile, and yield to them, so that no sound is late. They report into
``test-results/units.txt``, which is shown when the others are done.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

REPORT = Path("test-results/units.txt")
# A tenth of a processor that somebody else wants, so that none waits for ever.
NICENESS = "10"
_LOOK_EVERY_S = 0.2


def pytest_command(jobs: str, given: list[str], *wanted: str) -> list[str]:
    """pytest on ``jobs`` workers; it ends when its starter does."""
    # Real calls on a busy machine are late now and then: a failure is tried twice more, and told.
    python = ("setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "pytest")
    return [*python, "-n", jobs, "--reruns", "2", *given, *wanted]


def start_units(jobs: str, given: list[str]) -> subprocess.Popen[bytes]:
    """Begin with the unit tests, reporting into ``REPORT``."""
    REPORT.parent.mkdir(exist_ok=True)
    command = pytest_command(jobs, given, "--dist", "worksteal", "tests/unit")
    with REPORT.open("wb") as report:
        started = subprocess.Popen(
            ["nice", "-n", NICENESS, *command],
            stdout=report,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _yield_as_a_session(started.pid)
    return started


def _yield_as_a_session(pid: int) -> None:
    # Where Linux shares by sessions, a process is nice within its own only.
    group = Path(f"/proc/{pid}/autogroup")
    # Where that is not ours to say, the tests with telephones are only slower.
    with suppress(OSError):
        group.write_text(NICENESS, encoding="ascii")


def show(units: subprocess.Popen[bytes]) -> int:
    """Print what the unit tests report until they end; their exit code."""
    with REPORT.open("rb") as report:
        ended = False
        while not ended:
            ended = units.poll() is not None
            sys.stdout.buffer.write(report.read())
            sys.stdout.buffer.flush()
            time.sleep(0 if ended else _LOOK_EVERY_S)
    return units.returncode


def main() -> int:
    """Run both; 1 when either fails."""
    unit_jobs, call_jobs, *given = sys.argv[1:]
    print(f"unit tests: in the gaps of the others; they report into {REPORT}", flush=True)
    units = start_units(unit_jobs, given)
    # The order of tests/longest_first.py, each worker taking the next.
    in_order = ("--dist", "loadgroup", "--no-loadscope-reorder")
    calls = subprocess.Popen(pytest_command(call_jobs, given, *in_order, "tests/pbx", "tests/web"))

    def stop(number: int, frame: FrameType | None) -> None:
        os.killpg(units.pid, number)
        if number == signal.SIGTERM:
            calls.terminate()

    # Ctrl-C reaches the calls by the terminal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    codes = (calls.wait(), show(units))
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
