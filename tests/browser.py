"""A real Chromium for the tests of the web chat, and what a person does with it."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Error, Locator, Page, Playwright, async_playwright, expect

from tests.webtown import WebTown

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
NARROW, PHONE, DESK = (320, 568), (390, 844), (1280, 800)
PATIENCE_MS = 15_000  # On a machine that runs other tests at the same time.
START_MS = 30_000
AXE = Axe().axe_script
expect.set_options(timeout=PATIENCE_MS)


def chromium_path() -> str | None:
    wanted = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
    return next((path for name in wanted if name and (path := shutil.which(name))), None)


class Chromium:
    """One browser for all tests of a process; a page of one knows nothing of another's. It may die and come again."""

    def __init__(self, playwright: Playwright, path: str) -> None:
        self.playwright = playwright
        self.path = path
        self.browser: Browser | None = None

    async def ready(self) -> Browser:
        if self.browser is None or not self.browser.is_connected():
            start = self.playwright.chromium.launch(executable_path=self.path, args=FLAGS, timeout=START_MS)
            self.browser = await start
        return self.browser


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """Started once. Where it cannot be, every test that needs it says so at once and none waits for it."""
    path = chromium_path()
    if path is None:
        problem = "There is no Chromium here: run scripts/ensure_chromium."
        pytest.fail(problem) if os.environ.get("GISHE_CI") else pytest.skip(problem)
    async with async_playwright() as playwright:
        chromium = Chromium(playwright, path)
        try:
            browser = await chromium.ready()
        except Error as error:
            pytest.fail(f"Chromium ({path}) does not start: {error.message}", pytrace=False)
        yield chromium
        await browser.close()


@pytest.fixture
async def browser(chromium: Chromium) -> Browser:
    return await chromium.ready()


# How many messages of ours there are, and what the last one says.
LAST = (
    "() => { const all = [...document.querySelectorAll('.entry.ours')]; return all.length + all.at(-1).textContent; }"
)


class Screen:
    """One page of the chat, as somebody sees it."""

    def __init__(self, town: WebTown, page: Page) -> None:
        self.town = town
        self.page = page
        self.complaints: list[str] = []  # Of the page's script or its policy: there must be none.
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and "ERR_" not in message.text:
            self.complaints.append(message.text)

    async def opens(self, path: str = "/chat") -> None:
        await self.page.goto(self.town.url + path)
        await expect(self.answers.first).to_be_visible()

    @property
    def answers(self) -> Locator:
        return self.page.locator(".entry.ours")

    @property
    def own(self) -> Locator:
        return self.page.locator(".entry.mine")

    @property
    def text(self) -> Locator:
        return self.page.locator("#text")

    def choice(self, words: str) -> Locator:
        return self.page.locator(".choice", has_text=words).last

    async def says(self, text: str) -> None:
        await self.text.fill(text)
        await self.page.locator("#send").click()

    async def asks(self, text: str) -> Locator:
        """Say something, and return the answer once it is there and the question confirmed."""
        before = await self.answers.count()
        await self.says(text)
        await expect(self.answers).to_have_count(before + 1)
        await expect(self.own.last).to_have_attribute("data-state", "kept")
        return self.answers.last

    async def presses(self, words: str) -> None:
        """Press a choice, and return when the page has followed: with another message, or the same one rewritten."""
        before = await self.page.evaluate(LAST)
        await self.choice(words).click()
        await self.page.wait_for_function(f"(before) => ({LAST})() !== before", arg=before)

    async def is_accessible(self, *rules: str) -> None:
        """axe-core finds nothing, or nothing against these rules."""
        before = len(self.complaints)
        if not await self.page.evaluate("typeof axe === 'object'"):
            await self.page.evaluate(AXE)
        options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        violations = await self.page.evaluate(
            "async (options) => (await axe.run(document, options)).violations", options
        )
        del self.complaints[before:]  # Those of axe itself, which talks to frames of other sites in vain.
        assert not violations, [
            (one["id"], one["help"], [node["html"][:200] for node in one["nodes"]][:3]) for one in violations
        ]

    async def fits(self) -> None:
        """Nothing sticks out at the side."""
        wide = await self.page.evaluate(
            """() => [document.documentElement, document.getElementById('log')].filter(Boolean)
                .map((node) => node.scrollWidth - node.clientWidth)"""
        )
        assert max(wide) <= 0, wide

    async def is_offline(self, yes: bool) -> None:
        await self.page.context.set_offline(yes)


class Screens:
    """Opens pages; afterwards none may have complained."""

    def __init__(self, town: WebTown, browser: Browser) -> None:
        self.town = town
        self.browser = browser
        self.opened: list[Screen] = []

    async def __call__(self, size: tuple[int, int] = PHONE, **options: Any) -> Screen:
        context = await self.browser.new_context(
            **{"viewport": {"width": size[0], "height": size[1]}, "locale": "en-GB", "timezone_id": "Europe/Sofia",
               "has_touch": size[0] < 800, "is_mobile": size[0] < 800} | options
        )  # fmt: skip
        return await self.another(context)

    async def another(self, context: BrowserContext) -> Screen:
        """One more tab of the same browser."""
        context.set_default_timeout(PATIENCE_MS)
        self.opened.append(Screen(self.town, await context.new_page()))
        return self.opened[-1]


@pytest.fixture
async def screens(webtown: WebTown, browser: Browser) -> AsyncIterator[Screens]:
    screens = Screens(webtown, browser)
    yield screens
    complaints = [complaint for screen in screens.opened for complaint in screen.complaints]
    for screen in screens.opened:
        await screen.page.context.close()
    assert not complaints, complaints
