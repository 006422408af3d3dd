"""A private PostgreSQL for the tests: made in a temporary folder, gone with the test run."""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    str(_ROOT / ".build/postgres/bin"),
    str(_ROOT / ".build/postgres/usr/lib/postgresql/*/bin"),
)
_START_S = 30.0
_PR_SET_PDEATHSIG = 1
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class PostgresMissing(RuntimeError):
    """This machine has no PostgreSQL server programs."""


@dataclass(frozen=True)
class Cluster:
    """A running server that listens on a socket in ``folder`` only."""

    folder: Path
    programs: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of one of its databases."""
        return f"postgresql+asyncpg://hotline@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database as a copy of ``template`` (to which nobody may be connected)."""
        self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(_START_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sql(self, statement: str) -> None:
        command = [str(self.programs / "psql"), "-qX", "-h", str(self.folder), "-U", "hotline"]
        subprocess.run([*command, "-d", "postgres", "-c", statement], check=True)


@cache
def cluster() -> Cluster:
    """The test run's own server, started when the first test asks for it.

    Raises :class:`PostgresMissing`.
    """
    started = start()
    atexit.register(started.stop)
    return started


def start() -> Cluster:
    """Start a server of one's own; whoever starts it stops it.

    Raises :class:`PostgresMissing`.
    """
    programs = _programs()
    # Short, for a socket's path ends at 107 characters; ours alone, for the server insists.
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    user = _ordinary_user()
    if user is not None:
        os.chown(folder, user, -1)
    data = folder / "data"
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "hotline", *options],
        check=True,
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    # The data is thrown away with the run: only the crash of the server would need fsync.
    settings = _SETTINGS | {"unix_socket_directories": str(folder)}
    set_each = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *set_each],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )
    made = Cluster(folder, programs, process)
    _wait_until_ready(made)
    return made


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    for place in _PLACES:
        for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    raise PostgresMissing(
        "the tests need PostgreSQL's server programs (Debian: the package postgresql); "
        f"looked on the PATH and in {', '.join(_PLACES)}"
    )


def _ordinary_user() -> int | None:
    """Whom the server runs as: it refuses to run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(made: Cluster) -> None:
    probe: list[str | Path] = [made.programs / "pg_isready", "-q", "-h", made.folder]
    end = time.monotonic() + _START_S
    while subprocess.run(probe, check=False).returncode != 0:
        if made.process.poll() is not None or time.monotonic() > end:
            log = (made.folder / "log").read_text(errors="replace")
            made.stop()
            raise RuntimeError(f"PostgreSQL did not start:\n{log}")
        time.sleep(0.05)
