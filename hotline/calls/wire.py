"""AMI events, read as inputs of the calls layer."""

from __future__ import annotations

from collections.abc import Callable

from hotline.calls import model
from hotline.handover.model import THIRD_PREFIX, HoldStepped, Step, ThirdGone, ThirdStepped
from hotline.telephony.ami import AmiEvent
from hotline.telephony.pbx import FALLBACK_QUEUE
from hotline.waiting import wire as places

# Asterisk's device states in which a phone cannot be rung.
GONE_STATES = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
# What the dialplan tells of a third's leg.
_STEPS = {"answered": Step.ANSWERED, "ready": Step.READY}


def read(node: str, event: AmiEvent) -> model.Input | None:
    """What ``event`` means to the calls layer; None for nothing."""
    if places.is_ours(event):
        return places.read(node, event)
    reader = _READERS.get(event.name)
    return reader(node, event) if reader else None


def call_id_of(node: str, event: AmiEvent) -> str:
    """The call whose citizen's leg the event's (first) channel would be."""
    return f"{node}-{event.get('Uniqueid')}"


def _third(event: AmiEvent) -> str:
    """The third whose leg the event's channel is, empty for none. One who is rung through a local
    channel has two halves there; the far one, with the phone, is not ours."""
    unique_id = event.get("Uniqueid")
    is_third = unique_id.startswith(THIRD_PREFIX) and not unique_id.endswith(";2")
    return unique_id if is_third else ""


def _hangup(node: str, event: AmiEvent) -> model.Input:
    if third := _third(event):
        return ThirdGone(third, event.get("Cause"))
    call_id = call_id_of(node, event)
    cause, code = event.get("Cause-txt"), event.get("Cause")
    return model.CallerGone(call_id, cause, channel=event.get("Channel"), code=code)


def _user_event(node: str, event: AmiEvent) -> model.Input | None:
    if event.get("UserEvent") == "HotlineFallback":
        return model.InFallback(call_id_of(node, event))
    if event.get("UserEvent") == "HotlineHold":
        left = event.get("Cause") != ""
        return HoldStepped(call_id_of(node, event), event.get("Step") == "began", left)
    step = _STEPS.get(event.get("Step"))
    if event.get("UserEvent") != "HotlineThird" or step is None:
        return None
    return ThirdStepped(event.get("Third"), step)


def _bridge_enter(_node: str, event: AmiEvent) -> model.Input | None:
    third = _third(event)
    return ThirdStepped(third, Step.JOINED) if third else None


def _dial_begin(node: str, event: AmiEvent) -> model.Input | None:
    if not event.get("Uniqueid"):
        return None
    return model.PhoneRings(call_id_of(node, event), event.get("DestChannel"))


def _dial_end(node: str, event: AmiEvent) -> model.Input | None:
    if event.get("DialStatus") != "ANSWER" or not event.get("Uniqueid"):
        return None
    return model.DialAnswered(call_id_of(node, event), event.get("DestChannel"))


def _key(node: str, event: AmiEvent) -> model.Input | None:
    if event.get("Direction") != "Received":
        return None
    return model.KeySeen(call_id_of(node, event), event.get("Digit")[:1])


def _device(_node: str, event: AmiEvent) -> model.Input | None:
    technology, _, endpoint = event.get("Device").partition("/")
    if technology != "PJSIP":
        return None
    return model.EndpointSeen(endpoint, event.get("State") not in GONE_STATES)


def _queue_join(node: str, event: AmiEvent) -> model.Input | None:
    if event.get("Queue") != FALLBACK_QUEUE:
        return None
    return model.InFallback(call_id_of(node, event))


_READERS: dict[str, Callable[[str, AmiEvent], model.Input | None]] = {
    "Hangup": _hangup,
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "DTMFEnd": _key,
    "DeviceStateChange": _device,
    "QueueCallerJoin": _queue_join,
    "UserEvent": _user_event,
    "BridgeEnter": _bridge_enter,
}

# The names of the events that are read; the PBX sends no others.
READS = frozenset(_READERS)
