"""Which Asterisk is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hotline.up.faults import SetupFault
from hotline.up.paths import BUILD

OLDEST = 20
_VERSION = re.compile(r"Asterisk (?:certified[/-])?(?P<version>(?P<major>\d+)\.\S+)")
# Where distributions put the music; an Asterisk's own data folder comes first.
_DATA_FOLDERS = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """An Asterisk that can be run. None: it knows its own folder, or there is none."""

    path: Path
    version: str
    modules: Path | None = None
    data: Path | None = None
    music: Path | None = None


def find_asterisk(configured: str) -> AsteriskProgram:
    """The configured Asterisk; else one on the PATH that is new enough; else the obtained one.

    Raises :class:`~hotline.up.faults.SetupFault`.
    """
    if configured:
        version = _version(Path(configured))
        if version is None:
            raise SetupFault(f"pbx.asterisk: {configured!r} is no Asterisk {OLDEST} or newer")
        return _program(Path(configured), version)
    on_path = shutil.which("asterisk", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    for candidate in (on_path, BUILD / "pbx" / "bin" / "asterisk"):
        if candidate and (version := _version(Path(candidate))):
            return _program(Path(candidate), version)
    raise SetupFault(
        f"there is no Asterisk {OLDEST} or newer: run make, which obtains one, "
        "or name one in hotline.toml (pbx.asterisk), or use one elsewhere (pbx.mode)"
    )


def _version(program: Path) -> str | None:
    try:
        done = subprocess.run(
            [program, "-V"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(done.stdout)
    return found["version"] if found and int(found["major"]) >= OLDEST else None


def _program(path: Path, version: str) -> AsteriskProgram:
    root = path.resolve().parents[1] / "root"
    modules = next(iter(root.glob("usr/lib/*/asterisk/modules")), None)
    data = root / "usr/share/asterisk" if modules else None
    folders = (data,) if data else _DATA_FOLDERS
    music = next((f / "moh" for f in folders if f and (f / "moh").is_dir()), None)
    return AsteriskProgram(path, version, modules, data, music)
