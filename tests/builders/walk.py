"""Somebody walks through pages without JavaScript; each page is looked at as another browser would show the same bytes."""

from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, Route

from service.i18n import Words, words
from tests.builders.browser import CHROMIUM, faults_at, window

# What a file of walks is marked with: French every day, the other languages in `make test-pages`.
IN_A_BROWSER = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}"),
    pytest.mark.parametrize(
        "language", ["fr", *(pytest.param(language, marks=pytest.mark.pages) for language in ("nl", "en", "de"))]
    ),
]


@dataclass
class Walker:
    """`page` runs no script. `eye` is a window of the same person that does, for axe; `width` is that of both, in pixels."""

    page: Page
    eye: Page
    width: int
    words: Words

    def said(self, sentence: str, **values: object) -> str:
        return self.words.gettext(sentence, **values)

    async def goes(self, path: str, *, status: int = 200) -> None:
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    async def reads(self, sentence: str, **values: object) -> None:
        await self.page.locator("main").get_by_text(self.said(sentence, **values)).first.wait_for()

    async def nowhere_reads(self, sentence: str) -> None:
        assert self.said(sentence) not in await self.page.locator("main").inner_text()

    async def presses(self, sentence: str, *, status: int = 200, within: Locator | None = None) -> None:
        """The first button with this sentence (and perhaps whom it is about), and the page that comes then."""
        async with self.page.expect_navigation() as waiting:
            await (within or self.page).get_by_role("button", name=self.said(sentence)).first.click()
        answer = await waiting.value
        assert answer is not None
        assert answer.status == status, f"{sentence}: {answer.status}"

    async def looks(self, what: str) -> None:
        """No finding of axe, and no wider than the screen."""
        html, address = await self.page.content(), self.page.url

        async def same(route: Route) -> None:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

        await self.eye.route(address, same)
        await self.eye.goto(address)
        await self.eye.unroute(address)
        assert await faults_at(self.eye, self.width, what) == []

    async def fills_in(self, **fields: str) -> None:
        """Fields by their names."""
        for name, value in fields.items():
            await self.page.locator(f"[name={name}]").fill(value)


async def walker(browser: Browser, address: str, who: httpx.AsyncClient, width: int, language: str = "fr") -> Walker:
    """Somebody who is signed in, on a screen of so many pixels."""
    screen = {"viewport": {"width": width, "height": 900}}
    page = await window(browser, address, who, language, java_script_enabled=False, **screen)
    return Walker(page, await window(browser, address, who, language, **screen), width, words(language))
