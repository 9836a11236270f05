"""The reminder's page: one question, two buttons, in four languages, narrow and wide; papers beside the booking."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser

from service import booking_rules, reminders
from tests.builders.browser import CHROMIUM, findings, free_port, over_http
from tests.builders.pages import Street


async def booked(street: Street) -> str:
    answer = await street.book(await street.open_session())
    return answer.headers["location"]


async def test_yes_is_one_tap(street: Street) -> None:
    address = await booked(street)
    page = (await street.noor.get(f"{address}/reminder")).text
    assert f'action="{address}/confirmation"' in page
    assert f'action="{address}/cancellation"' in page
    assert (await street.noor.post(f"{address}/confirmation")).headers["location"] == f"{address}/reminder"
    page = (await street.noor.get(f"{address}/reminder")).text
    assert "Merci. Nous vous attendons." in page
    assert "/confirmation" not in page


async def test_the_booking_asks_too_until_it_is_answered(street: Street) -> None:
    address = await booked(street)
    question = "Nous vous avons demandé"
    assert question not in (await street.noor.get(address)).text
    booking = UUID(address.rpartition("/")[2])
    async with street.db.transaction() as tx:
        await reminders.note(tx, booking, 7, test_day=street.start.date(), asks=True, release_at=None, now=street.now)
    page = (await street.noor.get(address)).text
    assert question in page
    assert ">Répondre oui ou non<" in page, "a button says what it does"
    await street.noor.post(f"{address}/confirmation")
    assert question not in (await street.noor.get(address)).text


async def test_no_is_one_tap_and_ends_the_question(street: Street) -> None:
    address = await booked(street)
    await street.noor.post(f"{address}/cancellation")
    page = await street.noor.get(f"{address}/reminder")
    assert "Il n’y a plus rien à répondre." in page.text
    assert (await street.noor.post(f"{address}/confirmation", headers={"accept": "text/html"})).status_code == 409


async def test_nobody_answers_for_somebody_else(street: Street) -> None:
    address = await booked(street)
    for who, status in ((street.sam, 404), (street.manager, 403), (street.stranger, 401)):
        assert (await who.get(f"{address}/reminder")).status_code == status
        assert (await who.post(f"{address}/confirmation")).status_code == status
        assert (await who.put(f"/api/v1{address}/confirmation")).status_code == status
    answer = await street.noor.put(f"/api/v1{address}/confirmation")
    assert answer.json()["booking_id"] == address.rpartition("/")[2]
    assert (await street.noor.put(f"/api/v1{address}/confirmation")).json() == answer.json()
    assert UUID(answer.json()["booking_id"])


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")
async def test_a_browser_finds_nothing_wrong(street: Street, browser: Browser, width: int, tmp_path: Path) -> None:
    address = await booked(street)
    async with over_http(street.app, free_port()) as there:
        context = await browser.new_context(viewport={"width": width, "height": 800})
        await context.add_cookies([{"name": "preuve", "value": street.noor.cookies["preuve"], "url": there}])
        page = await context.new_page()
        for path in (f"{address}/reminder", address, "/privacy", "/mail"):
            for language in ("fr", "nl", "en", "de"):
                await page.goto(f"{there}{path}?lang={language}")
                assert await findings(page) == [], (path, language)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
            await page.screenshot(path=tmp_path / f"{path.strip('/').split('/')[-1]}-{width}.png", full_page=True)


async def test_late_is_what_the_house_calls_so(street: Street) -> None:
    """Here as on the booking's own page."""
    said = "ce sera noté comme une annulation tardive"
    address = await booked(street)
    assert said not in (await street.noor.get(f"{address}/reminder")).text
    booking_rules._read.cache_clear()
    (street.app.state.settings.data / "booking.toml").write_text("late_hours = 999\n")
    assert said in (await street.noor.get(f"{address}/reminder")).text
