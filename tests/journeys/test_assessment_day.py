"""The day of a test on tablets without a network: nothing lost, nothing overwritten, and always said what is where."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import async_playwright

from scheduling import bookings, jury_seats, sessions
from tests.builders.browser import CHROMIUM, free_port, over_http
from tests.builders.tablet import Tablet
from tests.builders.workshop import Workshop, a_workshop

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
Switch = Callable[..., "object"]


@pytest.fixture
async def workshop(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Workshop]:
    async with a_workshop(database_url, valkey_url, tmp_path, clock, now, people=2) as workshop:
        yield workshop


class Shelf:
    """Tablets of this test, each with its own store."""

    def __init__(
        self, playwright: object, stack: AsyncExitStack, folder: Path, address: str, workshop: Workshop
    ) -> None:
        self.playwright, self.stack, self.folder, self.address, self.workshop = (
            playwright,
            stack,
            folder,
            address,
            workshop,
        )
        self.taken = 0

    async def take(self, who: httpx.AsyncClient, **options: object) -> Tablet:
        self.taken += 1
        folder = self.folder / f"tablet-{self.taken}"
        tablet = Tablet(self.playwright, folder, self.address, self.workshop.session)  # type: ignore[arg-type]
        await tablet.switch_on(self.stack, **options)
        await tablet.sign_in(who)
        return tablet


@pytest.fixture
async def shelf(workshop: Workshop, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with (
        over_http(workshop.hall.street.app, free_port()) as address,
        async_playwright() as playwright,
        AsyncExitStack() as stack,
    ):
        yield Shelf(playwright, stack, tmp_path, address, workshop)


async def test_a_day_without_a_network_survives_a_browser_that_is_killed(workshop: Workshop, shelf: Shelf) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.page.get_by_role("button", name="Start the time of all candidates").click()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await tablet.rate(booking, "1.2", "not_observed", "behind the wall")
    await tablet.saved(4, 0)
    await tablet.page.get_by_text("No network").wait_for()
    await tablet.context.close()  # as when the battery is empty

    await tablet.switch_on(shelf.stack)
    await tablet.cut()
    await tablet.unlock()
    await tablet.saved(4, 0)
    await tablet.grid(name)
    assert await tablet.page.locator("input[value=met]:checked").count() == 1
    assert await tablet.page.locator("input[value=not_observed]:checked").count() == 1
    await tablet.rate(booking, "1.1", "not_met")
    await tablet.page.get_by_text("Eliminatory – 1.1: Not met").wait_for()
    await tablet.saved(5, 0)
    await tablet.cut(off=False)
    await tablet.saved(0, 5)
    async with workshop.db.read() as tx:
        rows = await tx.fetch("select indicator, rating, reason from assessments.ratings order by indicator")
    assert [tuple(row.values()) for row in rows] == [
        ("1.1", "not_met", ""), ("1.2", "not_observed", "behind the wall"),
    ]  # fmt: skip
