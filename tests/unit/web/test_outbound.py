"""Calls placed from a case, a form or a promise; and promises in the worklist."""

from __future__ import annotations

from hotline.registry.forms import read_form
from hotline.registry.model import Person
from tests.unit.web.house import House, some_pop

CALL = "pbx1-1.1"
FORM = {"kind": "report", "description": "井盖缺失", "caller_phone": "13812345678"}


async def a_case(house: House, **typed: object) -> str:
    form = read_form(FORM | typed)
    opened = await house.web.parts.cases.open(form, "department", Person("agent2", "agent"))
    return opened.case_number


async def test_a_citizen_is_called_from_their_case(house: House) -> None:
    number = await a_case(house)
    async with house.browser("agent1") as desk:
        page = (await desk.get(f"/cases/{number}")).text
        assert 'id="call-citizen"' in page
        answer = await desk.send_json("POST", "/api/outbound", {"case_number": number})
        assert answer.json()["call"]["phone"] == "138****5678"
        again = await desk.send_json("POST", "/api/outbound", {"case_number": number})
        assert again.status_code == 409
        assert "外呼市民" in (await desk.get(f"/cases/{number}")).text
    ((wanted, by, extension),) = house.placer.asked
    assert (wanted.phone, wanted.case_number, by, extension) == (
        "13812345678",
        number,
        "agent1",
        "1001",
    )


async def test_the_form_calls_its_caller_or_the_number_that_was_typed(house: House) -> None:
    house.calls.pops[CALL, "agent1"] = some_pop(CALL)
    async with house.browser("agent1") as desk:
        body = {"call_id": CALL, "phone": " 010-88886666 "}
        assert (await desk.send_json("POST", "/api/outbound", body)).status_code == 200
        assert (await desk.get("/api/outbound")).json()["call"]["state"] == "dialling"
        others = await desk.send_json("POST", "/api/outbound", {"call_id": "pbx1-9.9"})
        assert others.status_code == 404
    ((wanted, _, _),) = house.placer.asked
    assert (wanted.phone, wanted.origin) == ("010-88886666", CALL)


async def test_a_confidential_citizen_is_called_by_who_answers_for_the_case(
    house: House,
) -> None:
    number = await a_case(house, confidential=True)
    async with house.browser("agent1") as other, house.browser("agent2") as theirs:
        refused = await other.send_json("POST", "/api/outbound", {"case_number": number})
        assert refused.status_code == 403
        answer = await theirs.send_json("POST", "/api/outbound", {"case_number": number})
        assert answer.status_code == 200


async def test_what_cannot_be_is_said_in_words(house: House) -> None:
    house.calls.pops[CALL, "agent1"] = some_pop(CALL)
    house.placer.refusal = "outbound.no_number"
    async with house.browser("agent1") as desk:
        answer = await desk.send_json("POST", "/api/outbound", {"call_id": CALL})
        nobody = await desk.send_json("POST", "/api/outbound", {"phone": "110"})
    assert (answer.status_code, answer.json()["message"]) == (409, "没有可以呼叫的号码。")
    assert nobody.status_code == 422


async def test_a_promise_stands_in_the_worklist_and_is_called_from_there(house: House) -> None:
    house.calls.pops[CALL, "agent1"] = some_pop(CALL)
    due = house.clock.now() + 3600
    async with house.browser("agent1") as desk, house.browser("callback1") as staff:
        body = {"call_id": CALL, "due_at": due, "note": "告知抢修进展"}
        made = await desk.send_json("POST", "/api/promises", body)
        (promise,) = made.json()["promises"]
        assert (promise["phone"], promise["due_at"]) == ("138****5678", due)
        page = (await staff.get("/callbacks")).text
        assert "告知抢修进展" in page
        assert "138****5678" in page
        wanted = {"promise_id": promise["promise_id"]}
        assert (await staff.send_json("POST", "/api/outbound", wanted)).status_code == 200
    ((asked, by, _),) = house.placer.asked
    assert (asked.phone, asked.promise_id, by) == (
        "13812345678",
        promise["promise_id"],
        "callback1",
    )


async def test_a_promise_is_its_makers_and_the_callback_staffs(house: House) -> None:
    number = await a_case(house)
    async with house.browser("agent1") as desk, house.browser("agent2") as other:
        body = {"case_number": number, "due_at": house.clock.now() + 60}
        made = await desk.send_json("POST", "/api/promises", body)
        path = f"/api/promises/{made.json()['promises'][0]['promise_id']}/end"
        end = {"outcome": "withdrawn", "why": "市民已来电"}
        assert (await other.send_json("POST", path, end)).status_code == 403
        nothing = await desk.send_json("POST", path, {"outcome": "withdrawn"})
        assert list(nothing.json()["fields"]) == ["why"]
        assert (await desk.send_json("POST", path, end)).status_code == 204
        assert (await desk.send_json("POST", path, end)).status_code == 404
        assert (await desk.get("/api/promises")).json()["promises"] == []
        late = {"case_number": number, "due_at": house.clock.now() - 60}
        answer = await desk.send_json("POST", "/api/promises", late)
        assert list(answer.json()["fields"]) == ["due_at"]
        history = (await desk.get(f"/cases/{number}")).text
    assert "回电" in history
    assert "市民已来电" in history


async def test_ones_own_call_is_ended_from_the_page(house: House) -> None:
    number = await a_case(house)
    async with house.browser("agent1") as desk, house.browser("agent2") as other:
        await desk.send_json("POST", "/api/outbound", {"case_number": number})
        refused = await other.send_json("POST", "/api/outbound/hang-up", {})
        assert (refused.status_code, refused.json()["error"]) == (409, "callback.no_call")
        ended = await desk.send_json("POST", "/api/outbound/hang-up", {})
        assert ended.status_code == 204
    assert house.placer.hung_up == ["agent1"]


async def test_only_whose_call_it_is_lets_the_citizen_hear_music(house: House) -> None:
    number = await a_case(house)
    async with house.browser("agent1") as desk, house.browser("agent2") as other:
        await desk.send_json("POST", "/api/outbound", {"case_number": number})
        refused = await other.send_json("POST", "/api/outbound/hold", {})
        held = await desk.send_json("POST", "/api/outbound/hold", {})
        assert (refused.status_code, held.status_code) == (409, 204)
        back = await desk.send_json("DELETE", "/api/outbound/hold", {})
        assert (back.status_code, house.placer.held) == (204, [])
