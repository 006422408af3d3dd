"""Filing conditions and time limits beside the form that is being typed."""

from __future__ import annotations

from hotline.registry.model import Person
from tests.unit.web.house import House

LIMITS = """standard,class_key,condition,condition_text,urgency,kind,limit
gbt-30428.2-2013,component/0101,1,井盖缺失,,handle,2紧急工作时
gbt-30428.2-2013,component/0101,2,,,handle,4工作时
"""
FORM = {"kind": "complaint", "description": "井盖缺失", "address": "人民路"}


async def test_the_class_offers_its_conditions_and_the_chosen_one_decides_the_limit(
    house: House,
) -> None:
    book = house.web.parts.room.clocks.limits
    await book.import_csv(LIMITS, Person("admin", "admin"), "试用")
    async with house.browser("agent1") as desk:
        path = "/api/form/limits?category=component/0101"
        found = (await desk.get(path)).json()
        assert found["conditions"] == [{"key": "1", "text": "井盖缺失"}, {"key": "2", "text": "2"}]
        handle = {"name": "处置时限", "limit": "4工作时"}
        chosen = (await desk.get(f"{path}&condition=2")).json()["limits"]
        assert handle in [{"name": one["name"], "limit": one["limit"]} for one in chosen]
        nothing = (await desk.get("/api/form/limits?category=component/9999")).json()
        assert nothing["conditions"] == []
        assert [one["name"] for one in nothing["limits"]] == ["到场时限", "处置时限", "结案总时限"]
        assert (await desk.get("/api/form/limits?urgency=at-once")).status_code == 422


async def test_the_condition_chosen_at_the_desk_is_the_cases(house: House) -> None:
    async with house.browser("agent1") as desk:
        entry = (await desk.send_json("POST", "/api/entries", {})).json()["call_id"]
        form = {**FORM, "source": "letter", "category": "component/0101", "condition": "2"}
        form["category_words"] = ""
        answer = await desk.send_json("POST", f"/api/calls/{entry}/case", {"form": form})
        saved = answer.json()["case"]
    assert saved["form"]["condition"] == "2"
    assert (await house.web.parts.cases.get(saved["number"])).condition == "2"
