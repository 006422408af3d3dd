"""Every page under axe: who cannot see well, or has no mouse, works here too.

``python -m tests.accessibility`` looks at all pages as whoever may open them, in light and dark and
in every size of words, and ends with 1 when axe finds something serious or critical; ``make test``
looks at the ones that people work on all day (``tests/web/test_accessibility.py``).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from hotline.web.front_end import STATIC
from tests.unit.web.house import PASSWORD
from tests.web.browser import SMALL, chromium

AXE = STATIC / "node_modules" / "axe-core" / "axe.min.js"
WORST = ("serious", "critical")
# The machine may have slow minutes.
PATIENCE_MS = 90_000
ALL_DAY = {"agent1": ("/desk", "/knowledge?article=1"), "supervisor": ("/board",)}
"""Pages by who looks at them; nobody is the public."""
EVERY = {
    **ALL_DAY,
    "agent1": (*ALL_DAY["agent1"], "/cases", "/map", "/cases/{case}", "/work"),
    "supervisor": (
        *ALL_DAY["supervisor"],
        "/knowledge?article=1", "/knowledge?new=1", "/knowledge?show=overdue", "/texts",
        "/board/states", "/board/waits", "/board/phones", "/wall", "/callers", "/privacy",
        "/storm", "/flows", "/flows/default", "/routing", "/calendar", "/taxonomy",
        "/taxonomy?key=component/0137", "/limits", "/prompts", "/places", "/judging",
        "/judging/rankings", "/judging/patterns", "/judging/themes", "/exchange",
        "/exchange/import", "/cases/{case}", "/dispatch/rules",
    ),
    "dispatcher1": ("/dispatch",),
    "callback1": ("/callbacks",),
    "unit1": ("/unit",),
    "admin": ("/users", "/users?new=1", "/system"),
    "checker1": ("/verification", "/work", "/cases"),
    "": ("/login", "/status", "/public", "/nowhere"),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What axe has against a page, and the first place of it."""

    path: str
    rule: str
    impact: str
    told: str
    where: str
    count: int

    def __str__(self) -> str:
        return f"{self.path}: {self.impact} {self.rule} ({self.count}): {self.told}: {self.where}"


async def findings(page: Page, path: str) -> list[Finding]:
    """What axe finds serious or critical on the page as it stands."""
    # Asked through the debugger: the page's own policy lets no other script in.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    return [
        Finding(
            path,
            one["id"],
            one["impact"],
            one["help"],
            one["nodes"][0]["html"][:160],
            len(one["nodes"]),
        )
        for one in found
        if one["impact"] in WORST
    ]


async def look(
    browser: Browser,
    url: str,
    user: str,
    paths: Sequence[str],
    *,
    dark: bool = False,
    size: str = "normal",
) -> list[Finding]:
    """Open each page as this user and ask axe."""
    scheme: Any = "dark" if dark else "light"
    context = await browser.new_context(viewport=SMALL, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    await context.add_cookies([{"name": "hotline_size", "value": size, "url": url}])
    page = await context.new_page()
    told: list[Finding] = []
    try:
        if user:
            await page.goto(f"{url}/login")
            await page.fill("[name=user_id]", user)
            await page.fill("[name=password]", PASSWORD)
            await page.keyboard.press("Enter")
            await page.locator("#connection").wait_for()
        case = await _case(page, url) if any("{case}" in path for path in paths) else ""
        for path in paths:
            await page.goto(url + path.format(case=case), wait_until="load")
            told += await findings(page, path)
            if path == "/desk":
                told += await _opened(page)
    finally:
        await context.close()
    return told


async def _opened(page: Page) -> list[Finding]:
    """What a desk shows when it is asked: its keys, one's own day, an article; in large words."""
    await page.keyboard.press("Alt+/")
    told = await findings(page, "/desk with its keys")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Alt+k")
    await page.keyboard.type("ts")
    await page.locator("#knowledge-list li").first.wait_for()
    await page.keyboard.press("Enter")
    await page.locator("#article-panel").wait_for()
    await page.keyboard.press("Alt+i")
    await page.locator("#own-figures-list dd").first.wait_for()
    await page.keyboard.press("Alt+=")
    return told + await findings(page, "/desk with an article and one's own day")


async def _case(page: Page, url: str) -> str:
    await page.goto(f"{url}/cases")
    row = page.locator("#case-table tbody tr[data-number]").first
    return await row.get_attribute("data-number") or ""


@asynccontextmanager
async def scene(cases: int) -> AsyncIterator[str]:
    """The address of pages on a made-up talk and so many cases
    (:mod:`tests.unit.web.devserver`)."""
    command = ("-m", "tests.unit.web.devserver", "talking", "--cases", str(cases))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            url = (await process.stdout.readline()).decode().strip().rstrip("/")
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _all(schemes: Sequence[str], sizes: Sequence[str], users: Sequence[str]) -> int:
    """How many findings there are; each is told as it is found."""
    count = 0
    async with scene(cases=60) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        for scheme, size, user in product(schemes, sizes, users):
            dark = scheme == "dark"
            for one in await look(browser, url, user, EVERY[user], dark=dark, size=size):
                count += 1
                print(f"{scheme} {size} {user or 'nobody'} {one}", flush=True)
        await browser.close()
    return count


def main() -> int:
    """Look at every page; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemes", nargs="*", default=["light", "dark"])
    parser.add_argument("--sizes", nargs="*", default=["normal", "large", "larger"])
    parser.add_argument("--users", nargs="*", default=list(EVERY))
    given = parser.parse_args()
    count = asyncio.run(_all(given.schemes, given.sizes, given.users))
    pages = sum(len(EVERY[user]) for user in given.users)
    ways = f"{' and '.join(given.schemes)}, {', '.join(given.sizes)} words"
    print(f"{pages} pages in {ways}: {count} serious or critical findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
