"""OpenFst's command-line tools, installed or unpacked somewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_TOOLS = ("fstcompile", "fstarcsort", "fstconnect", "fstconvert")


class OpenFstFault(RuntimeError):
    """A tool is missing or failed; the message says which and why."""


@dataclass(frozen=True, slots=True)
class OpenFst:
    """Runs the tools. ``root`` is where Debian's packages were unpacked, None when installed."""

    root: Path | None = None

    def check(self) -> None:
        """Raises :class:`OpenFstFault` unless all tools and the look-ahead plugin are there."""
        missing = [tool for tool in _TOOLS if not self._program(tool)]
        if missing:
            raise OpenFstFault(
                f"{', '.join(missing)} not found: install Debian's libfst-tools and "
                "libfst22-plugins-base, or give the folder they were unpacked to"
            )
        if not list(self._base.glob("usr/lib/*/fst/*/olabel_lookahead-fst.so")):
            raise OpenFstFault("the look-ahead plugin is not there: install libfst22-plugins-base")

    @property
    def _base(self) -> Path:
        return self.root or Path("/")

    def _program(self, tool: str) -> str | None:
        return shutil.which(tool, path=str(self.root / "usr/bin") if self.root else None)

    def run(self, tool: str, *arguments: str | Path, given: bytes = b"") -> bytes:
        """The output of one tool, fed with ``given``. Raises :class:`OpenFstFault`."""
        program = self._program(tool)
        if program is None:
            raise OpenFstFault(f"{tool} not found")
        # Without a file name fstcompile and its fellows read standard input.
        done = subprocess.run(
            [program, *map(str, arguments)],
            input=given,
            capture_output=True,
            env=self._environment(),
            check=False,
        )
        if done.returncode != 0:
            raise OpenFstFault(f"{tool}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        folders = [str(path) for path in sorted(self._base.glob("usr/lib/*-linux-gnu"))]
        # Plugins are found by the loader, as olabel_lookahead-fst.so.
        plugins = [str(path) for path in sorted(self._base.glob("usr/lib/*/fst/*"))]
        return {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join([*plugins, *folders])}
