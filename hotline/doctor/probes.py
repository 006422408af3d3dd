"""Run a probe in a process of its own and take what it says, however it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """``facts``: what it told; ``ended`` False when it had to be ended; ``why`` is empty when
    it ended well."""

    facts: dict[str, Any]
    ended: bool
    why: str


def run_probe(name: str, *arguments: str, given: str = "", seconds: float) -> Outcome:
    """Run the probe ``name`` of this package for at most ``seconds``."""
    # -P: its own folder must not hide a library.
    program = [sys.executable, "-P", "-W", "ignore", str(Path(__file__).with_name(f"{name}.py"))]
    try:
        done = subprocess.run(
            [*program, *arguments],
            input=given.encode(),
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as late:
        return Outcome(_facts(late.stdout or b""), ended=False, why=f"{seconds:.0f} s")
    return Outcome(_facts(done.stdout), ended=True, why=_why(done.returncode, done.stderr))


def _facts(output: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for line in output.decode(errors="replace").splitlines():
        # Libraries print, too; an unfinished line was cut off with its process.
        if line.startswith("{") and line.endswith("}"):
            facts |= json.loads(line)
    return facts


def _why(code: int, stderr: bytes) -> str:
    if code == 0:
        return ""
    if code < 0:
        return signal.Signals(-code).name
    lines = stderr.decode(errors="replace").strip().splitlines() or [f"exit {code}"]
    # A library's own complaint says more than the exception that it ends in.
    return next((line for line in lines if line.startswith("ERROR")), lines[-1])[:200]
