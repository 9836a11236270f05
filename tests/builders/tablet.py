"""A tablet: a Chromium with a store of its own on the disk, which survives that the browser is killed."""

import time
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from playwright.async_api import BrowserContext, Page, Playwright

from tests.builders.browser import CHROMIUM, FLAGS

PIN = "271828"


class Tablet:
    """One person's device; `page` shows the day of the session."""

    def __init__(self, playwright: Playwright, folder: Path, address: str, session: UUID, at: datetime) -> None:
        self.playwright, self.folder, self.address, self.session, self.at = playwright, folder, address, session, at
        self.context: BrowserContext
        self.page: Page

    async def switch_on(self, stack: AsyncExitStack, **options: Any) -> None:
        self.context = await self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=str(CHROMIUM), args=FLAGS, base_url=self.address,
            viewport={"width": 820, "height": 1180}, **options,
        )  # fmt: skip
        stack.push_async_callback(self.context.close)
        await self.context.clock.set_system_time(self.at)
        self.page = self.context.pages[0]

    async def sign_in(self, who: httpx.AsyncClient, language: str = "en") -> None:
        cookies = {"language": language, "preuve": who.cookies["preuve"]}
        await self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.address, "expires": time.time() + 86400}
                for name, value in cookies.items()
            ]
        )

    async def prepare(self, pin: str = PIN) -> None:
        await self.page.goto(f"/day/?session={self.session}")
        await self.page.fill("#pin", pin)
        await self.page.fill("#again", pin)
        await self.page.get_by_role("button", name="Prepare this device").click()
        await self.page.locator("ul.day").wait_for()

    async def unlock(self, pin: str = PIN) -> None:
        await self.page.goto(f"/day/?session={self.session}")
        await self.page.locator("[name^=pin-]").fill(pin)
        await self.page.get_by_role("button", name="Unlock").click()
        await self.page.locator("ul.day").wait_for()

    async def cut(self, *, off: bool = True) -> None:
        await self.context.set_offline(off)

    async def grid(self, name: str) -> None:
        """From the list of candidates to one's grid."""
        await self.page.get_by_role("button", name=f"Grid of {name}").click()
        await self.page.get_by_role("heading", name=name).wait_for()

    async def back(self) -> None:
        await self.page.locator("#back").click()
        await self.page.locator("ul.day").wait_for()

    async def rate(self, booking: UUID, code: str, mark: str = "met", reason: str = "") -> None:
        name = f"r-{str(booking)[:8]}-{code.replace('.', '-')}"
        await self.page.locator(f"#{name}-{mark}").check()
        if reason:
            await self.page.fill(f"#{name}-reason", reason)
            await self.page.locator(f"#{name}-reason").press("Tab")
            await self.page.locator(f"#{name}-reason[value='{reason}']").wait_for(state="attached")

    async def saved(self, here: int, centre: int) -> None:
        await self.page.locator("#saved", has_text=f"only: {here} · At the centre: {centre}").wait_for()
