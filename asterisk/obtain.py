"""Obtain what the hotline runs on and is tested with, without root: Asterisk, test phones,
a browser, PostgreSQL.

    python3 asterisk/obtain.py pbx --into .build/pbx

A machine that has a good one already keeps using it. Otherwise the Debian packages are
fetched (signatures checked), unpacked below one folder, and run from there. The folder can be
moved. ``bin/`` holds the programs in either case, ``SHA256SUMS`` what was unpacked, and
``bundle.json``, written last, says where it came from.
Standard library only: this runs before the project's environment exists.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bundles import BUNDLES, Bundle
from private_apt import (
    ObtainError,
    PrivateApt,
    Source,
    host_codename,
    host_sources,
    main_mirror,
)
from unpack import make_runnable, unpack

MARKER = "bundle.json"
DPKG_STATUS = Path("/var/lib/dpkg/status")


class Progress:
    """What is going on, on standard error: one changing line on a terminal, few lines else."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()
        self._quarter = 0

    def step(self, text: str) -> None:
        """A new step has begun."""
        self._quarter = 0
        self._show(text, end="" if self._terminal else "\n")

    def part(self, text: str, done: float) -> None:
        """``done`` (0 to 1) of the step is done."""
        if self._terminal:
            self._show(f"{text} {done:.0%}", end="")
        elif int(done * 4) > self._quarter:
            self._quarter = int(done * 4)
            self._show(f"{text} {self._quarter * 25}%", end="\n")

    def end(self, text: str) -> None:
        """All done."""
        self._show(text, end="\n")

    def _show(self, text: str, end: str) -> None:
        start = "\r\033[K" if self._terminal else ""
        print(f"{start}{self._name}: {text}", end=end, file=sys.stderr, flush=True)


def is_current(bundle: Bundle, into: Path) -> bool:
    """Whether ``into`` holds the whole bundle of this recipe."""
    try:
        marker = json.loads((into / MARKER).read_text())
    except (OSError, ValueError):
        return False
    programs = all(os.access(into / "bin" / name, os.X_OK) for name in bundle.programs)
    return bool(marker.get("recipe") == bundle.recipe and programs)


def obtain(bundle: Bundle, into: Path, cache: Path) -> None:
    """Make ``into`` hold the bundle; nothing is done when it does.

    Raises :class:`private_apt.ObtainError`.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    with _alone(into):
        if is_current(bundle, into):
            # Make goes by its time.
            (into / MARKER).touch()
            return
        fresh = into.with_name(f".{into.name}.partial")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "bin").mkdir(parents=True)
        try:
            made = _use_machine(bundle, fresh) or _unpack_packages(bundle, fresh, cache)
            marker = {"recipe": bundle.recipe, **made}
            (fresh / MARKER).write_text(json.dumps(marker, indent=1))
            _replace(into, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _replace(into: Path, fresh: Path) -> None:
    # Moved away first: a removal that is cut short must not leave a marker over a ruin.
    old = into.with_name(f".{into.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if into.exists():
        into.rename(old)
    fresh.rename(into)
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _alone(into: Path) -> Iterator[None]:
    with into.with_name(f".{into.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _use_machine(bundle: Bundle, fresh: Path) -> dict[str, object] | None:
    found = bundle.on_machine()
    if found is None:
        return None
    for name, path in found.items():
        (fresh / "bin" / name).symlink_to(path)
    Progress(bundle.name).end(f"using this machine's {', '.join(found.values())}")
    return {"from": "machine", "programs": found}


def _unpack_packages(bundle: Bundle, fresh: Path, cache: Path) -> dict[str, object]:
    progress = Progress(bundle.name)
    free = shutil.disk_usage(fresh).free // 2**20
    if free < bundle.room_mb:
        raise ObtainError(f"{bundle.room_mb} MB are needed in {fresh.parent}, {free} MB are free")
    codename = host_codename(Path("/etc/os-release").read_text())
    sources = host_sources(codename)
    suite = bundle.suite or codename
    if bundle.suite:
        sources = [Source(main_mirror(sources), bundle.suite)]
    archives = cache / "debs"
    with tempfile.TemporaryDirectory(prefix="hotline-apt-") as state:
        none = Path(state) / "none"
        apt = PrivateApt(
            Path(state), archives, sources, bundle.pins, none if bundle.suite else DPKG_STATUS
        )
        progress.step(f"reading the package index of {suite}")
        apt.update()
        needed = apt.resolve(bundle.packages)
        amount = f"{len(needed)} packages, {sum(p.size for p in needed) / 1e6:.0f} MB,"
        progress.step(f"fetching {amount}")
        # Bundles share packages, and apt writes each into one and the same partial file.
        with _alone(archives):
            apt.download(
                bundle.packages, needed, lambda done: progress.part(f"fetching {amount}", done)
            )
    progress.step("unpacking")
    unpack(archives, needed, fresh, lambda done: progress.part("unpacking", done))
    make_runnable(bundle, fresh)
    progress.end(f"ready ({amount} Debian {suite})")
    return {"from": f"debian {suite}", "packages": [package.file for package in needed]}


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hotline-12319"


def main() -> int:
    """The command line; 0 when the bundle stands, 1 with one line of reason otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("bundle", choices=sorted(BUNDLES))
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    given = parser.parse_args()
    bundle = BUNDLES[given.bundle]
    try:
        obtain(bundle, given.into.absolute(), _cache())
    except ObtainError as error:
        print(f"{bundle.name}: {error}. {bundle.advice}", file=sys.stderr)
        return 1
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "no disk space is left" if full else f"{error.filename}: {error.strerror}"
        print(f"{bundle.name}: cannot be unpacked: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{bundle.name}: stopped; nothing was kept but finished downloads", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
