"""A centre closes for two days of works over a test: seen, mended, closed; in a real browser, without JavaScript."""

from playwright.async_api import Browser

from scheduling import bookings, closures, sessions
from tests.builders.hall import Hall
from tests.builders.walk import IN_A_BROWSER, walker

pytestmark = IN_A_BROWSER


async def test_works_are_entered_over_a_test_and_a_holiday_is_taken_back(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    street = hall.street
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=street.now)
        await bookings.book(tx, session, street.noor_id, by=None, now=street.now)
        await closures.close_on_public_holidays(tx, centre_id=street.room.centre_id, year=2026)
    await street.react()
    planner = await walker(browser, address, hall.manager, width, language)
    await planner.goes("/centre/closures")
    await planner.reads("Public holiday")
    await planner.looks("what is closed")
    await planner.presses("See what it meets", status=422)
    await planner.reads("Say why it is closed")
    await planner.looks("a form that says too little")
    await planner.fills_in(from_day="2026-09-15", to_day="2026-09-16", reason="Travaux")
    await planner.presses("See what it meets")
    await planner.reads("Sessions that it meets")
    assert await planner.page.get_by_role("button", name=planner.said("Close it"), exact=True).count() == 0
    await planner.looks("works meet a test")
    await planner.presses("Repair these sessions")
    await planner.reads("Noor Peeters")
    await planner.looks("who is affected by works")
    await planner.presses("Mend all of it")
    await planner.reads("It is mended")
    await street.react()
    async with hall.db.transaction() as tx:
        told = await tx.fetch("delete from service.mails returning recipient")
        assert (await sessions.get(tx, session)).starts_at >= closures.whole_day(street.start.date())[1]
    assert "noor@example.org" in {row["recipient"] for row in told}
    await planner.goes("/centre")
    await planner.page.locator("main li").filter(has_text=planner.said("Closed")).filter(has_text="Travaux").wait_for()
    await planner.looks("the plan with closed days")
    await planner.goes("/centre/closures")
    before = await planner.page.locator("main li").count()
    await planner.page.locator("summary", has_text=planner.said("Take back")).first.click()
    await planner.presses("Yes, take it back")
    assert await planner.page.locator("main li").count() == before - 1
    await planner.fills_in(from_day="2026-11-03", from_at="13:00", to_at="17:00", reason="Formation")
    await planner.page.locator("[name=room]").select_option(str(street.room.id))
    await planner.presses("See what it meets")
    await planner.reads("It meets no session")
    await planner.looks("a training meets nothing")
    await planner.presses("Close it")
    assert await planner.page.locator("main li").count() == before
    await planner.looks("a training is entered")
