"""Package files made into a folder whose programs run from where it stands.

Standard library only: this runs before the project's environment exists.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bundles import Bundle
from private_apt import ObtainError, Package, explain

# Documentation and translations are half of what the packages hold.
EXCLUDED = ("./usr/share/doc/*", "./usr/share/man/*", "./usr/share/locale/*")


def unpack(
    archives: Path, needed: list[Package], fresh: Path, progress: Callable[[float], None]
) -> None:
    """Unpack the files of ``archives`` into ``fresh/root`` and record their checksums.

    Raises :class:`private_apt.ObtainError`.
    """
    root = fresh / "root"
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        # The usr-merge, which base-files would have made.
        (root / name).symlink_to(f"usr/{name}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        files = (archives / package.file for package in needed)
        for count, _ in enumerate(pool.map(lambda file: _unpack_one(file, root), files), 1):
            progress(count / len(needed))
    sums = "".join(f"{package.sha256}  {package.file}\n" for package in needed)
    (fresh / "SHA256SUMS").write_text(sums)


def _unpack_one(file: Path, root: Path) -> None:
    tar = ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(file)], stdout=subprocess.PIPE
    ) as reader:
        done = subprocess.run(
            [*tar, *(f"--exclude={pattern}" for pattern in EXCLUDED)],
            stdin=reader.stdout,
            env=dict(os.environ, LC_ALL="C"),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode or reader.returncode:
        raise ObtainError(f"{file.name} cannot be unpacked: {explain(done.stderr)}")


def make_runnable(bundle: Bundle, fresh: Path) -> None:
    """Give ``fresh/bin`` the bundle's programs, each tried once.

    Raises :class:`private_apt.ObtainError`.
    """
    root = fresh / "root"
    english = root / "usr/share/asterisk/sounds/en"
    if english.with_name("en_US_f_Allison").exists() and not english.exists():
        # The package's maintainer script would have chosen it.
        english.symlink_to("en_US_f_Allison")
    if (root / "usr/share/fonts").exists():
        (fresh / "fonts.conf").write_text(FONTS)
    for name, pattern in bundle.programs.items():
        program = _only(root, pattern)
        wrapper = fresh / "bin" / name
        wrapper.write_text(_wrapper(root, name, program, own_libraries=bool(bundle.suite)))
        wrapper.chmod(0o755)
        _try(wrapper)


def _try(wrapper: Path) -> None:
    option = "-V" if wrapper.name == "asterisk" else "--version"
    done = subprocess.run([wrapper, option], capture_output=True, text=True, check=False)
    if "error while loading shared libraries" in done.stderr or done.returncode in (126, 127):
        raise ObtainError(f"{wrapper.name} does not run here: {done.stderr.splitlines()[0]}")


def _only(root: Path, pattern: str) -> str:
    found = sorted(root.glob(pattern))
    if not found:
        raise ObtainError(f"the packages hold no {pattern}")
    return str(found[-1].relative_to(root))


FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""

_WRAPPER = """#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
libraries={libraries}
{run} "$root/{program}" "$@"
"""
_OWN_LINKER = 'exec "$root/{linker}" --argv0 {name} --library-path "$libraries"'
_HOST_LINKER = """export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e "$root/../fonts.conf" ] && export FONTCONFIG_FILE="$root/../fonts.conf"
exec"""


def _wrapper(root: Path, name: str, program: str, own_libraries: bool) -> str:
    run = _HOST_LINKER
    if own_libraries:
        run = _OWN_LINKER.format(linker=_only(root, "usr/lib*/ld-linux*.so.*"), name=name)
    libraries = ":".join(f"$root/{folder}" for folder in _library_folders(root))
    return _WRAPPER.format(libraries=libraries, run=run, program=program)


def _library_folders(root: Path) -> list[str]:
    # Some libraries look for private ones by an absolute path, which does not hold here.
    main = root / _only(root, "usr/lib/*-linux-gnu*")
    private = sorted({found.parent for found in main.glob("*/lib*.so*")})
    return [str(folder.relative_to(root)) for folder in (main, *private)]
