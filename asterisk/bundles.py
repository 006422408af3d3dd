"""What can be obtained, and when the machine's own is good enough.

Standard library only: this runs before the project's environment exists.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Programs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What to obtain. ``programs`` maps a name to a pattern of its path in the packages.

    ``suite`` empty: the machine's own suite, run with the machine's libraries; otherwise that
    suite with its own libraries down to the dynamic linker. ``room_mb`` is the disk space that
    unpacking needs.
    """

    name: str
    packages: tuple[str, ...]
    programs: Programs
    room_mb: int
    advice: str
    suite: str = ""
    pins: str = ""
    on_machine: Callable[[], Programs | None] = lambda: None

    @property
    def recipe(self) -> str:
        """Changes when the bundle must be made again."""
        parts = (self.name, self.packages, sorted(self.programs), self.suite, self.pins)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def asterisk_on_machine() -> Programs | None:
    """The machine's Asterisk when it is 20 or newer."""
    path = shutil.which("asterisk", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if path is None:
        return None
    shown = subprocess.run([path, "-V"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"Asterisk (?:certified[/-])?(\d+)\.", shown)
    return {"asterisk": path} if version and int(version[1]) >= 20 else None


def browser_on_machine() -> Programs | None:
    """The machine's Chromium when it can also show Chinese."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None or shutil.which("fc-list") is None:
        return None
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout
    return {"chromium": path} if fonts.strip() else None


def postgres_on_machine() -> Programs | None:
    """The machine's newest PostgreSQL server programs."""
    folders = [Path(found).parent for found in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    folders.sort(key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True)
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    for folder in folders:
        programs = {name: str(folder / name) for name in BUNDLES["postgres"].programs}
        if all(os.access(path, os.X_OK) for path in programs.values()):
            return programs
    return None


def openfst_on_machine() -> Programs | None:
    """The machine's OpenFst tools when their plugins are there too."""
    programs = {name: path for name in _OPENFST_TOOLS if (path := shutil.which(name))}
    plugins = glob.glob("/usr/lib/*/fst/*/olabel_lookahead-fst.so")
    return programs if plugins and len(programs) == len(_OPENFST_TOOLS) else None


# Forky moves on; another major version than the one that was tried is refused.
_ASTERISK_PINS = "\n".join(
    f"Package: asterisk asterisk-modules asterisk-config\nPin: {which}\nPin-Priority: {priority}\n"
    for which, priority in (("version 1:22.*", 1001), ("release *", -1))
)
_OPENFST_TOOLS = ("fstcompile", "fstconnect", "fstarcsort", "fstconvert")
_POSTGRES_BIN = "usr/lib/postgresql/*/bin"
BUNDLES = {
    bundle.name: bundle
    for bundle in (
        Bundle(
            name="pbx",
            packages=("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav"),
            programs={"asterisk": "usr/sbin/asterisk"},
            room_mb=600,
            suite="forky",
            pins=_ASTERISK_PINS,
            on_machine=asterisk_on_machine,
            advice='Or install Asterisk 20 or newer, or set [pbx] mode = "external".',
        ),
        Bundle(
            name="phones",
            packages=("baresip-core", "sip-tester"),
            programs={"baresip": "usr/bin/baresip", "sipp": "usr/bin/sipp"},
            room_mb=600,
            suite="forky",
            advice="The tests that place calls need them.",
        ),
        Bundle(
            name="browser",
            packages=("chromium", "fonts-noto-cjk"),
            programs={"chromium": "usr/lib/chromium/chromium"},
            room_mb=900,
            on_machine=browser_on_machine,
            advice="Or install the packages chromium and fonts-noto-cjk.",
        ),
        Bundle(
            name="postgres",
            packages=("postgresql",),
            programs={n: f"{_POSTGRES_BIN}/{n}" for n in ("initdb", "pg_ctl", "postgres")},
            room_mb=400,
            on_machine=postgres_on_machine,
            advice="Or install the package postgresql.",
        ),
        Bundle(
            name="openfst",
            packages=("libfst-tools", "libfst22-plugins-base"),
            programs={name: f"usr/bin/{name}" for name in _OPENFST_TOOLS},
            room_mb=100,
            on_machine=openfst_on_machine,
            advice="Or install libfst-tools and libfst22-plugins-base; the demo model's builder"
            " needs them.",
        ),
    )
}
