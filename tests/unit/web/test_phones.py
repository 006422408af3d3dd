"""Self-tests of phones are judged and kept, and the supervisor sees whose line is bad."""

from __future__ import annotations

from typing import Any

from hotline import events
from hotline.web.access import Role, Viewer
from hotline.web.feed import Feed
from tests.databases import MORNING
from tests.unit.web.house import ON_BOTH, House

pytestmark = ON_BOTH
CALL = "pbx1-1763600000.1"
LINE = {"loss": 0.0, "jitter_ms": 4.0, "round_trip_ms": 20.0}
FINE: dict[str, Any] = {
    **{"microphone_db": -24.0, "clipped": 0.0, "heard": True, "call": ""},
    **{"tones": 5, "echoes": 5, "echo_ms": 180.0, "line": LINE},
}


async def checked(house: House, **changed: object) -> tuple[int, Any]:
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/phone/check", FINE | changed)
    return answer.status_code, answer.json()


async def test_a_self_test_gets_a_verdict(house: House) -> None:
    assert await checked(house) == (200, {"verdict": "good", "faults": []})
    unheard = {"verdict": "unfit", "faults": ["speaker_unheard"]}
    assert await checked(house, heard=False) == (200, unheard)


async def test_measures_that_cannot_be_are_refused(house: House) -> None:
    status, _ = await checked(house, clipped=2.0)
    assert status == 422


async def test_the_supervisor_sees_the_last_test_and_what_to_do(house: House) -> None:
    await checked(house, heard=False)
    await checked(house, line=LINE | {"loss": 0.08})
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/board/phones")).text
    assert "不宜接听" in page
    assert "线路差" in page
    assert "丢包 8.0% · 抖动 4 ms · 往返 20 ms" in page
    assert "听不到提示音" not in page
    assert "没有做过自检" in page


async def test_the_supervisor_sees_what_was_noticed_in_talks(house: House) -> None:
    await house.journal.append(
        events.OneWayAudio(CALL, "agent1", "agent", MORNING - 90),
        events.LineMeasured(CALL, "agent1", "poor", 0.081, None, 25.0),
        at=MORNING - 60,
    )
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/board/phones")).text
    assert "收不到坐席的声音" in page
    assert "丢包 8.1% · 抖动 — ms · 往返 25 ms" in page


async def test_only_the_agent_of_the_talk_is_told_of_one_way_audio(house: House) -> None:
    records = await house.journal.append(
        events.OneWayAudio(CALL, "agent1", "citizen", MORNING - 7),
        events.AudioRestored(CALL, "agent1"),
    )
    told: dict[str, list[object]] = {}
    for user in ("agent1", "agent2"):
        feed = Feed(Viewer(user, user, Role.AGENT, None, None, "", ""), house.calls, 0)
        messages = [one for record in records for one in await feed.messages(record)]
        told[user] = [message.data for message in messages if message.event == "line"]
    assert told["agent1"] == [
        {"call_id": CALL, "silent": "citizen"},
        {"call_id": CALL, "silent": ""},
    ]
    assert told["agent2"] == []
