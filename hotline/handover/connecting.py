"""A flow's way to another service: what the dialplan is told, and the caller meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hotline.handover.hint import waiting
from hotline.handover.model import Transfer, WantsTransfer, third_of
from hotline.handover.placing import numbered
from hotline.handover.targets import Targets, dialled
from hotline.ivr.pieces import Piece


class TellsHint(Protocol):
    """Speaks hints (:class:`hotline.handover.placing.Thirds`)."""

    async def hint_files(self, calling: str, note: str) -> list[str]:
        """The files that tell a third who calls and why."""


class Connecting:
    """Connects callers with the configured targets."""

    def __init__(self, targets: Targets, thirds: TellsHint, ring_s: float) -> None:
        self._targets = targets
        self._thirds = thirds
        self._ring_s = ring_s

    def wanted(self, call_id: str, target: str, note: str) -> WantsTransfer:
        """What the calls layer is asked for. Raises as :meth:`Targets.find` does."""
        found = self._targets.find(target)
        return WantsTransfer(call_id, target, note, self._ring_s, found.zh)

    def waiting(self, verb: Transfer, language: str) -> Sequence[Piece]:
        """What the caller hears before the music."""
        target = self._targets.find(verb.target)
        return waiting(target.en if language == "en" else target.zh)

    async def variables(self, verb: Transfer, calling: str) -> dict[str, object]:
        """What the dialplan's ``transfer`` needs; the third's leg inherits the hint."""
        hint = await self._thirds.hint_files(calling, verb.note)
        return {
            "HOTLINE_REF": verb.handover_id,
            "HOTLINE_TRANSFER": dialled(self._targets.find(verb.target)),
            "HOTLINE_RING": round(verb.ring_s),
            "_HOTLINE_THIRD": third_of(verb.handover_id),
            **numbered(hint, "_"),
        }
