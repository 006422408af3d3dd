"""The telephone in a real browser at a real PBX: tested before the shift, watched in talks."""

from __future__ import annotations

import os
import signal
import time

from playwright.async_api import Browser, Page, expect

from tests.audio import tone_seconds
from tests.deadline import until
from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import page_of, picture
from tests.web.test_desk import hear_each_other, in_talk, ready_desk

# Microphones that can be pulled out, and a network that can be cut.
HANDS = """() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  const tracks = [];
  let there = true;
  devices.getUserMedia = async (wanted) => {
    if (!there) throw new DOMException("gone", "NotFoundError");
    const stream = await open(wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
  window.unplug = () => {
    there = false;
    const track = tracks.at(-1);
    track.stop();
    track.dispatchEvent(new Event("ended"));
  };
  const listed = devices.enumerateDevices.bind(devices);
  const speaker = { kind: "audiooutput", deviceId: "usb", label: "耳麦", groupId: "" };
  let speakers = [speaker];
  devices.enumerateDevices = async () => [...(await listed()), ...speakers];
  HTMLMediaElement.prototype.setSinkId = async function (id) { this.sink = id; };
  window.speakerThere = (now) => {
    speakers = now ? [speaker] : [];
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.plugIn = () => {
    there = true;
    devices.dispatchEvent(new Event("devicechange"));
  };
}"""
SELF_TEST_S = 15.0


async def registered(page: Page) -> None:
    await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()


async def test_the_self_test_ends_in_a_verdict_that_the_supervisor_sees(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "agent1") as page:
        await registered(page)
        mark, began = system.last_seq(), time.monotonic()
        await page.keyboard.press("Alt+f")
        await page.keyboard.press("Enter")
        # The question has the focus: Enter is yes.
        await expect(page.locator("#phone-test-heard")).to_be_focused(timeout=30_000)
        await page.keyboard.press("Enter")
        verdict = page.locator("#phone-test-verdict[data-verdict]")
        await expect(verdict).to_be_visible(timeout=SELF_TEST_S * 1000)
        assert time.monotonic() - began < SELF_TEST_S
        kept = (await system.journalled("PhoneChecked", after=mark, agent_id="agent1")).data
        assert await verdict.get_attribute("data-verdict") == kept["verdict"]
        assert kept["verdict"] != "unfit", kept
        assert kept["measures"]["echoes"] >= 4, kept
        assert kept["measures"]["line"]["loss"] == 0.0, kept
        await picture(page, "phone-self-test")
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/board/phones")
        row = page.locator("#phones tbody tr", has_text="1001")
        await expect(row).to_contain_text("往返")
        await picture(page, "phones")


async def test_a_citizen_who_is_not_received_is_noticed_and_said_in_words(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page) as call:
        await hear_each_other(page, call.citizen)
        light = page.locator("#phone-light")
        await expect(light).to_have_attribute("data-line", "good")
        os.kill(call.citizen.pid, signal.SIGSTOP)
        try:
            about = {"call_id": call.call_id, "silent": "citizen"}
            await system.journalled("OneWayAudio", after=call.mark, within=30, **about)
            await expect(page.locator("[data-bar=one-way]")).to_contain_text("收不到市民的声音")
            await expect(light).to_have_attribute("data-line", "none")
            await picture(page, "phone-one-way")
        finally:
            os.kill(call.citizen.pid, signal.SIGCONT)
        await system.journalled("AudioRestored", after=call.mark, call_id=call.call_id)
        await expect(page.locator("[data-bar=one-way]")).to_have_count(0)


async def test_keys_go_to_the_citizen_and_what_was_chosen_is_kept(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        async with in_talk(system, page) as call:
            await hear_each_other(page, call.citizen)
            await page.keyboard.press("Alt+f")
            await expect(page.locator("#phone-keypad")).to_be_focused()
            await page.keyboard.type("5#")
            await expect(page.locator("#phone-pressed")).to_have_text("5#")
            await call.citizen.event("CALL_DTMF_START")
            await page.locator("#phone-volume").fill("60")
            assert await page.evaluate("document.getElementById('remote').volume") == 0.6
            microphone = page.locator("#phone-microphone")
            await microphone.select_option(index=1)
            chosen = await microphone.input_value()
            await hear_each_other(page, call.citizen)
        await page.reload()
        await registered(page)
        await page.keyboard.press("Alt+f")
        await expect(page.locator("#phone-volume")).to_have_value("60")
        await expect(microphone).to_have_value(chosen)


async def test_a_microphone_that_is_pulled_out_is_said_and_taken_again(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        await page.evaluate(HANDS)
        async with in_talk(system, page) as call:
            await hear_each_other(page, call.citizen)
            await page.evaluate("window.unplug()")
            bar = page.locator("[data-bar=microphone]")
            await expect(bar).to_contain_text("市民现在听不到您")
            await picture(page, "phone-unplugged")
            start = len(call.citizen.heard())
            await page.evaluate("window.plugIn()")
            await expect(bar).to_contain_text("麦克风已接上")

            def heard() -> bool:
                return tone_seconds(call.citizen.heard()[start:], AGENT_HZ) > 1

            await until(heard, what="the agent is heard again")


async def test_a_speaker_that_is_pulled_out_is_replaced_and_said(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        await page.evaluate(HANDS)
        await page.keyboard.press("Alt+f")
        await page.locator("#phone-speaker").select_option("usb")
        sink = "document.getElementById('remote').sink"
        await page.wait_for_function(f"{sink} === 'usb'")
        await page.evaluate("window.speakerThere(false)")
        bar = page.locator("[data-bar=speaker]")
        await expect(bar).to_contain_text("选定的听筒断开了")
        assert await page.evaluate(sink) == ""
        await page.evaluate("window.speakerThere(true)")
        await expect(bar).to_contain_text("听筒已接上")
        assert await page.evaluate(sink) == "usb"


async def test_a_lost_connection_of_the_phone_is_said_and_so_is_its_return(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "agent1") as page:
        await page.evaluate(
            """() => {
              const Real = window.WebSocket;
              window.cut = false;
              window.WebSocket = class extends Real {
                constructor(...given) {
                  super(...given);
                  if (window.cut) this.close();
                  window.socket = this;
                }
              };
            }"""
        )
        # The phone's socket is made anew under our hands.
        await registered(page)
        await page.keyboard.press("Alt+f")
        await page.locator("input[name=phone-kind][value=desk]").check()
        await page.locator("input[name=phone-kind][value=web]").check()
        await registered(page)
        await page.keyboard.press("Escape")
        await page.evaluate("window.cut = true; window.socket.close()")
        bar = page.locator("[data-bar=phone]")
        await expect(bar).to_contain_text("已断开")
        await picture(page, "phone-lost")
        await page.evaluate("window.cut = false")
        back = page.locator("[data-bar=phone-back]")
        await expect(back).to_contain_text("已重新连接")
        await expect(bar).to_have_count(0)
        await registered(page)
