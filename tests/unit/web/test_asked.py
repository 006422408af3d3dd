"""A supervisor who is asked into a talk is told, and sees what is known of the call."""

from __future__ import annotations

from dataclasses import dataclass

from hotline import events
from hotline.web.access import Role, Viewer
from hotline.web.feed import Feed
from tests.unit.web.house import FakeCalls, House

CALL = "pbx1-1.1"
STARTED = events.HandoverStarted(CALL, f"{CALL}/h1", "ext:2002", "consult", "agent1", "拿不准")


@dataclass(frozen=True)
class Told:
    event: events.Event
    seq: int = 1
    at: float = 1.0


async def asked(extension: str, *happened: events.Event) -> int:
    """How often the supervisor with this telephone is told."""
    viewer = Viewer("supervisor", "赵主任", Role.SUPERVISOR, extension, None, "", "")
    feed = Feed(viewer, FakeCalls(), 0)
    told = [message for event in happened for message in await feed.messages(Told(event))]
    return sum(message.event == "asked" for message in told)


async def test_who_is_asked_is_told_of_it_and_of_what_becomes_of_it() -> None:
    joined = events.HandoverJoined(CALL, f"{CALL}/h1")
    over = events.HandoverEnded(CALL, f"{CALL}/h1", "talked", 9.0)
    assert await asked("2002", STARTED, joined, over) == 3
    assert await asked("2003", STARTED, joined, over) == 0
    assert await asked("2002", events.HandoverStarted(CALL, "x", "110", "blind")) == 0


async def test_who_has_no_telephone_is_asked_nowhere(house: House) -> None:
    async with house.browser("supervisor") as page:
        assert (await page.get("/api/asked")).json() == {"asked": []}
