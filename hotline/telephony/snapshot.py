"""What is alive in an Asterisk at one moment, to be held against what we believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotline.telephony.ami import AmiLink


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A living channel.

    ``state`` is Asterisk's word (``Up``, ``Ring``, ``Ringing``, ``Down``); ``seconds`` is the
    channel's age; ``bridge_id`` is empty outside a bridge; ``variables`` are those that
    ``channelvars`` of manager.conf names.
    """

    channel: str
    uniqueid: str
    linkedid: str
    context: str
    extension: str
    application: str
    data: str
    state: str
    caller_number: str
    caller_name: str
    bridge_id: str
    seconds: float
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PbxSnapshot:
    """``reachable`` are the PJSIP endpoints with an available contact; ``taken_at`` is Unix
    time just before Asterisk was asked."""

    channels: tuple[ChannelInfo, ...]
    reachable: frozenset[str]
    taken_at: float


async def take_snapshot(link: AmiLink) -> PbxSnapshot:
    """Ask Asterisk for its channels and contacts. Raises AmiLost, AmiRefused."""
    raise NotImplementedError
