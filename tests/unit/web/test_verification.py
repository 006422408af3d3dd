"""The verifier's desktop: which reports wait, what is typed of one, and who may say it is so."""

from __future__ import annotations

from hotline.config import Config
from tests.unit.registry.cases import NUMBER, reported
from tests.unit.web.house import ON_BOTH, House

FORM = {"kind": "report", "description": "井盖坏了", "address": "建设路八号", "caller_phone": ""}


async def to_verify(house: House) -> str:
    case = await house.web.parts.cases.open_from_report(await reported(house.journal))
    return case.case_number


async def test_the_oldest_report_is_open_with_its_form_and_its_numbers_masked(
    house: House,
) -> None:
    number = await to_verify(house)
    async with house.browser("checker1") as browser:
        page = (await browser.get("/verification")).text
    assert f"/verification?case={number}" in page
    assert 'id="case-form"' in page
    assert 'data-player="report"' in page or "report-text" in page
    for name in ("help-ask", "floor-panel", "k-search", "captions", "point-map", "similar"):
        assert f'id="{name}"' in page
    assert NUMBER not in page


async def test_without_a_report_the_page_says_what_will_come(house: House) -> None:
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/verification")).text
        assert (await browser.get("/verification?case=2026112000001")).status_code == 404
        assert (await browser.get("/verification?text=%00&page=x")).status_code == 200
    assert "没有待核实的留言" in page
    assert 'id="help-ask"' not in page


async def test_what_was_heard_is_saved_and_the_number_stays(house: House) -> None:
    number = await to_verify(house)
    async with house.browser("checker1") as browser:
        path = f"/api/verification/{number}"
        saved = await browser.send_json("PUT", path, {"form": FORM, "version": 1})
        again = await browser.send_json("PUT", path, {"form": FORM, "version": 1})
    assert saved.json() == {"number": number, "version": 2, "state": "to_verify"}
    assert again.status_code == 409
    case = await house.web.parts.cases.get(number)
    assert (case.description, case.caller_phone, case.source) == (
        "井盖坏了",
        NUMBER,
        "voice_report",
    )


async def test_a_form_says_what_its_kind_must_say(house: House) -> None:
    number = await to_verify(house)
    async with house.browser("checker1") as browser:
        form = {**FORM, "address": ""}
        path = f"/api/verification/{number}"
        refused = await browser.send_json("PUT", path, {"form": form, "version": 1})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["address"])


async def test_what_is_typed_is_kept_for_whom_it_is_of_until_it_is_saved(house: House) -> None:
    number = await to_verify(house)
    kept = f"/api/kept/case:{number}"
    draft = {"form": {"description": "井盖"}, "revision": 3, "page": "a"}
    async with house.browser("checker1") as browser, house.browser("supervisor") as other:
        assert (await browser.send_json("PUT", kept, draft)).status_code == 204
        late = await browser.send_json("PUT", kept, {**draft, "page": "b", "revision": 1})
        assert (late.status_code, late.json()["form"]) == (409, {"description": "井盖"})
        assert '"revision": 3' in (await browser.get("/verification")).text
        assert '"revision": 0' in (await other.get("/verification")).text
        await browser.send_json("PUT", f"/api/verification/{number}", {"form": FORM, "version": 1})
        assert '"revision": 0' in (await browser.get("/verification")).text
        assert (await browser.send_json("PUT", "/api/kept/users:1", draft)).status_code == 422
        assert (await browser.send_json("DELETE", kept, None)).status_code == 204


async def test_a_report_that_is_verified_leads_on_to_the_next(house: House) -> None:
    number = await to_verify(house)
    async with house.browser("checker1") as browser:
        await browser.send_json("PUT", f"/api/verification/{number}", {"form": FORM, "version": 1})
        step = {"action": "verify", "version": 2}
        moved = await browser.send_json("POST", f"/api/cases/{number}/actions", step)
        assert moved.json()["case"]["state"] == "to_file"
        page = await browser.get(f"/verification?case={number}")
    assert (page.status_code, page.headers["location"]) == (303, "/verification")


@ON_BOTH
async def test_ones_own_day_stands_beside_the_list_and_is_nobody_elses(house: House) -> None:
    number = await to_verify(house)
    async with house.browser("checker1") as browser, house.browser("supervisor") as other:
        before = (await browser.get("/verification")).text
        await browser.send_json("PUT", f"/api/verification/{number}", {"form": FORM, "version": 1})
        step = {"action": "verify", "version": 2}
        await browser.send_json("POST", f"/api/cases/{number}/actions", step)
        mine = (await browser.get("/verification")).text
        theirs = (await other.get("/verification")).text
    assert 'id="own-figures"' in before
    assert "100.0 %" not in before
    assert "100.0 %" in mine
    assert "共 0:09，均 0:09（1 条）" in mine
    assert "100.0 %" not in theirs


async def test_drafts_of_tasks_are_none_of_the_desks(house: House) -> None:
    house = await house.rebuilt(Config())
    number = await to_verify(house)
    async with house.browser("agent1") as browser:
        body = {"form": {"description": "x"}, "revision": 1}
        await browser.send_json("PUT", f"/api/kept/case:{number}", body)
        await browser.send_json("PUT", "/api/kept/callback:7", body)
    assert await house.web.drafts.unfinished("agent1") == []
    assert await house.web.drafts.kept("callback:7", "agent1") is not None
