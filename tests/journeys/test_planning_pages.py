"""Every page of the planner in a real browser under axe, narrow and wide; walks through them are in test_ways_out_pages.py."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from scheduling import availability, availability_exceptions, closures, invitations, sessions, sites
from service import check_in_codes
from service.settings import secret
from tests.builders.assessments import an_assessor
from tests.builders.browser import CHROMIUM, findings, window
from tests.builders.hall import Hall

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


async def prepared(hall: Hall) -> dict[str, str]:
    """A town in which something has gone wrong: the addresses of what there is to look at, by name."""
    street, room = hall.street, hall.street.room
    session = await hall.planned(seats=4)
    beside = await hall.next_door()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=street.now)
        plan = sessions.Plan(beside, street.unit.id, "fr", street.start + timedelta(days=3), 2)
        draft = await sessions.plan(tx, plan, by=None, now=street.now)
        invited = await invitations.invite(
            tx, draft, hall.observer_id, "observer", answer_by=street.now + timedelta(days=4), by=None, now=street.now
        )
        assert invited
        day = closures.whole_day((street.start + timedelta(days=7)).date())
        await closures.close(
            tx, centre_id=room.centre_id, starts_at=day[0], ends_at=day[1], reason="Fête locale", by=None, now=street.now
        )  # fmt: skip
        now = street.now
        for weekday in (1, 2):
            await availability.offer(
                tx, assessor_id=hall.evaluator_id, weekday=weekday, opens=now.time(), closes=(now + timedelta(hours=6)).time(),
                since=now.date(),
            )  # fmt: skip
        await availability_exceptions.say(
            tx, assessor_id=hall.evaluator_id, starts_at=day[0] - timedelta(days=4), ends_at=day[1], can_come=False,
            by=None, now=now,
        )  # fmt: skip
    booking = (await street.book(session)).headers["location"]
    await street.book(session, key="form-key-2", who=street.sam)
    async with hall.db.transaction() as tx:
        await tx.execute(
            """insert into assessments.accommodations (candidate_id, measure, requested_at, granted_at)
               values ($1, 'interpreter', $2, $2)""",
            street.sam_id,
            street.now,
        )
        await sites.add(
            tx,
            centre_id=room.centre_id,
            name="Forest",
            street="Rue du Charroi 1",
            postcode="1190",
            municipality="Forest",
        )
        await an_assessor(tx, now=street.now)
    code = check_in_codes.code(secret(street.app.state.settings), UUID(booking.rpartition("/")[2]))
    repair = await hall.manager.post("/centre/repairs", data={
        "subject": f"room:{room.id}", "from_day": "2026-09-15", "from_at": "00:00", "to_day": "2026-09-16",
        "to_at": "00:00", "reason": "Inondation",
    })  # fmt: skip
    here = f"/centre/sessions/{session}"
    return {
        "session": here, "booking": booking, "draft": f"/centre/sessions/{draft}/jury", "code": f"/check-in/{code}",
        "repair": repair.headers["location"],
    }  # fmt: skip


async def filled_in(page: Page) -> None:
    await page.goto("/centre/series/new?unit=MACO-1")
    await page.get_by_label("Atelier 1").check()
    await page.get_by_label("Français", exact=True).check()
    await page.get_by_label("Nombre de places").fill("2")
    await page.get_by_label("Premier jour").fill("2026-09-14")
    await page.get_by_label("Dernier jour").fill("2026-10-06")
    await page.get_by_label("Début de l’épreuve").fill("14:00")
    await page.get_by_label("Mardi").check()
    await page.get_by_label("Évaluateur").select_option(label="Samir Ouhadi")
    await page.get_by_role("button", name="Voir les dates").click()


@pytest.mark.pages  # each of them alone, once, in the daily tests: tests/access/test_pages.py
async def test_every_page_is_sound_for_axe_and_fits(hall: Hall, address: str, browser: Browser, width: int) -> None:
    places = await prepared(hall)
    session = places["session"]
    looked_at = [
        (hall.manager, "/centre/series/new"),
        (hall.manager, "/centre/series/new?unit=MACO-1"),
        (hall.manager, session),
        (hall.manager, f"{session}/copy"),
        (hall.manager, f"{session}/places"),
        (hall.manager, f"{session}/split"),
        (hall.manager, f"{session}/merge"),
        (hall.manager, f"{session}/cancellation"),
        (hall.manager, places["draft"]),
        (hall.manager, "/centre/repairs/new"),
        (hall.manager, places["repair"]),
        (hall.manager, f"/centre/assessors/{hall.evaluator_id}/availability"),
        (hall.evaluator, "/availability"),
        (hall.observer, "/invitations"),
        (hall.evaluator, "/invitations"),
        (hall.street.noor, places["booking"]),
        (hall.manager, "/centre/ways"),
        (hall.manager, f"{session}/companions"),
    ]
    viewport = {"width": width, "height": 900}
    calendar = await hall.evaluator.post("/availability/address", data={"url": "https://calendar.example.org/a.ics"})
    assert calendar.status_code == 303
    for who, path in looked_at:
        page = await window(browser, address, who, viewport=viewport)
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        await sound(page, path)
        await page.close()
    page = await window(browser, address, hall.manager, viewport=viewport)
    await filled_in(page)
    await sound(page, "preview of a series")
    await page.goto(f"{session}/time")
    await page.get_by_label("Jour").fill("2026-09-17")
    await page.get_by_role("button", name="Voir les conséquences").click()
    await sound(page, "consequences of a move")
    await page.goto(f"{session}/companions")
    await page.get_by_role("button").filter(has_text="Engager").first.click()
    await sound(page, "a companion who is found")
    await page.goto("/centre/ways")
    await page.get_by_label("Minutes").first.fill("35")
    await page.get_by_role("button").filter(has_text="Conserver").first.click()
    await sound(page, "a way that is said")
    await hall.manager.post(f"{session}/lock")
    await page.goto(f"{session}/day")
    await page.locator("main summary").first.click()
    await sound(page, "the list of the day, before it")
    await page.goto(places["code"])
    await sound(page, "at the door, before the day")
    await page.goto(places["repair"])
    await page.get_by_role("button", name="Tout réparer").click()
    await sound(page, "a repair that is done")


async def sound(page: Page, path: str) -> None:
    assert await findings(page) == [], path
    too_wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not too_wide, path
    askew = "rows => rows.filter(row => getComputedStyle(row).marginTop !== '0px').length"
    assert await page.locator(".actions > form").evaluate_all(askew) == 0, f"{path}: buttons of a row are not in line"
