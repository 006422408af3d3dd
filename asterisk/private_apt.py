"""Debian packages for an ordinary user: a private apt state beside the machine's own.

Nothing of the machine is touched and no root is needed. apt checks the signatures with the
machine's archive keyring; mirror, proxies and certificates are those of its own apt settings.
Standard library only: this runs before the project's environment exists.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_RELEASE = re.compile(r"^'(?P<base>\S+?)/?/dists/(?P<suite>[\w.-]+)/InRelease' ")
_ALIASES = ("stable", "oldstable", "oldoldstable", "testing", "unstable", "sid")
_PACKAGE = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+\.deb) (?P<size>\d+) SHA256:(?P<sha>\w{64})")

Progress = Callable[[float], None]


class ObtainError(RuntimeError):
    """Something cannot be obtained; the message is one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A suite of a mirror."""

    base: str
    suite: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package file that is needed; ``sha256`` comes from the signed index, size in bytes."""

    file: str
    size: int
    sha256: str


# In this order: a full disk also makes apt complain about the files it could not write.
_CAUSES = (
    (
        r"No space left|enough free space|Disk quota",
        "no disk space is left; free some and try again",
    ),
    (
        r"NO_PUBKEY|BADSIG|EXPKEYSIG|not signed|signatures? (couldn't|could not|were)|"
        r"OpenPGP signature|Hash Sum mismatch",
        "the packages' signatures or checksums do not hold, so nothing was used; "
        "check the mirror in apt's settings and update the package debian-archive-keyring",
    ),
    (
        r"resolve|connect|timed out|unreachable|Network|Failed to fetch|Connection",
        "the Debian mirror of apt's settings cannot be reached; check the network or the proxy",
    ),
)


def explain(output: str) -> str:
    """apt's complaint in one line."""
    for pattern, meaning in _CAUSES:
        if re.search(pattern, output):
            return meaning
    lines = [line for line in output.splitlines() if line.startswith(("E:", "dpkg-deb:", "tar:"))]
    return (lines or output.strip().splitlines() or ["no reason given"])[0].removeprefix("E: ")


def host_codename(os_release: str) -> str:
    """The machine's own Debian suite. Raises :class:`ObtainError` when it is no Debian."""
    values = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    if values.get("ID", "").strip('"') != "debian" or "VERSION_CODENAME" not in values:
        raise ObtainError("this machine is not a Debian release")
    return values["VERSION_CODENAME"].strip('"')


def parse_sources(print_uris: str, codename: str) -> list[Source]:
    """Debian's own suites among what ``apt-get update --print-uris`` printed."""
    plain = {codename, *_ALIASES}
    ours = plain | {f"{name}-{part}" for name in plain for part in ("updates", "security")}
    found = (_RELEASE.match(line) for line in print_uris.splitlines())
    return [Source(m["base"], m["suite"]) for m in found if m and m["suite"] in ours]


def host_sources(codename: str) -> list[Source]:
    """The machine's own Debian sources. Raises :class:`ObtainError` when it has none."""
    for tool in ("apt-get", "apt-config", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise ObtainError(f"{tool} is not on this machine")
    done = _run(["apt-get", "update", "--print-uris"], dict(os.environ, LC_ALL="C"))
    sources = parse_sources(done.stdout, codename)
    if not sources:
        raise ObtainError("apt's settings on this machine name no Debian mirror")
    return sources


def main_mirror(sources: Iterable[Source]) -> str:
    """The mirror that carries whole releases (not the one for security updates)."""
    for source in sources:
        if not source.suite.endswith(("-security", "-updates")):
            return source.base
    raise ObtainError("apt's settings on this machine name no mirror of a whole Debian release")


class PrivateApt:
    """apt with its own sources and state below ``state``; package files go to ``archives``.

    ``installed`` is the list of packages to count as present (an empty file: none are).
    Raises :class:`ObtainError`.
    """

    def __init__(
        self, state: Path, archives: Path, sources: list[Source], pins: str, installed: Path
    ) -> None:
        if not KEYRING.exists():
            raise ObtainError(f"{KEYRING} is missing: install the package debian-archive-keyring")
        self._archives = archives
        self._state = state
        for name in ("etc/sources", "etc/preferences", "lists/partial", "empty/partial"):
            (state / name).mkdir(parents=True, exist_ok=True)
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        (state / "etc/sources/debian.sources").write_text(_stanzas(sources))
        (state / "etc/preferences/pins").write_text(pins)
        (state / "none").touch()
        self._config = state / "etc/apt.conf"
        self._config.write_text(_settings(state, archives, installed))
        self._env = dict(os.environ, LC_ALL="C", APT_CONFIG=str(self._config))

    def update(self) -> None:
        """Fetch the signed indexes; a failure is never passed over."""
        self._apt("-qq", "--error-on=any", "update")

    def resolve(self, packages: tuple[str, ...]) -> list[Package]:
        """The package files that ``packages`` need, with checksums from the signed index."""
        # Files that are in the archives already are not printed, so it is shown an empty one.
        empty = f"Dir::Cache::archives={self._state}/empty"
        done = self._apt(
            *("-qq", "-y", "--print-uris", "-o", empty, "-o", "Acquire::ForceHash=SHA256"),
            *("install", *packages),
        )
        found = [_PACKAGE.match(line) for line in done.stdout.splitlines()]
        if not found or not all(found):
            raise ObtainError(f"apt did not list what {' '.join(packages)} needs")
        return [Package(m["file"], int(m["size"]), m["sha"]) for m in found if m]

    def download(self, names: Iterable[str], needed: list[Package], progress: Progress) -> None:
        """Bring every file of ``needed`` into the archives and check each one's checksum.

        apt itself only compares the size of a file that is already there.
        """
        for package in needed:
            file = self._archives / package.file
            if file.exists() and sha256(file) != package.sha256:
                file.unlink()
        self._fetch(names, progress)
        for package in needed:
            file = self._archives / package.file
            if not file.exists() or sha256(file) != package.sha256:
                raise ObtainError(f"{file} does not match the checksum of the signed index")

    def _fetch(self, names: Iterable[str], progress: Progress) -> None:
        command = ["apt-get", "-qq", "-y", "-o", "APT::Status-Fd=1", "--download-only", "install"]
        complaints: list[str] = []
        with subprocess.Popen(
            [*command, *names],
            env=self._env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as apt:
            for line in apt.stdout or ():
                if line.startswith("dlstatus:"):
                    progress(float(line.split(":")[2]) / 100)
                else:
                    complaints.append(line)
        if apt.returncode:
            raise ObtainError(explain("".join(complaints)))

    def _apt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = _run(["apt-get", *arguments], self._env)
        if done.returncode:
            raise ObtainError(explain(done.stderr + done.stdout))
        return done


def sha256(file: Path) -> str:
    """The file's SHA-256 in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, text=True, capture_output=True, check=False)


def _stanzas(sources: Iterable[Source]) -> str:
    architecture = _run(["dpkg", "--print-architecture"], dict(os.environ)).stdout.strip()
    return "\n".join(
        f"Types: deb\nURIs: {source.base}\nSuites: {source.suite}\nComponents: main\n"
        f"Architectures: {architecture}\nSigned-By: {KEYRING}\n"
        for source in sources
    )


def _settings(state: Path, archives: Path, installed: Path) -> str:
    # The machine's hooks (Post-Invoke) are for its own apt; its proxies are needed here too.
    inherited = _run(["apt-config", "dump", "Acquire"], dict(os.environ, LC_ALL="C")).stdout
    own = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": state / "etc/sources",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": state / "etc/preferences",
        "Dir::State": state,
        "Dir::State::lists": state / "lists",
        "Dir::State::extended_states": state / "none",
        "Dir::State::status": installed,
        "Dir::Cache": state,
        "Dir::Cache::archives": archives,
        "Dir::Log": state,
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "APT::Get::AllowUnauthenticated": "false",
        "Debug::NoLocking": "true",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::AllowInsecureRepositories": "false",
        "Acquire::AllowWeakRepositories": "false",
        "Acquire::AllowDowngradeToInsecureRepositories": "false",
        # A mirror may lag behind; the signatures are checked all the same.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Check-Date": "false",
        "Acquire::Retries": "3",
    }
    return inherited + "".join(f'{key} "{value}";\n' for key, value in own.items())
