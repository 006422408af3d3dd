"""Help, messages, and calling back, between real browsers' pages."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from hotline.demo.phone import Answering
from hotline.masking import mask_number
from tests.audio import tone_seconds
from tests.deadline import until
from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import leave, page_of, picture
from tests.web.test_desk import in_phase, in_talk, ready_desk

TYPED = "对方情绪激动"


async def test_help_is_answered_and_a_message_read_while_the_form_keeps_the_keyboard(
    system: HotlineSystem, browser: Browser, number: str
) -> None:
    async with (
        page_of(system, browser, "supervisor") as chief,
        ready_desk(system, browser) as agent,
        in_talk(system, agent, number),
    ):
        described = agent.locator("#f-description")
        await described.click()
        await agent.keyboard.type(TYPED)
        await agent.keyboard.press("Alt+u")
        # An earlier try may have left another.
        row = chief.locator("#help-list li", has_text=mask_number(number))
        await expect(row).to_contain_text("张敏")
        await picture(chief, "board-help")
        await row.get_by_role("button", name="看到了").click()
        note = agent.locator("#help-note")
        await expect(note).to_contain_text("赵主任已看到")
        await chief.keyboard.press("h")
        await chief.keyboard.type("我马上过来")
        await chief.keyboard.press("Enter")
        await expect(note).to_contain_text("赵主任：我马上过来")
        await expect(row).to_have_count(0)

        await chief.keyboard.press("m")
        await chief.select_option("#message-to", label="张敏")
        await chief.fill("#message-write", "请先安抚，再核实地址")
        await chief.keyboard.press("Enter")
        message = agent.locator("#message-note")
        await expect(message).to_contain_text("请先安抚，再核实地址")
        await picture(agent, "desk-message")
        # None of this took the keyboard from the form.
        await agent.keyboard.type("，已求助")
        await expect(described).to_have_value(f"{TYPED}，已求助")
        # Another one does not take the first one's place: who acknowledges has seen what.
        await chief.fill("#message-write", "第二条")
        await chief.keyboard.press("Enter")
        await expect(agent.locator("#message-more")).to_contain_text("1")
        await expect(message).to_contain_text("请先安抚，再核实地址")
        await agent.keyboard.press("Alt+d")
        await expect(message).to_contain_text("第二条")
        await agent.keyboard.press("Alt+d")
        await expect(message).to_be_hidden()
        sent = chief.locator("#messages-sent")
        await expect(sent).to_contain_text("已读 1/1")

        await agent.keyboard.press("Alt+s")
        await agent.keyboard.type("地址已核实")
        await agent.keyboard.press("Enter")
        await expect(sent).to_contain_text("地址已核实")
        await picture(chief, "board-messages")
        await agent.keyboard.press("Escape")
        await expect(described).to_be_focused()


async def test_a_promised_call_is_made_from_the_desk_and_the_promise_is_kept(
    system: HotlineSystem, browser: Browser, number: str
) -> None:
    async with ready_desk(system, browser) as agent:
        async with in_talk(system, agent, number) as call:
            await agent.locator("#f-description").fill("路灯不亮，需要回电告知进展")
            await agent.keyboard.press("Alt+e")
            await expect(agent.locator("#promise-note")).to_have_value("路灯不亮，需要回电告知进展")
            await picture(agent, "desk-promise")
            await agent.keyboard.press("Enter")
            # An earlier try may have left another.
            promise = agent.locator("#own-promises li", has_text=mask_number(number))
            await expect(promise).to_have_count(1)
            await agent.keyboard.press("Alt+x")
            await in_phase(agent, "wrap_up")
        answering = Answering(after=0.5)
        dialled = system.citizen(number, dialled=True, answering=answering)
        async with dialled as citizen:
            await agent.keyboard.press("Alt+s")
            await promise.locator("button").click()
            placed = agent.locator("#outbound-note")
            await expect(placed).to_contain_text("通话中")
            await picture(agent, "desk-outbound")
            await until(
                lambda: tone_seconds(citizen.heard(), AGENT_HZ, 0.004) > 1,
                what="the citizen hears the agent",
            )
            agent.on("dialog", leave)
            reloaded = system.last_seq()
            await agent.reload()
            await system.journalled("TalkResumed", after=reloaded)
            before = tone_seconds(citizen.heard(), AGENT_HZ, 0.004)
            await until(
                lambda: tone_seconds(citizen.heard(), AGENT_HZ, 0.004) > before + 0.5,
                what="the citizen hears the agent again",
            )
            await agent.keyboard.press("Alt+x")
            await expect(placed).to_contain_text("已通话")
        await expect(promise).to_have_count(0)
        ended = await system.journalled("PromiseEnded", after=call.mark, outcome="kept")
        dialled_ = await system.journalled("OutboundDialled", after=call.mark)
        assert dialled_.data["promise_id"] == ended.data["promise_id"]
        stored = await system.journalled(
            "RecordingStored", after=call.mark, call_id=dialled_.data["call_id"]
        )
        assert stored.data["seconds"] > 0.5


async def test_callback_staff_read_and_answer_messages_beside_their_worklist(
    system: HotlineSystem, browser: Browser
) -> None:
    async with (
        page_of(system, browser, "supervisor") as chief,
        page_of(system, browser, "callback1") as staff,
    ):
        await chief.keyboard.press("m")
        await chief.select_option("#message-to", label="陈静")
        await chief.fill("#message-write", "今天先做投诉类回访")
        await chief.keyboard.press("Enter")
        await expect(staff.locator("#message-note")).to_contain_text("今天先做投诉类回访")
        await picture(staff, "callbacks-message")
        await staff.keyboard.press("Alt+s")
        await staff.keyboard.type("收到")
        await staff.keyboard.press("Enter")
        await expect(chief.locator("#messages-sent")).to_contain_text("收到")
        await expect(staff.locator("#message-note")).to_be_hidden()
