"""How the tables came to be, step by step. ``HEAD`` is the step this version needs."""

from __future__ import annotations

HEAD = "0027"
