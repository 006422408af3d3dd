"""AMI events of the channels by which agents are rung for kept places.

The channel ``kp-…`` is the place's own: the near half of a local channel, which dials the citizen.
Its far half, ``kp-…;2``, dials the agent's phones.
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.calls import model
from hotline.telephony.ami import AmiEvent
from hotline.waiting.model import CHANNEL_ID, LOST, PLACE_PREFIX, PlaceHeard

_FAR = ";2"


def is_ours(event: AmiEvent) -> bool:
    """Whether an event is about a kept place's channel."""
    return _unique_id(event).startswith(PLACE_PREFIX)


def _unique_id(event: AmiEvent) -> str:
    return event.get("Call") or event.get("Uniqueid") or event.get("DestUniqueid")


def read(node: str, event: AmiEvent) -> model.Input | None:
    """What ``event`` means to the calls layer; None for nothing."""
    unique_id = _unique_id(event)
    channel_id = unique_id.removesuffix(_FAR)
    found = CHANNEL_ID.fullmatch(channel_id)
    reader = _READERS.get((event.name, unique_id.endswith(_FAR)))
    # That the local channel itself is dialled says nothing of who answers.
    nobodys = not (event.get("Call") or event.get("Uniqueid"))
    if reader is None or found is None or nobodys:
        return None
    return reader(f"{node}-{PLACE_PREFIX}{found['origin']}", channel_id, event)


def _phone_rings(call_id: str, _channel_id: str, event: AmiEvent) -> model.Input:
    return model.PhoneRings(call_id, event.get("DestChannel"))


def _picked_up(_call_id: str, channel_id: str, event: AmiEvent) -> model.Input | None:
    if event.get("DialStatus") != "ANSWER":
        return None
    return PlaceHeard(channel_id, "picked_up", channel=event.get("DestChannel"))


def _talks(_call_id: str, channel_id: str, event: AmiEvent) -> model.Input | None:
    if event.get("DialStatus") != "ANSWER":
        return None
    return PlaceHeard(channel_id, "talking", channel=event.get("DestChannel"))


def _told(_call_id: str, channel_id: str, event: AmiEvent) -> model.Input | None:
    match event.get("UserEvent"):
        case "HotlinePlace":
            status = LOST if event.get("Lost") else event.get("Outcome")
            return PlaceHeard(channel_id, "finished", status=status)
        case "HotlineAside":
            return PlaceHeard(channel_id, "aside", status=event.get("Why"))
    return None


def _gone(_call_id: str, channel_id: str, event: AmiEvent) -> model.Input:
    return PlaceHeard(channel_id, "gone", cause=event.get("Cause"))


# By the event's name, and whether it is about the agent's phone.
_READERS: dict[tuple[str, bool], Callable[[str, str, AmiEvent], model.Input | None]] = {
    ("DialBegin", True): _phone_rings,
    ("DialEnd", True): _picked_up,
    ("DialEnd", False): _talks,
    ("UserEvent", False): _told,
    ("Hangup", False): _gone,
}
