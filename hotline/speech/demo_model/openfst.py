"""OpenFst's command-line tools: the machine's, or those that ``make demo-model`` obtained."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_TOOLS = ("fstcompile", "fstconnect", "fstarcsort", "fstconvert")
_PLUGIN = "usr/lib/*/fst/*/olabel_lookahead-fst.so"


class OpenFstFault(RuntimeError):
    """A tool is missing or failed; the message says which and why."""


@dataclass(frozen=True, slots=True)
class OpenFst:
    """Runs the tools. ``bundle`` is the obtained folder, None for the tools on the PATH."""

    bundle: Path | None = None

    def check(self) -> None:
        """Raises :class:`OpenFstFault` unless the tools and the look-ahead plugin are there."""
        missing = [tool for tool in _TOOLS if self._program(tool) is None]
        if missing or not self._plugins():
            raise OpenFstFault(
                f"{', '.join(missing) or 'the look-ahead plugin'} not found: install Debian's "
                "libfst-tools and libfst22-plugins-base"
            )

    def run(self, tool: str, *arguments: str | Path, given: bytes) -> bytes:
        """What one tool makes of ``given``. Raises :class:`OpenFstFault`."""
        done = subprocess.run(
            [self._program(tool) or tool, *map(str, arguments)],
            input=given,
            capture_output=True,
            env=self._environment(),
            check=False,
        )
        if done.returncode != 0:
            raise OpenFstFault(f"{tool}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def _program(self, tool: str) -> str | None:
        return shutil.which(tool, path=str(self.bundle / "bin") if self.bundle else None)

    def _plugins(self) -> list[str]:
        """The folders of the plugins: unpacked ones, else the machine's."""
        roots = [self.bundle / "root", Path("/")] if self.bundle else [Path("/")]
        found = (sorted(root.glob(_PLUGIN)) for root in roots)
        return next(([str(path.parent) for path in paths] for paths in found if paths), [])

    def _environment(self) -> dict[str, str]:
        # The tools ask the loader for a plugin by its bare file name.
        return {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(self._plugins())}
