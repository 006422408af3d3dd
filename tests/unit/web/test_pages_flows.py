from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hotline import events
from hotline.web.catalogue import load_catalogue
from hotline.web.flow_views import MOST_DRAWN
from tests.databases import MORNING
from tests.deadline import until
from tests.unit.web.house import Browser, House

FLOW = """\
flow: night
title: {zh: 夜间}
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: message, asked: message}
  message: {kind: report, saved: bye, empty: bye}
  bye: {kind: goodbye}
"""
LONGER = FLOW.replace(
    "  bye:", "  thanks: {kind: say, prompts: [greeting], next: bye}\n  bye:"
).replace("saved: bye", "saved: thanks")


def text(key: str, language: str = "zh", **values: object) -> str:
    found = load_catalogue().text(language, key, **values)
    assert found != key
    return found


@pytest.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser("supervisor") as opened:
        yield opened


async def published(browser: Browser, given: str, based_on: int, **more: object) -> dict[str, Any]:
    body = {"text": given, "based_on": based_on, **more}
    answer = await browser.send_json("POST", "/api/flows/night/publish", body)
    return {"status": answer.status_code, **answer.json()}


async def checked(browser: Browser, given: str, **more: object) -> dict[str, Any]:
    answer = await browser.send_json("POST", "/api/flows/night/check", {"text": given, **more})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_list_tells_what_is_in_force_since_when_and_by_whom(browser: Browser) -> None:
    page = (await browser.get("/flows")).text
    assert text("flows.shipped") in page
    await published(browser, FLOW, 0, note="夜间值班")
    page = (await browser.get("/flows")).text
    for word in ("night", "夜间", text("flows.version_n", version=1), "赵主任", "夜间值班"):
        assert word in page


async def test_a_new_flow_begins_with_a_sound_text(browser: Browser) -> None:
    answer = await browser.send_form("/flows/new", name="night")
    assert answer.headers["location"] == "/flows/night?new=1"
    page = (await browser.get("/flows/night?new=1")).text
    assert "flow: night" in page
    assert (await browser.send_form("/flows/new", name="Night Flow")).status_code == 422
    assert (await browser.get("/flows/night")).status_code == 404


async def test_findings_name_line_and_node_in_the_viewers_language(
    house: House, browser: Browser
) -> None:
    broken = FLOW.replace("next: wait", "next: nowhere")
    found = await checked(browser, broken)
    assert not found["sound"]
    [finding] = [one for one in found["findings"] if one["code"] == "unknown-node"]
    assert (finding["line"], finding["node"]) == (6, "greeting")
    assert "nowhere" in finding["text"]
    await house.set_language("supervisor", "en")
    async with house.browser("supervisor") as english:
        told = [one["text"] for one in (await checked(english, broken))["findings"]]
    assert finding["text"] not in told


async def test_what_cannot_be_read_is_told_by_line(browser: Browser) -> None:
    found = await checked(browser, "flow: night\n  title: {zh\n")
    assert found["findings"][0]["line"] > 0
    assert found["changes"] is None


async def test_changes_are_told_by_node(browser: Browser) -> None:
    await published(browser, FLOW, 0)
    changed = (await checked(browser, LONGER))["changes"]
    assert changed == {"added": ["thanks"], "removed": [], "changed": ["message"], "flow": []}


async def test_the_drawing_stands_beside_the_text_also_when_something_is_wrong(
    browser: Browser,
) -> None:
    assert 'data-node="greeting"' in (await checked(browser, FLOW))["svg"]
    assert (
        'data-node="wait"'
        in (await checked(browser, FLOW.replace("saved: bye", "saved: nowhere")))["svg"]
    )
    assert (await checked(browser, "nothing"))["svg"] is None


async def test_a_flow_too_large_to_be_drawn_beside_calls_is_told_as_such(browser: Browser) -> None:
    more = "".join(
        f"  say-{n}: {{kind: say, prompts: [greeting], next: bye}}\n" for n in range(MOST_DRAWN)
    )
    found = await checked(browser, FLOW + more)
    assert (found["svg"], found["too_large"]) == (None, True)


async def test_a_faulty_flow_cannot_be_published(browser: Browser) -> None:
    answer = await published(browser, FLOW.replace("next: wait", "next: nowhere"), 0)
    assert (answer["status"], answer["error"]) == (409, "flow_faulty")


async def test_who_began_from_an_older_version_is_told_and_can_replace_it(
    browser: Browser,
) -> None:
    await published(browser, FLOW, 0, note="first")
    answer = await published(browser, LONGER, 0)
    assert (answer["status"], answer["error"]) == (409, "flow_changed")
    now = (await browser.get("/api/flows/night")).json()
    assert (now["version"], now["text"], now["publication"]["by"]) == (1, FLOW, "赵主任")
    assert (await published(browser, LONGER, now["version"]))["version"] == 2


async def test_a_rollback_needs_a_reason_and_stands_in_the_history(browser: Browser) -> None:
    await published(browser, FLOW, 0)
    await published(browser, LONGER, 1)
    body = {"version": 1, "based_on": 2, "note": ""}
    answer = await browser.send_json("POST", "/api/flows/night/roll-back", body)
    assert answer.status_code == 422
    body["note"] = "太长"
    answer = await browser.send_json("POST", "/api/flows/night/roll-back", body)
    assert answer.json()["version"] == 1
    history = (await browser.get("/api/flows/night/history")).json()["publications"]
    assert [(one["version"], one["rolled_back_from"]) for one in history] == [
        (1, 2),
        (2, None),
        (1, None),
    ]
    assert (await browser.get("/api/flows/night/versions/2")).json()["text"] == LONGER


async def test_what_is_typed_survives_a_reload_and_is_only_ones_own(
    house: House, browser: Browser
) -> None:
    await published(browser, FLOW, 0)
    body = {"text": LONGER, "based_on": 1}
    assert (await browser.send_json("PUT", "/api/flows/night/draft", body)).status_code == 200
    assert "thanks: {" in (await browser.get("/flows/night")).text
    assert text("flows.drafted", who="赵主任") in (await browser.get("/flows")).text
    await browser.send_json("DELETE", "/api/flows/night/draft", {})
    assert "thanks: {" not in (await browser.get("/flows/night")).text


async def test_calls_begin_where_the_page_says(house: House, browser: Browser) -> None:
    await published(browser, FLOW, 0)
    answer = await browser.send_form("/flows/entries", called="12345", flow="night")
    assert answer.headers["location"] == "/flows"
    assert house.web.parts.flows.entry("12345") == "night"
    assert (await browser.send_form("/flows/entries", called="x", flow="night")).status_code == 422
    assert (await browser.send_form("/flows/entries", called="1", flow="none")).status_code == 422
    await browser.send_form("/flows/entries", called="12345", flow="")
    assert house.web.parts.flows.entry("12345") == "default"


async def walked(house: House, number: int, *steps: tuple[str, str]) -> None:
    call_id = f"pbx1-7.{number}"
    await house.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/trunk-1", "12319", "13800138000"),
        *(events.FlowStep(call_id, node, "night", 1, by) for by, node in steps),
        events.CallEnded(call_id, "citizen"),
    )


@asynccontextmanager
async def counting(house: House, calls: int) -> AsyncIterator[None]:
    passages = house.web.parts.passages
    job = asyncio.create_task(passages.run())

    async def counted() -> bool:
        return (await passages.entered(MORNING - 3600)).get("night") == calls

    try:
        await until(counted)
        yield
    finally:
        job.cancel()


async def test_counts_of_a_period_come_with_the_drawing_and_by_themselves(
    house: House, browser: Browser
) -> None:
    await published(browser, FLOW, 0)
    await walked(house, 1, ("", "greeting"), ("next", "wait"))
    await walked(house, 2, ("", "greeting"))
    async with counting(house, 2):
        counts = (await browser.get("/api/flows/night/counts?period=today")).json()
        assert counts["nodes"]["greeting"]["left"] == {"next": 1}
        assert counts["nodes"]["greeting"]["hung_up"] == 1
        assert counts["versions"] == [{"version": 1, "entered": 2}]
        walked_then = {"period": "chosen", "since": "2026-11-19T00:00", "until": "2026-11-20T00:00"}
        earlier = await checked(browser, FLOW, walked=walked_then)
        assert earlier["counts"]["nodes"] == {}
        assert (await checked(browser, FLOW, walked={"period": "7d"}))["counts"] == counts
        assert ">2</td>" in (await browser.get("/flows")).text


@pytest.mark.parametrize(
    "query",
    [
        "period=always",
        "period=chosen",
        "period=chosen&since=2026-11-20&until=2026-11-19",
        "period=chosen&since=2026-11-20&until=nonsense",
        "period=today&version=-1",
    ],
)
async def test_a_period_that_is_none_is_refused(browser: Browser, query: str) -> None:
    await published(browser, FLOW, 0)
    assert (await browser.get(f"/api/flows/night/counts?{query}")).status_code == 422


@pytest.mark.parametrize("path", ["/flows/nowhere", "/api/flows/nowhere", "/flows/..%2Fx"])
async def test_there_is_no_such_flow(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status_code in {404, 422}


async def test_the_languages_schema_is_there_for_completion(browser: Browser) -> None:
    schema = (await browser.get("/api/flow-schema")).json()
    assert "nodes" in schema["properties"]
