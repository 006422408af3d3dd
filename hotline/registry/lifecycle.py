"""The names of a case's states and actions, which the whole program uses.

The life itself is data: see :mod:`hotline.registry.life.machine` and docs/case-life.md.
"""

from __future__ import annotations

from hotline.registry.life.model import FINAL, Action, State

__all__ = ["FINAL", "Action", "State"]
