"""Why the hotline cannot be started."""

from __future__ import annotations


class SetupFault(RuntimeError):
    """A step failed; each line of the message says what and what to do."""
