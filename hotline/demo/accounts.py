"""The logins of demo mode, which the login page shows there."""

from __future__ import annotations

DEMO_PASSWORD = "demo12319"  # noqa: S105 - well known on purpose, and refused beyond loopback
