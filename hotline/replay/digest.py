"""Which engine decided: a digest of its code, so that a replay can say that it changed."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import hotline.acd

_IMPORTS = re.compile(r"^\s*(?:from|import) hotline\.acd(?:\.(\w+)| import (\w+))", re.MULTILINE)


@cache
def engine_digest() -> str:
    """The first half of the SHA-256 of every module that the engine is made of.

    A changed comment changes it too: it says that the code may decide differently, not that it
    does.
    """
    return digest_of(Path(hotline.acd.__file__).parent)


def digest_of(folder: Path) -> str:
    """The digest of the engine whose modules are in ``folder``."""
    texts: dict[str, str] = {}
    waiting = {"engine"}
    while waiting:
        name = waiting.pop()
        path = folder / f"{name}.py"
        if name in texts or not path.is_file():
            continue
        texts[name] = path.read_text(encoding="utf-8")
        waiting |= {module or imported for module, imported in _IMPORTS.findall(texts[name])}
    whole = "".join(f"{name}\n{text}" for name, text in sorted(texts.items()))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
