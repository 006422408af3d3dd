"""A callback that an agent does between calls, by keyboard alone."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from hotline.demo.phone import Answering
from tests.forms import complaint
from tests.plans import put_in_force
from tests.system import HotlineSystem
from tests.talks import talking
from tests.web.browser import page_of

PHONE = "13812345678"
PLAN = {
    "queues": [{"name": "hotline", "title": {"zh": "热线"}, "task_spare": 0}],
    "skills": [{"code": "callback", "title": {"zh": "回访"}}],
    "agents": [{"agent_id": "agent1", "queues": {"hotline": 1}, "skills": {"callback": 1}}],
}


async def closed_case(system: HotlineSystem) -> str:
    """A case from a citizen's call that a colleague answered at once."""
    async with talking(system, "agent2", PHONE) as talk:
        number = await talk.desk.save(talk.call_id, **complaint(phone=PHONE))
        body = {"action": "close", "version": 1, "why": "已当场答复"}
        await talk.desk.post(f"/api/cases/{number}/actions", **body)
        return number


async def test_an_idle_agent_does_a_callback_and_is_back_at_the_desk(
    tmp_path: Path, browser: Browser
) -> None:
    system = HotlineSystem(tmp_path / "system", {"callback": {"blended_skill": "callback"}})
    await put_in_force(system, PLAN)
    await system.start()
    try:
        number = await closed_case(system)
        async with (
            page_of(system, browser, "agent1") as page,
            system.citizen(dialled=True, answering=Answering(after=0.2)) as citizen,
        ):
            await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
            await page.keyboard.press("Alt+g")
            await expect(page.locator("#take-task")).to_be_visible()
            # Shown quietly: whatever is being typed goes on.
            assert await page.evaluate("document.activeElement.id") != "take-task"
            await page.keyboard.press("Alt+j")
            await page.wait_for_url("**/desk/task*")
            await expect(page.locator("#task")).to_have_attribute("data-number", number)
            await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
            await page.keyboard.press("Alt+c")
            await citizen.established()
            await expect(page.locator("#call")).to_have_attribute("data-state", "talking")
            await page.keyboard.press("y")
            await page.keyboard.press("5")
            await page.keyboard.press("Control+Enter")
            # They may talk on; no call is offered until they have hung up.
            await expect(page.locator("#call")).to_have_attribute("data-state", "done")
            await page.keyboard.press("Alt+x")
            await page.wait_for_url("**/desk")
        task = system.rows("SELECT * FROM callback_tasks WHERE case_number = ?", number)[0]
        assert (task["satisfaction"], task["state"], task["claimed_by"]) == (5, "done", "agent1")
        states = [e.data["state"] for e in system.journal("AgentStateChanged")]
        assert "on_task" in states
    finally:
        await system.stop()
