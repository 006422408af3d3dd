"""An Asterisk of this data folder that outlived an earlier start: the calls in it go on."""

from __future__ import annotations

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from hotline.up.children import Adopted, end
from hotline.up.paths import PbxPaths

# Long, since the judgement that it hangs ends every call in it.
_ANSWER_S = 10.0
_KILL_S = 2.0
_CALLS = re.compile(r"^(?P<count>\d+) active channels?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Living:
    """A running Asterisk and how many channels (legs of calls) it carries."""

    program: Adopted
    channels: int


async def find_living(asterisk: Path, paths: PbxPaths) -> Living | None:
    """The Asterisk that runs with our configuration; None when there is none.

    One that runs and does not answer carries no call: it is killed.
    """
    pid = _pid(paths)
    if pid is None:
        return None
    try:
        program = Adopted(pid)
    except ProcessLookupError:
        return None
    answer = await command(asterisk, paths, "core show channels count")
    found = _CALLS.search(answer or "")
    if found is None:
        program.send(signal.SIGKILL)
        await end(program, _KILL_S)
        return None
    return Living(program, int(found["count"]))


def _pid(paths: PbxPaths) -> int | None:
    try:
        pid = int(paths.pid_file.read_text())
        words = psutil.Process(pid).cmdline()
    except (OSError, ValueError, psutil.Error):
        return None
    # The number may be another process's by now.
    return pid if str(paths.settings) in words else None


async def command(asterisk: Path, paths: PbxPaths, words: str) -> str | None:
    """What the running Asterisk's command line answers; None when it does not."""
    process = await asyncio.create_subprocess_exec(
        *(str(asterisk), "-C", str(paths.settings), "-rx", words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_ANSWER_S):
            answer, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return answer.decode(errors="replace") if process.returncode == 0 else None
