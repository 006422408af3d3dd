"""The controller: builds the parts, starts and stops them in order. The only place that knows
them all.

Each file puts together what belongs to one thing, and takes what it needs of those before it:
ground, telephony, registry, calls, placing, ivr, routing, people, which house.py joins.
"""

from __future__ import annotations

from hotline.app.controller import Controller
from hotline.app.jobs import WAKE_VOICE_AFTER_S
from hotline.app.serving import serve

__all__ = ["WAKE_VOICE_AFTER_S", "Controller", "serve"]
