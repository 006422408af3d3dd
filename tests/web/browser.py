"""A real Chromium for tests: where it is, how it is started, and what its speakers play."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Dialog, Page, ViewportSize, async_playwright, expect

from tests.system import PASSWORD, PROJECT, HotlineSystem

# A page that is told the news.
TOLD = re.compile("open|late")
SMALL = ViewportSize(width=1366, height=768)
LARGE = ViewportSize(width=1920, height=1080)
PICTURES = PROJECT / "test-results" / "screens"

_LOUDEST = """async () => {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(document.getElementById("remote").srcObject);
  const ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  source.connect(ear);
  await new Promise((done) => setTimeout(done, 600));
  const bins = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  const hertz = (best * context.sampleRate) / ear.fftSize;
  const level = bins[best];
  await context.close();
  return level > -60 ? hertz : 0;
}"""


def chromium() -> str:
    """The program of ``HOTLINE_CHROMIUM``, else the one the set-up obtained, else the machine's.

    Raises LookupError.
    """
    obtained = PROJECT / ".build" / "browser" / "bin" / "chromium"
    for candidate in (os.environ.get("HOTLINE_CHROMIUM"), obtained, shutil.which("chromium")):
        if candidate and Path(candidate).exists():
            return str(candidate)
    raise LookupError("no Chromium: make test obtains one")


@asynccontextmanager
async def started_browser(microphone: Path) -> AsyncIterator[Browser]:
    """A headless browser whose microphone hears the wav ``microphone`` again and again."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_of(
    system: HotlineSystem,
    browser: Browser,
    user: str,
    size: ViewportSize = SMALL,
    password: str = PASSWORD,
) -> AsyncIterator[Page]:
    """Somebody's first page, after a login of their own; a mistake in our scripts fails the test.

    The form is left out (``test_pages.py`` fills it in): a page less for the browser to load.
    """
    context = await browser.new_context(viewport=size)
    mistakes: list[str] = []
    async with system.logged_in(user, password) as desk:
        cookies = desk.client.cookies.items()
        await context.add_cookies([{"name": n, "value": v, "url": system.url} for n, v in cookies])
        page = await context.new_page()
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        await page.goto(system.url)
        # "late": the machine is busy, and the page asks for its news instead.
        await expect(page.locator("#connection")).to_have_attribute("data-state", TOLD)
        try:
            yield page
        finally:
            await context.close()
    assert not mistakes


async def leave(dialog: Dialog) -> None:
    """Leave a page that asks first, because of a talk or of words that are not kept."""
    await dialog.accept()


async def loudest_hertz(page: Page) -> float:
    """The pitch of what the page's phone plays now; 0 for silence."""
    return float(await page.evaluate(_LOUDEST))


async def picture(page: Page, name: str) -> None:
    """Keep a picture of the page at both sizes, for people to look at, where they ask for it."""
    if not os.environ.get("HOTLINE_PICTURES"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    for size in (LARGE, SMALL):
        await page.set_viewport_size(size)
        await page.screenshot(path=PICTURES / f"{name}-{size['width']}x{size['height']}.png")
