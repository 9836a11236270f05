"""A series seen before it is written, and a code at the door: to their end in a real browser, without JavaScript."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import httpx
import zxingcpp
from PIL import Image
from playwright.async_api import Browser

from scheduling import bookings, closures, sessions
from tests.builders.hall import Hall
from tests.builders.walk import IN_A_BROWSER, walker

pytestmark = IN_A_BROWSER
ARMISTICE = {"fr": "Armistice", "nl": "Wapenstilstand", "en": "Armistice", "de": "Waffenstillstand"}


async def test_a_series_is_seen_date_by_date_before_anything_is_written(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Wednesdays at nine over the end of summer time: one day the centre is closed, one the room is taken, one is a
    holiday; the planner takes one more away. Nine is nine in summer and in winter."""
    async with hall.db.transaction() as tx:
        await closures.close_on_public_holidays(tx, centre_id=hall.street.room.centre_id, year=2026)
        starts_at, ends_at = closures.whole_day(date(2026, 10, 21))
        await closures.close(
            tx, centre_id=hall.street.room.centre_id, starts_at=starts_at, ends_at=ends_at, reason="Fête locale",
            by=None, now=hall.street.now,
        )  # fmt: skip
    await hall.planned(days=50)  # Wednesday 4 November
    planner = await walker(browser, address, hall.manager, width, language)
    await planner.goes("/centre/series/new?unit=MACO-1")
    await planner.page.get_by_label("Atelier 1").check()
    await planner.page.locator("[name=language][value=fr]").check()
    await planner.page.locator("[name=weekdays][value=WE]").check()
    await planner.fills_in(seats="2", first_day="2026-10-07", until="2026-11-18", at="09:00")
    await planner.page.locator("[name=evaluator]").select_option(label="Samir Ouhadi")
    await planner.looks("the form of a series")
    await planner.presses("Look at the dates")
    await planner.reads("%(free)d of %(all)d dates are possible.", free=4, all=7)
    dates = planner.page.locator("#chosen li")
    said = {
        planner.words.day(date(2026, 10, 21)): "Fête locale",
        planner.words.day(date(2026, 11, 4)): "MACO-1",
        planner.words.day(date(2026, 11, 11)): ARMISTICE[planner.words.language],
    }
    for day, reason in said.items():
        assert reason in await dates.filter(has_text=day).inner_text()
    await planner.looks("a series with conflicts")
    assert await written(hall) == []
    await planner.page.get_by_label(planner.words.day(date(2026, 11, 18))).uncheck()
    await planner.presses("Prepare these sessions")
    await planner.looks("a series that is written")
    summer, winter = datetime(2026, 10, 7, 7, tzinfo=UTC), datetime(2026, 10, 28, 8, tzinfo=UTC)
    assert await written(hall) == [summer, summer + timedelta(days=7), winter]


async def written(hall: Hall) -> list[datetime]:
    async with hall.db.read() as tx:
        rows = await tx.fetch(
            "select lower(test_time) as begins from scheduling.sessions where series_id is not null order by 1"
        )
    return [row["begins"] for row in rows]


async def test_the_code_of_a_booking_leads_staff_to_the_door_and_strangers_nowhere(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Noor shows her telephone; what a camera reads from it is hers at the door of this centre only."""
    street, session = hall.street, await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=street.now)
        booking = await bookings.book(tx, session, street.noor_id, by=None, now=street.now)
        await sessions.lock(tx, session, by=None, now=street.now)
    noor = await walker(browser, address, street.noor, width, language)
    await noor.goes(f"/bookings/{booking}")
    await noor.looks("a booking with its code")
    shown = Image.open(BytesIO(await noor.page.locator(".door-code").screenshot()))
    (scanned,) = [code.text for code in zxingcpp.read_barcodes(shown)]
    door = httpx.URL(scanned).path
    async with hall.db.transaction() as tx:
        await tx.execute(
            "update scheduling.sessions set test_time = tstzrange($2::timestamptz, $2 + interval '4 hours') where id = $1",
            session,
            street.now + timedelta(minutes=20),
        )
    reception = await walker(browser, address, hall.manager, width, language)
    for button in ("Identity seen", "Contract signed"):
        await reception.goes(door)
        await reception.reads("Noor Peeters")
        await reception.looks(f"at the door, {button}")
        await reception.presses(button)
    async with hall.db.read() as tx:
        seat = await bookings.get(tx, booking)
    assert seat.state == "checked_in"
    assert seat.contract_signed_at is not None
    assert (await street.stranger.get(door)).status_code == 401
    for stranger, status in ((street.sam, 404), (street.other_manager, 404)):
        other = await walker(browser, address, stranger, width, language)
        await other.goes(door, status=status)
        assert "Noor" not in await other.page.content()
    await noor.goes(door)
    assert noor.page.url.endswith(f"/bookings/{booking}")
