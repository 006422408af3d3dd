"""Help and messages between the desks and the board, and what the stream tells of them."""

from __future__ import annotations

from typing import Any

from hotline.web.access import Viewer
from hotline.web.floor_feed import told
from tests.unit.web.house import PEOPLE, House, agent_view


def viewer(user_id: str) -> Viewer:
    name, role, extension = PEOPLE[user_id]
    return Viewer(user_id, name, role, extension, None, "", "")


async def heard(house: House, user_id: str) -> list[tuple[str, Any]]:
    """What somebody's page was told of everything so far."""
    floor = house.web.parts.floor
    records = await house.journal.read()
    found = [one for record in records for one in await told(viewer(user_id), floor, record)]
    return [(message.event, message.data) for message in found]


async def test_help_is_asked_seen_and_answered(house: House) -> None:
    house.calls.agents["agent1"] = agent_view("agent1", "talking", call_id="pbx1-1.1")
    async with house.browser("agent1") as desk, house.browser("supervisor") as board:
        asked = (await desk.send_json("POST", "/api/agent/help", None)).json()["help"]
        assert (asked["call_id"], asked["state"]) == ("pbx1-1.1", "asked")
        (row,) = (await board.get("/api/help")).json()["open"]
        assert (row["name"], row["extension"]) == ("张敏", "1001")
        path = f"/api/help/{asked['help_id']}"
        seen = await board.send_json("POST", f"{path}/seen", None)
        assert (seen.json()["state"], seen.json()["by"]) == ("seen", "赵主任")
        words = {"outcome": "answered", "words": "马上来"}
        assert (await board.send_json("POST", f"{path}/end", words)).status_code == 200
        own = (await desk.get("/api/agent/help")).json()["help"]
        assert (own["state"], own["words"]) == ("answered", "马上来")
        late = await board.send_json("POST", f"{path}/end", words)
        assert (late.status_code, late.json()["message"]) == (409, "这次求助已经结束。")
        nothing = await board.send_json("POST", "/api/help/99/seen", None)
        assert nothing.status_code == 404


async def test_help_is_told_to_supervisors_and_to_whose_it_is_alone(house: House) -> None:
    async with house.browser("agent1") as desk:
        await desk.send_json("POST", "/api/agent/help", None)
        await desk.send_json("DELETE", "/api/agent/help", None)
        again = await desk.send_json("DELETE", "/api/agent/help", None)
        assert again.status_code == 409
    for user_id in ("agent1", "supervisor"):
        assert [data["help"]["state"] for _, data in await heard(house, user_id)] == [
            "withdrawn",
            "withdrawn",
        ]
    assert await heard(house, "agent2") == []


async def test_a_message_is_sent_read_and_answered(house: House) -> None:
    async with house.browser("supervisor") as board, house.browser("agent1") as desk:
        page = (await board.get("/api/messages")).json()
        assert [one["to"] for one in page["audience"]][:2] == ["all", "agent:agent1"]
        sent = await board.send_json("POST", "/api/messages", {"to": "all", "text": "例会改期"})
        assert [one["text"] for one in sent.json()["sent"]] == ["例会改期"]
        (message,) = (await desk.get("/api/messages/inbox")).json()["messages"]
        path = f"/api/messages/{message['message_id']}"
        assert (await desk.send_json("POST", f"{path}/read", None)).status_code == 204
        answer = await desk.send_json("POST", f"{path}/answer", {"text": "收到"})
        assert answer.status_code == 204
        (row,) = (await board.get("/api/messages")).json()["sent"]
        assert row["unread"] == ["李强", "陈静", "吴洁"]
        assert [one["text"] for one in row["answers"]] == ["收到"]
        nobody = await board.send_json("POST", "/api/messages", {"to": "team:x", "text": "您好"})
        assert (nobody.status_code, nobody.json()["fields"]) == (422, {"to": "没有收件人"})
        assert (await desk.send_json("POST", "/api/messages/99/read", None)).status_code == 404
    news = [data["what"] for _, data in await heard(house, "supervisor")]
    assert news == ["sent", "read", "answered"]
    assert [data["what"] for _, data in await heard(house, "agent1")] == ["sent", "read"]
    assert await heard(house, "dispatcher1") == []


async def test_the_shift_is_shown_with_who_is_really_here(house: House) -> None:
    house.calls.agents["agent2"] = agent_view("agent2", "paused", reason="meal")
    async with house.browser("agent1") as desk:
        roster = (await desk.get("/api/roster")).json()
    assert (roster["planned"], roster["next"]) == (False, [])
    assert [(one["name"], one["state"], one["reason"]) for one in roster["now"]] == [
        ("张敏", "ready", ""),
        ("李强", "paused", "meal"),
    ]


async def test_the_desk_and_the_board_have_their_parts(house: House) -> None:
    async with house.browser("agent1") as desk, house.browser("supervisor") as board:
        page = (await desk.get("/desk")).text
        for name in ("help-ask", "floor-panel", "call-out", "promise-form", "message-note"):
            assert f'id="{name}"' in page
        assert 'id="helps"' in (await board.get("/board")).text
