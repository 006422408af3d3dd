"""What is alive in an Asterisk at one moment, to be held against what we believe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hotline.telephony.ami_connection import AmiEvent, AmiRefused

# Asterisk writes names and extensions with C's escapes.
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# Asterisk's word for a caller without a number or name.
UNKNOWN = "<unknown>"


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
    time just before Asterisk was asked, ``booted_at`` when this Asterisk started, to the second
    (None: not told)."""

    channels: tuple[ChannelInfo, ...]
    reachable: frozenset[str]
    taken_at: float
    booted_at: float | None = None


class AsksForLists(Protocol):
    """An AMI connection, as far as a snapshot needs one."""

    async def command_list(self, name: str, fields: Mapping[str, object]) -> list[AmiEvent]:
        """Send an action that is answered by a list."""


async def take_snapshot(connection: AsksForLists, now: float) -> PbxSnapshot:
    """Ask Asterisk for its channels and contacts. Raises AmiLost, AmiRefused."""
    channels = await connection.command_list("CoreShowChannels", {})
    contacts = await _contacts(connection)
    return PbxSnapshot(
        tuple(_channel(event) for event in channels if event.name == "CoreShowChannel"),
        frozenset(event.get("Endpoint") for event in contacts if _available(event)),
        now,
    )


async def _contacts(connection: AsksForLists) -> list[AmiEvent]:
    try:
        return await connection.command_list("PJSIPShowContacts", {})
    except AmiRefused as refused:
        if "no contacts" in str(refused).lower():
            return []
        raise


def _available(contact: AmiEvent) -> bool:
    """Whether a call can be tried: answers OPTIONS, or is not asked (a browser's)."""
    return contact.name == "ContactList" and contact.get("Status") in ("Reachable", "NonQualified")


def _channel(event: AmiEvent) -> ChannelInfo:
    return ChannelInfo(
        channel=event.get("Channel"),
        uniqueid=event.get("Uniqueid"),
        linkedid=event.get("Linkedid"),
        context=event.get("Context"),
        extension=_plain(event.get("Exten")),
        application=event.get("Application"),
        data=event.get("ApplicationData"),
        state=event.get("ChannelStateDesc"),
        caller_number=_known(event.get("CallerIDNum")),
        caller_name=_known(event.get("CallerIDName")),
        bridge_id=event.get("BridgeId"),
        seconds=_seconds(event.get("Duration")),
        variables=event.variables(),
    )


def _known(text: str) -> str:
    return "" if text == UNKNOWN else _plain(text)


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def _seconds(duration: str) -> float:
    """``00:01:05`` as seconds."""
    total = 0.0
    for part in duration.split(":"):
        total = total * 60 + (float(part) if part.isdigit() else 0.0)
    return total
