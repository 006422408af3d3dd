"""Why a file is not taken."""

from __future__ import annotations

REFUSALS = (
    "too_large",
    "empty",
    "heic",
    "video",
    "program",
    "markup",
    "unknown",
    "broken",
    "too_many_pixels",
    "too_many",
    "disk_full",
    "busy",
)
"""Why a file is not taken: keys of messages, each with its way out."""


class Refused(Exception):
    """A file that cannot be kept; ``key`` is one of :data:`REFUSALS`, ``values`` what its
    message names."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
