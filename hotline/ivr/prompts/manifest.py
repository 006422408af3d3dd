"""What is known of the prompts' files, beside them in ``manifest.json``."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from hotline.ivr.prompts.catalogue import Prompt
from hotline.speech.audio import replacing

_log = structlog.get_logger(__name__)

MANIFEST = "manifest.json"
_LOCK = ".lock"


@dataclass(slots=True)
class Entry:
    """One file. ``wording`` is the prompt's when it was made or recorded, ``voice`` the identity
    of what spoke it, ``made`` the digests of the newest files spoken here. ``how``, ``by`` and
    ``at`` say where a recording came from, as far as it is known."""

    wording: str = ""
    recorded: bool = False
    made: list[str] = field(default_factory=list)
    voice: str = ""
    how: str = ""
    by: str = ""
    at: float | None = None


@contextmanager
def locked(into: Path) -> Iterator[None]:
    """Hold the manifest against other processes and threads; waits for its turn."""
    into.mkdir(parents=True, exist_ok=True)
    with (into / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_manifest(into: Path) -> dict[str, Entry]:
    """What is known of the files; nothing when the manifest is missing or unreadable.

    Without it every file counts as recorded: kept, which is the harmless mistake.
    """
    path = into / MANIFEST
    if not path.exists():
        return {}
    try:
        raw: Any = json.loads(path.read_text(encoding="utf-8"))
        return {key: _entry(value) for key, value in raw["prompts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("prompt_manifest_unreadable", path=str(path), why=repr(error))
        return {}


def _entry(value: Mapping[str, Any]) -> Entry:
    at = value.get("at")
    return Entry(
        str(value["wording"]),
        bool(value["recorded"]),
        list(value["made"]),
        str(value.get("voice", "")),
        str(value.get("how", "")),
        str(value.get("by", "")),
        None if at is None else float(at),
    )


def write_manifest(into: Path, entries: Mapping[str, Entry]) -> None:
    """Write it as a whole, unless nothing changed."""
    prompts = {key: _as_json(entry) for key, entry in sorted(entries.items())}
    text = json.dumps({"prompts": prompts}, indent=1)
    path = into / MANIFEST
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    with replacing(path) as file:
        file.write(text.encode())


def _as_json(entry: Entry) -> dict[str, object]:
    known: dict[str, object] = {
        "recorded": entry.recorded,
        "wording": entry.wording,
        "made": entry.made,
        "voice": entry.voice,
    }
    if entry.how:
        known |= {"how": entry.how, "by": entry.by, "at": entry.at}
    return known


def path_of(into: Path, prompt: Prompt) -> Path:
    """The prompt's file."""
    return into / prompt.language / f"{prompt.name}.wav"


def before_of(into: Path, prompt: Prompt) -> Path:
    """The file that the present one took the place of."""
    path = path_of(into, prompt)
    return path.with_name(f"{path.name}.before")


def file_digest(path: Path) -> str:
    """A digest of the file's contents."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_recorded(path: Path, entry: Entry) -> bool:
    """Whether there is a file that was not spoken here."""
    return path.exists() and file_digest(path) not in entry.made
