"""Where everything lies."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from hotline.config import Config
from hotline.up.faults import SetupFault

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / ".build"
TEMPLATES = PROJECT / "asterisk" / "templates"
DIALPLANS = PROJECT / "dialplans"
INTAKE = PROJECT / "asterisk" / "agi-bin" / "hotline_intake.py"
# The longest path that the kernel takes for a socket (sun_path less its final NUL).
_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True, slots=True)
class PbxPaths:
    """The folders of one Asterisk. None: Asterisk's own default."""

    etc: Path
    lib: Path
    agi: Path
    spool: Path
    run: Path
    log: Path
    prompts: Path
    recordings: Path
    music: Path | None = None
    modules: Path | None = None
    data: Path | None = None
    python: Path = Path(sys.executable)

    @property
    def settings(self) -> Path:
        """What Asterisk is started with."""
        return self.etc / "asterisk.conf"

    @property
    def control_socket(self) -> Path:
        """Where ``asterisk -r`` connects."""
        return self.run / "asterisk.ctl"

    @property
    def pid_file(self) -> Path:
        """Where a running Asterisk wrote its process id."""
        return self.run / "asterisk.pid"

    def make_folders(self) -> None:
        """Make those that Asterisk and the controller write into. Raises :class:`SetupFault`."""
        size = len(bytes(self.control_socket))
        if size > _SOCKET_PATH_BYTES:
            raise SetupFault(
                f"hotline.data_dir is too deep: {self.control_socket} has {size} bytes and a "
                f"socket's path at most {_SOCKET_PATH_BYTES}; choose a shorter one"
            )
        reports = self.recordings / "reports" / "fallback"
        folders = (self.etc, self.lib / "keys", self.agi, self.spool, self.run, self.log)
        for folder in (*folders, self.prompts, self.recordings / "talks", reports):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise SetupFault(f"{folder}: cannot be made: {error.strerror}") from error


def pbx_paths(
    config: Config,
    *,
    modules: Path | None = None,
    data: Path | None = None,
    music: Path | None = None,
) -> PbxPaths:
    """The folders of the configured PBX; the named ones come with the Asterisk that was found."""
    base = config.hotline.data_dir / "pbx"
    return PbxPaths(
        etc=base / "etc",
        lib=base / "lib",
        agi=base / "agi-bin",
        spool=base / "spool",
        run=base / "run",
        log=base / "log",
        prompts=config.hotline.data_dir / "prompts",
        recordings=config.recording.dir,
        music=music,
        modules=modules,
        data=data,
    )
