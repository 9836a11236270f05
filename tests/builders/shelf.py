"""Tablets of a test, each with a store of its own, before one served application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Playwright, async_playwright

from tests.builders.browser import free_port, over_http
from tests.builders.tablet import Tablet
from tests.builders.workshop import Workshop


class Shelf:
    """`take` switches one more tablet on; its clock says nine o'clock of the test day."""

    def __init__(
        self, playwright: Playwright, stack: AsyncExitStack, folder: Path, address: str, workshop: Workshop
    ) -> None:
        self.playwright, self.stack, self.folder, self.address = playwright, stack, folder, address
        self.workshop, self.taken = workshop, 0

    async def take(self, who: httpx.AsyncClient, *, language: str = "en", **options: Any) -> Tablet:
        self.taken += 1
        folder, day = self.folder / f"tablet-{self.taken}", self.workshop.hall.street.start
        tablet = Tablet(self.playwright, folder, self.address, self.workshop.session, day)
        await tablet.switch_on(self.stack, **options)
        await tablet.sign_in(who, language)
        return tablet


@asynccontextmanager
async def a_shelf(workshop: Workshop, folder: Path) -> AsyncIterator[Shelf]:
    async with (
        over_http(workshop.hall.street.app, free_port()) as address,
        async_playwright() as playwright,
        AsyncExitStack() as stack,
    ):
        yield Shelf(playwright, stack, folder, address, workshop)
