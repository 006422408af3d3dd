"""The edge of handovers: a third is rung, with the hint it will hear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hotline.handover.hint import hint
from hotline.handover.model import CallThird, consultation_path, third_of
from hotline.handover.targets import Targets, at_extension, originated
from hotline.ivr.pieces import Piece
from hotline.telephony.pbx import Pbx

CONTEXT = "hotline-third"


class Speaks(Protocol):
    """Turns what is to be said into files that the PBX plays."""

    async def files(self, pieces: Sequence[Piece], language: str) -> list[str]:
        """The files without their suffix; what cannot be said is left out."""


class Thirds:
    """Rings those whom callers are handed over to."""

    def __init__(
        self,
        pbx: Pbx,
        targets: Targets,
        speaker: Speaks,
        *,
        language: str,
        caller_id: str,
        recordings: Path = Path(),
    ) -> None:
        self._pbx = pbx
        self._targets = targets
        self._speaker = speaker
        self._language = language
        self._caller_id = caller_id
        self._recordings = recordings

    def _recording(self, third: str) -> str:
        return str(self._recordings / consultation_path(third))

    async def call(self, command: CallThird) -> None:
        """Ring the target of a handover; events tell what becomes of it.

        Raises :class:`~hotline.telephony.ami.AmiLost`,
        :class:`~hotline.telephony.ami.AmiRefused`, and as :meth:`Targets.find` does.
        """
        third = third_of(command.handover_id)
        if command.extension:
            endpoint, spoken = at_extension(command.extension), []
        else:
            endpoint = originated(self._targets.find(command.target))
            spoken = await self.hint_files(command.calling, command.note)
        ring_s = round(command.ring_s)
        await self._pbx.originate(
            third,
            endpoint,
            CONTEXT,
            "s",
            ring_seconds=ring_s,
            caller_id=self._caller_id,
            variables={
                "HOTLINE_THIRD": third,
                "HOTLINE_CALLER": command.channel,
                "HOTLINE_ASIDE": "1" if command.aside else "",
                "HOTLINE_CONSULT": self._recording(third) if command.aside else "",
                "__HOTLINE_RING": str(ring_s),
                **numbered(spoken),
            },
        )

    async def hint_files(self, calling: str, note: str) -> list[str]:
        """The files that tell a third who calls and why."""
        return await self._speaker.files(hint(calling, note), self._language)


def numbered(files: Sequence[str], prefix: str = "") -> dict[str, str]:
    """``HOTLINE_HINT_1`` and so on: AMI's lines are too short for a whole hint. An empty one
    ends the list, since a caller may be handed over twice."""
    names = [f"{prefix}HOTLINE_HINT_{number}" for number in range(1, len(files) + 2)]
    return dict(zip(names, (*files, ""), strict=True))
