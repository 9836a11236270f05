"""The pages about who I am and what is held about me, and the desk where an identity is seen: as a browser shows them, in
two languages, narrow and wide."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.builders.browser import CHROMIUM, findings, free_port, over_http
from tests.builders.readdressing import CONFIRM, NEW, STOP, WAIT, Desk, a_desk
from tests.journeys.test_identity_pages import a_page

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
async def desk(database_url: str, valkey_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Desk]:
    """An address was asked for, and the old one has been told."""
    async with a_desk(database_url, valkey_url, tmp_path, now) as desk:
        await desk.ask(await desk.staff("counter", "reception"))
        yield desk


@pytest.mark.pages  # in every width: make test-pages
@pytest.mark.parametrize("language", ["fr", "nl"])
async def test_axe_finds_nothing_and_nothing_runs_over(
    desk: Desk, browser: Browser, tmp_path: Path, language: str, width: int
) -> None:
    boss, mine = await desk.staff("boss", "manager"), await desk.candidate()
    stop = await desk.link(desk.old, STOP)
    approval = await desk.approval(boss)
    readers = {
        "boss": (boss.cookies["preuve"], [f"{desk.here}/identity"]),
        "mine": (mine.cookies["preuve"], ["/privacy", "/privacy/details", "/privacy/identity", "/logins"]),
        "stranger": ("nobody", [stop, "/sign-in", "/address/nothing", "/address/stop/nothing"]),
    }
    async with over_http(desk.street.app, free_port()) as address:
        for name, (login, paths) in readers.items():
            page = await a_page(browser, address, login, language, width)
            for number, path in enumerate(paths):
                await page.goto(address + path)
                await page.screenshot(path=tmp_path / f"{name}-{number}-{language}-{width}.png", full_page=True)
                assert await findings(page) == [], path
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
                assert await page.get_attribute("html", "lang") == language
        assert (await boss.post(approval)).status_code == 303
        await desk.later(WAIT + timedelta(minutes=1))
        page = await a_page(browser, address, "nobody", language, width)
        for number, path in enumerate((await desk.link(NEW, CONFIRM), stop)):
            await page.goto(address + path)
            await page.locator("main form button").last.click()
            await page.screenshot(path=tmp_path / f"done-{number}-{language}-{width}.png", full_page=True)
            assert await findings(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
