"""The form's last fields, what stands behind a call, texts to insert, and the outside page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hotline import events
from hotline.config import Config, CrmSection
from hotline.registry.forms import read_form
from hotline.registry.model import Person
from hotline.storage.tables import RevealRow
from hotline.web.crm import filled
from tests.unit.web.house import Browser, House
from tests.unit.web.test_desk import CALL, FORM, offered

CASE = f"/api/calls/{CALL}/case"
MORE = {
    "caller_sex": "female",
    "expected_reply": "希望三天内修好",
    "source": "12345",
    "road": "",
    "landmark": "文化广场",
    "component_code": "",
    "unit": "",
    "point": "120.123456,30.5",
    "same_as": "",
}


async def save(
    browser: Browser, changes: dict[str, str] | None = None, version: int | None = None
) -> dict[str, Any]:
    body = {"form": {**FORM, **MORE, **(changes or {})}, "version": version}
    answer = await browser.send_json("POST", CASE, body)
    found: dict[str, Any] = answer.json()
    return found


async def test_every_field_of_the_form_is_kept_and_comes_back(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        case = (await save(browser))["case"]
        page = (await browser.get(f"/cases/{case['number']}")).text
    assert {name: case["form"][name] for name in MORE if name not in ("same_as", "road")} == {
        name: value for name, value in MORE.items() if name not in ("same_as", "road")
    }
    assert MORE["expected_reply"] in page
    stored = await house.web.parts.cases.get(case["number"])
    assert (stored.longitude, stored.latitude) == (120.123456, 30.5)
    assert (stored.source, stored.caller_sex) == ("12345", "female")


async def test_what_was_typed_can_be_emptied_again(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        case = (await save(browser))["case"]
        emptied = {"landmark": "", "expected_reply": ""}
        pop = house.calls.pops[CALL, "agent1"]
        house.calls.pops[CALL, "agent1"] = replace(pop, case_number=case["number"])
        case = (await save(browser, emptied, case["version"]))["case"]
    assert (case["form"]["landmark"], case["form"]["expected_reply"]) == ("", "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "storm"}, "source"),
        ({"caller_sex": "x"}, "caller_sex"),
        ({"point": "200,1"}, "longitude"),
        ({"point": "here"}, "longitude"),
        ({"address": ""}, "address"),
    ],
)
async def test_a_fault_in_a_field_stands_beside_it(
    house: House, change: dict[str, str], field: str
) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        answer = await save(browser, change)
    assert field in answer["fields"]


@pytest.mark.parametrize(
    ("said", "relation"), [("same_as", "duplicate"), ("related_to", "related")]
)
async def test_a_form_that_names_another_case_is_linked_when_it_is_saved(
    house: House, said: str, relation: str
) -> None:
    await offered(house)
    form = read_form({"kind": "report", "description": "井盖缺失"})
    older = await house.web.parts.cases.open(form, "community", Person("agent1", "agent"))
    async with house.browser("agent1") as browser:
        case = (await save(browser, {said: older.case_number}))["case"]
    links = await house.web.parts.room.matters.links(case["number"])
    assert [(one.other, one.relation) for one in links] == [(older.case_number, relation)]


async def test_the_way_through_the_menus_is_told_in_words(house: House) -> None:
    await offered(house)
    await house.journal.append(
        events.FlowStep(CALL, "greeting", "citizen", 0, ""),
        events.FlowStep(CALL, "choose", "nowhere", 0, "key:2"),
        events.FlowStep(CALL, "report", "nowhere", 0, "word:投诉"),
        events.CallQueued(CALL, "hotline", 0, 100.0),
        events.ReportRecorded(CALL, f"{CALL}/r1", "p.wav", 4.0, "key"),
        events.ReportTranscribed(CALL, f"{CALL}/r1", "人民路井盖丢了", 0.9, "demo"),
    )
    async with house.browser("agent1") as browser:
        told = (await browser.get(f"/api/calls/{CALL}/background")).json()
    words = [step["text"] for step in told["path"]]
    assert words[:2] == ["按 2 → choose", "说“投诉” → report"]
    assert "等候" in words[2]


async def test_notes_are_for_whoever_the_number_calls_next(house: House) -> None:
    await offered(house)
    path = f"/api/calls/{CALL}/notes"
    async with house.browser("agent1") as browser:
        kept = (await browser.send_json("POST", path, {"text": " 听力不好 "})).json()
        assert [(one["text"], one["by"], one["yours"]) for one in kept] == [
            ("听力不好", "张敏", True)
        ]
        assert (await browser.send_json("POST", path, {"text": " "})).status_code == 422
        assert (await browser.send_json("POST", path, {"text": "长" * 501})).status_code == 422
        gone = await browser.send_json("DELETE", f"{path}/{kept[0]['note_id']}", None)
        assert gone.status_code == 204
        again = await browser.send_json("DELETE", f"{path}/{kept[0]['note_id']}", None)
        assert again.status_code == 404
    async with house.browser("agent2") as other:
        assert (await other.get(f"/api/calls/{CALL}/background")).status_code == 404
        assert (await other.send_json("POST", path, {"text": "x"})).status_code == 404


async def test_a_withheld_number_cannot_be_noted(house: House) -> None:
    await offered(house, calling="")
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/notes", {"text": "x"})
    assert answer.status_code == 409


async def test_supervisors_keep_the_texts_that_agents_insert(house: House) -> None:
    async with house.browser("supervisor") as chief:
        typed = {
            "name": "井盖模板",
            "kind": "report",
            "text": "井盖缺失，已提醒绕行。",
            "active": "true",
        }
        made = await chief.send_form("/texts", **typed)
        where = made.headers["location"]
        page = (await chief.get(where)).text
        assert "井盖缺失，已提醒绕行。" in page
        bad = await chief.send_form("/texts", name="", kind="x", text="")
        assert bad.status_code == 422
        assert bad.text.count("必填") >= 2
    async with house.browser("agent1") as browser:
        offered_ones = (await browser.get("/api/texts")).json()
    assert [(one["name"], one["initials"]) for one in offered_ones] == [("井盖模板", "jgmb")]
    number = offered_ones[0]["template_id"]
    async with house.browser("supervisor") as chief:
        await chief.send_form(
            f"/texts/{number}", **{k: v for k, v in typed.items() if k != "active"}
        )
        assert (await chief.send_form("/texts/999", **typed)).status_code == 404
    async with house.browser("agent1") as browser:
        assert (await browser.get("/api/texts")).json() == []


async def test_without_another_program_there_is_no_outside_page(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/crm", None)
        assert (answer.status_code, answer.json()["error"]) == (409, "no_crm")
        assert 'id="outside"' not in (await browser.get("/desk")).text


@given(
    values=st.fixed_dictionaries(
        {name: st.text(max_size=30) for name in ("number", "called", "call_id", "case_number")}
    )
)
def test_nothing_from_a_call_reaches_beyond_its_place_in_the_address(
    values: dict[str, str],
) -> None:
    template = "https://crm.example/p/{called}?tel={number}&call={call_id}&case={case_number}"
    encodable = {k: v.encode("utf-8", "ignore").decode() for k, v in values.items()}
    url = urlsplit(filled(template, {**encodable, "agent": "a"}))
    assert (url.scheme, url.netloc, url.fragment) == ("https", "crm.example", "")
    assert url.path.count("/") == 2
    query = parse_qs(url.query, keep_blank_values=True, strict_parsing=True)
    assert {name: query[name] for name in ("tel", "call", "case")} == {
        "tel": [encodable["number"]],
        "call": [encodable["call_id"]],
        "case": [encodable["case_number"]],
    }


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "https://{number}/",
        "https://crm/{name}",
        "https://crm/{",
        "https://crm/{number.__class__}",
        "https://crm/{number!r}",
        "javascript:1",
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"crm|pattern|url"):
        CrmSection(url=url)


async def test_looking_at_the_number_by_the_outside_page_is_written_down(house: House) -> None:
    crm = CrmSection(url="https://crm.example/?tel={number}&agent={agent}")
    config = Config.model_validate({**house.web.parts.config.model_dump(), "crm": crm})
    object.__setattr__(house.web.parts, "config", config)
    await offered(house)
    async with house.browser("agent1") as browser:
        answer = (await browser.send_json("POST", f"/api/calls/{CALL}/crm", None)).json()
    assert answer == {"url": "https://crm.example/?tel=13812345678&agent=agent1"}
    async with house.web.parts.database.session() as session:
        row = (await session.scalars(select(RevealRow))).one()
    assert (row.user_id, row.subject, row.reason) == ("agent1", f"call:{CALL}", "crm")
