"""Rings agents for kept places: their own phone first, and the citizen's when they answer.

The channel's id names the offer, and Asterisk refuses an id that lives: no offer rings twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hotline.config import Config
from hotline.masking import mask_number
from hotline.recording import folder
from hotline.telephony.pbx import Originates
from hotline.waiting.model import RingForPlace


@dataclass(frozen=True, slots=True)
class PlaceRinger:
    """``number`` is shown to agent and citizen, ``citizen_ring_s`` how long the citizen's phone
    rings."""

    pbx: Originates
    number: str
    citizen_ring_s: float
    recordings: Path

    @classmethod
    def of(cls, config: Config, pbx: Originates) -> PlaceRinger:
        """As ``hotline.toml`` says."""
        ring_s = config.callback.ring_seconds
        return cls(pbx, config.hotline.number, ring_s, config.recording.dir)

    async def ring(self, command: RingForPlace) -> None:
        """Ask the PBX to ring. Raises as :meth:`hotline.telephony.pbx.Pbx.originate` does."""
        recording = self.recordings / command.recording
        folder.make_for(recording)
        await self.pbx.originate(
            command.channel_id,
            f"Local/{command.extension}@callback-staff/n",
            "callback-place",
            "s",
            ring_seconds=command.ring_s,
            # The agent has the number on the page; their phone shows no citizen's.
            caller_id=f'"{mask_number(command.number)}" <{self.number}>',
            variables={
                "HOTLINE_CITIZEN": command.number,
                "HOTLINE_RING": str(round(command.ring_s)),
                "HOTLINE_CITIZEN_RING": str(round(self.citizen_ring_s)),
                "HOTLINE_RECORDING": str(recording),
            },
        )
