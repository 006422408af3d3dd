"""AMI's events, as the calls layer reads them."""

from __future__ import annotations

import pytest

from hotline.calls import model
from hotline.calls.wire import read
from hotline.handover.model import HoldStepped, Step, ThirdGone, ThirdStepped
from hotline.telephony.ami import AmiEvent

CALL = {"Uniqueid": "1.1"}
PHONE = {"DestChannel": "PJSIP/1001-0000002a"}


@pytest.mark.parametrize(
    ("name", "fields", "meaning"),
    [
        ("Hangup", {**CALL, "Cause-txt": "Busy"}, model.CallerGone("pbx1-1.1", "Busy")),
        (
            "Hangup",
            {"Uniqueid": "ho-pbx1-1.1-h1", "Cause": "17"},
            ThirdGone("ho-pbx1-1.1-h1", "17"),
        ),
        ("BridgeEnter", {"Uniqueid": "ho-pbx1-1.1-h1;2"}, None),
        (
            "UserEvent",
            {"UserEvent": "HotlineThird", "Third": "ho-pbx1-1.1-h1", "Step": "ready"},
            ThirdStepped("ho-pbx1-1.1-h1", Step.READY),
        ),
        (
            "BridgeEnter",
            {"Uniqueid": "ho-pbx1-1.1-h1"},
            ThirdStepped("ho-pbx1-1.1-h1", Step.JOINED),
        ),
        (
            "UserEvent",
            {**CALL, "UserEvent": "HotlineHold", "Step": "began"},
            HoldStepped("pbx1-1.1", True),
        ),
        (
            "UserEvent",
            {**CALL, "UserEvent": "HotlineHold", "Step": "ended", "Cause": "16"},
            HoldStepped("pbx1-1.1", False, left=True),
        ),
        ("DialBegin", {**CALL, **PHONE}, model.PhoneRings("pbx1-1.1", PHONE["DestChannel"])),
        (
            "DialEnd",
            {**CALL, **PHONE, "DialStatus": "ANSWER"},
            model.DialAnswered("pbx1-1.1", PHONE["DestChannel"]),
        ),
        (
            "DTMFEnd",
            {**CALL, "Digit": "2", "Direction": "Received"},
            model.KeySeen("pbx1-1.1", "2"),
        ),
        (
            "DeviceStateChange",
            {"Device": "PJSIP/1001-web", "State": "NOT_INUSE"},
            model.EndpointSeen("1001-web", True),
        ),
        (
            "DeviceStateChange",
            {"Device": "PJSIP/1001", "State": "UNAVAILABLE"},
            model.EndpointSeen("1001", False),
        ),
        (
            "QueueCallerJoin",
            {**CALL, "Queue": "hotline-fallback"},
            model.InFallback("pbx1-1.1"),
        ),
    ],
)
def test_an_event_is_read_as_what_it_means(
    name: str, fields: dict[str, str], meaning: model.Input
) -> None:
    assert read("pbx1", AmiEvent(name, fields)) == meaning


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Newexten", CALL),
        # Originate dials without a caller.
        ("DialBegin", PHONE),
        ("DialEnd", {**PHONE, "DialStatus": "ANSWER"}),
        ("DialEnd", {**CALL, **PHONE, "DialStatus": "BUSY"}),
        # A key that we played.
        ("DTMFEnd", {**CALL, "Digit": "2", "Direction": "Sent"}),
        ("DeviceStateChange", {"Device": "Custom:lamp", "State": "INUSE"}),
        ("DeviceStateChange", {"Device": "Local/1001@callback-staff", "State": "INUSE"}),
        ("QueueCallerJoin", {**CALL, "Queue": "somebody-elses"}),
    ],
)
def test_an_event_that_concerns_no_caller_means_nothing(name: str, fields: dict[str, str]) -> None:
    assert read("pbx1", AmiEvent(name, fields)) is None


def test_a_caller_who_enters_the_dialplans_own_path_is_told_of_at_once() -> None:
    event = AmiEvent("UserEvent", {"UserEvent": "HotlineFallback", "Uniqueid": "1.1"})
    assert read("pbx1", event) == model.InFallback("pbx1-1.1")
