"""The folders that recordings go into."""

from __future__ import annotations

from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def make_for(recording: Path) -> None:
    """Make the folder of a recording.

    A full disk costs the recording, which is then told as missing, and not the talk: it is logged
    and not raised.
    """
    try:
        recording.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.error("recording.no_folder", folder=str(recording.parent), why=error.strerror)
