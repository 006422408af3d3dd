"""Cases that no call brings, written into the desk's form."""

from __future__ import annotations

from tests.unit.web.house import Browser, House

FORM = {"kind": "consult", "description": "来信询问公园闭园时间", "caller_phone": "13812345678"}


async def begun(desk: Browser) -> str:
    answer = await desk.send_json("POST", "/api/entries", {})
    return str(answer.json()["call_id"])


async def test_a_letter_becomes_a_case_from_the_desks_form(house: House) -> None:
    async with house.browser("agent1") as desk:
        entry = await begun(desk)
        draft = {"form": {"description": "来信"}, "revision": 2, "seen": 1, "page": "a"}
        kept = await desk.send_json("PUT", f"/api/calls/{entry}/draft", draft)
        assert kept.status_code == 204
        (shown,) = (await desk.get("/api/desk")).json()["calls"]
        assert (shown["pop"]["call_id"], shown["pop"]["draft"]) == (entry, {"description": "来信"})
        path = f"/api/calls/{entry}/case"
        for source in ("", "hotline"):
            unsaid = {"form": {**FORM, "source": source}}
            refused = await desk.send_json("POST", path, unsaid)
            assert (refused.status_code, list(refused.json()["fields"])) == (422, ["source"])
        letter = {"form": {**FORM, "source": "letter"}}
        saved = (await desk.send_json("POST", path, letter)).json()["case"]
        assert (await desk.get("/api/desk")).json()["calls"] == []
        # An answer that was lost is asked for again, and opens no second case.
        again = {"form": {**FORM, "source": "visit"}, "version": saved["version"]}
        changed = (await desk.send_json("POST", path, again)).json()["case"]
        assert changed["number"] == saved["number"]
        assert (await desk.get(f"/cases/{saved['number']}")).status_code == 200
    case = await house.web.parts.cases.get(saved["number"])
    assert (case.source, case.state, case.caller_phone) == ("visit", "to_file", "13812345678")


async def test_an_entry_is_whose_it_is_and_can_be_given_up(house: House) -> None:
    letter = {"form": {**FORM, "source": "letter"}}
    async with house.browser("agent1") as desk, house.browser("agent2") as other:
        entry = await begun(desk)
        for path in (f"/api/calls/{entry}/case", "/api/calls/entry-00/case"):
            assert (await other.send_json("POST", path, letter)).status_code == 404
        draft = {"form": {}, "revision": 1}
        assert (await other.send_json("PUT", f"/api/calls/{entry}/draft", draft)).status_code == 404
        assert (
            await desk.send_json("DELETE", f"/api/calls/{entry}/draft", None)
        ).status_code == 204
        gone = await desk.send_json("POST", f"/api/calls/{entry}/case", letter)
        assert gone.status_code == 404


async def test_whoever_an_entry_is_about_can_be_called(house: House) -> None:
    async with house.browser("agent1") as desk:
        entry = await begun(desk)
        about = {"call_id": entry, "phone": "13900139000"}
        assert (await desk.send_json("POST", "/api/outbound", about)).status_code == 200
    ((wanted, _, _),) = house.placer.asked
    assert (wanted.phone, wanted.origin) == ("13900139000", entry)
