from __future__ import annotations

import pytest

from hotline.callback.model import Outcome, State
from hotline.callback.wire import Finished, Gone, Heard, Music, Progressed, read
from hotline.telephony.ami import AmiEvent

CHANNEL = "cb-7-1"


def event(name: str, uniqueid: str = CHANNEL, **fields: str) -> AmiEvent:
    return AmiEvent(name, {"Uniqueid": uniqueid, **fields})


def over(outcome: str, seconds: str = "", **fields: str) -> AmiEvent:
    said = {"UserEvent": "HotlineCallback", "Outcome": outcome, "Seconds": seconds}
    return event("UserEvent", **said, **fields)


def aside(**fields: str) -> AmiEvent:
    """Told by a leg of the call that is not its own channel."""
    return event("UserEvent", "1763650000.12", UserEvent="HotlineAside", Call=CHANNEL, **fields)


@pytest.mark.parametrize(
    ("seen", "heard"),
    [
        (event("DialBegin", DestChannel="PJSIP/trunk-1"), Progressed(CHANNEL, State.CONNECTING)),
        (event("DialState", DialStatus="PROCEEDING"), None),
        (event("DialState", DialStatus="RINGING"), Progressed(CHANNEL, State.RINGING)),
        (event("DialState", DialStatus="PROGRESS"), Progressed(CHANNEL, State.RINGING)),
        (event("DialEnd", DialStatus="ANSWER"), Progressed(CHANNEL, State.TALKING)),
        (event("DialEnd", DialStatus="BUSY"), None),
        (over("ANSWER", "31"), Finished(CHANNEL, Outcome.TALKED, 31.0)),
        (over("ANSWER"), Finished(CHANNEL, Outcome.TALKED, None)),
        (over("BUSY"), Finished(CHANNEL, Outcome.BUSY, None)),
        (over("NOANSWER"), Finished(CHANNEL, Outcome.NO_ANSWER, None)),
        (over("CANCEL"), Finished(CHANNEL, Outcome.CANCELLED, None)),
        (over(""), Finished(CHANNEL, Outcome.CANCELLED, None)),
        (over("CHANUNAVAIL"), Finished(CHANNEL, Outcome.FAILED, None)),
        (over("CONGESTION"), Finished(CHANNEL, Outcome.FAILED, None)),
        (over("ANSWER", "31", Lost="1"), Finished(CHANNEL, Outcome.CUT_OFF, 31.0)),
        (over("CANCEL", Lost="1"), Finished(CHANNEL, Outcome.CANCELLED, None)),
        (aside(Why="agent"), Music(CHANNEL, "agent")),
        (aside(), Music(CHANNEL, "")),
        (event("Hangup", Cause="16"), Gone(CHANNEL)),
        (event("UserEvent", UserEvent="Other"), None),
        (event("Newchannel"), None),
    ],
)
def test_what_asterisk_tells_of_a_callback_is_understood(
    seen: AmiEvent, heard: Heard | None
) -> None:
    assert read(seen) == heard


@pytest.mark.parametrize("uniqueid", ["cb-7-1;2", "1763650000.12", "", "cb-x-1", "xcb-7-1"])
def test_other_channels_are_left_to_others(uniqueid: str) -> None:
    assert read(event("Hangup", uniqueid)) is None
