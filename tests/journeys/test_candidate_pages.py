"""A candidate's way through a real browser: with JavaScript and without, on a telephone and at a desk, in FR and NL."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from assessments import enrolments, profiles, ratings, recordings, units
from certificates import codes, register
from tests.builders.assessments import SCREENING, all_met
from tests.builders.browser import CHROMIUM, faults_at, free_port, over_http
from tests.builders.pages import Street, a_sitting_of, a_wall

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
async def address(street: Street) -> AsyncIterator[str]:
    async with over_http(street.app, free_port()) as address:
        yield address


async def a_page(browser: Browser, address: str, *, login: str, language: str = "fr", **options: object) -> Page:
    """A window of somebody who is signed in, or of a stranger."""
    context = await browser.new_context(**options)  # type: ignore[arg-type]
    cookies = {"language": language, **({"preuve": login} if login else {})}
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return await context.new_page()


@pytest.mark.parametrize("with_javascript", [True, False])
async def test_from_the_search_to_a_booking_and_back(
    street: Street, address: str, browser: Browser, with_javascript: bool
) -> None:
    await street.open_session()
    page = await a_page(browser, address, login=street.noor.cookies["preuve"], java_script_enabled=with_javascript)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    await page.goto(f"{address}/sessions")
    await page.select_option("#what", "MACO-1")
    await page.select_option("#language", "fr")
    await page.get_by_role("button", name="Chercher").click()
    assert "what=MACO-1" in page.url
    await page.get_by_role("link", name="Voir et réserver").click()
    await page.get_by_role("button", name="Réserver cette place").click()
    await page.get_by_text("Cette place est retenue pour vous").wait_for()
    await page.get_by_role("button", name="Confirmer ma place").click()
    await page.get_by_text("Votre place est réservée").wait_for()
    booking = page.url
    await page.get_by_role("link", name="Mon parcours").first.click()
    assert await page.locator("[aria-current=step]").count() == 1
    await page.get_by_role("link", name="Voir ma réservation").click()
    assert page.url == booking
    await page.get_by_text("Annuler cette réservation").click()
    await page.get_by_role("button", name="Oui, annuler ma réservation").click()
    await page.get_by_role("link", name="Choisir une autre date").wait_for()
    assert "Annulé" in await page.locator("main .badge").inner_text()
    assert broken == []


async def test_going_back_and_booking_again_is_one_booking(street: Street, address: str, browser: Browser) -> None:
    session = await street.open_session()
    page = await a_page(browser, address, login=street.noor.cookies["preuve"])
    await page.goto(f"{address}/sessions/{session}")
    await page.get_by_role("button", name="Réserver cette place").dblclick()
    await page.get_by_role("button", name="Confirmer ma place").dblclick()
    await page.get_by_text("Votre place est réservée").wait_for()
    async with street.db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.bookings") == 1


async def test_the_time_left_of_an_offer_is_in_hours_and_of_a_hold_in_minutes(
    street: Street, address: str, browser: Browser
) -> None:
    session = await street.open_session()
    page = await a_page(browser, address, login=street.noor.cookies["preuve"])
    await page.goto(f"{address}/sessions/{session}")
    await page.get_by_role("button", name="Réserver cette place").click()
    shown = page.locator(".countdown")
    await shown.filter(has_text=re.compile(r"\d")).wait_for()
    assert re.fullmatch(r"(9:\d\d|10:00)", await shown.inner_text())
    # An offer's page is the same with more seconds: the script is run once more with as many.
    await shown.evaluate("(shown) => { shown.dataset.seconds = 86399; }")
    script = await page.locator("script[src*=countdown]").get_attribute("src")
    await page.evaluate("(script) => import(`${script}?again`)", script)
    assert re.fullmatch(r"23:59:5\d", await shown.inner_text())


async def test_an_address_for_the_calendar_is_made_and_copied(street: Street, address: str, browser: Browser) -> None:
    page = await a_page(
        browser, address, login=street.noor.cookies["preuve"], permissions=["clipboard-read", "clipboard-write"]
    )
    await page.goto(f"{address}/calendars")
    await page.get_by_role("button", name="Créer une adresse").click()
    await page.get_by_role("button", name="Copier l’adresse").click()
    await page.get_by_role("button", name="Copié").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == await page.locator("#calendar-address").inner_text()
    await page.reload()
    assert await page.locator("#calendar-address").count() == 0


@pytest.mark.pages  # in every width: make test-pages
@pytest.mark.parametrize("language", ["fr", "nl"])
async def test_no_page_has_a_finding_at_the_desk_or_on_a_telephone(
    street: Street, address: str, browser: Browser, language: str, width: int
) -> None:
    found = []
    logins = {"stranger": "", **{who: getattr(street, who).cookies["preuve"] for who in ("noor", "sam", "manager")}}
    for who, paths in (await lived(street)).items():
        page = await a_page(browser, address, login=logins[who], language=language, bypass_csp=True)  # to let axe in
        for path in paths:
            await page.goto(f"{address}{path}")
            found += await faults_at(page, width, path)
    assert found == []


async def lived(street: Street) -> dict[str, list[str]]:
    """Every page of a candidate and of a stranger, in the states that look different."""
    free, full = await street.open_session(), await street.open_session(days=1, seats=1)
    locked = await street.open_session(days=2)
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.sessions set locked_at = opened_at where id = $1", locked)
    failed, _ = await street.tested(street.noor_id, "fail", i1_1="not_met", i2_2="not_observed")
    await street.tested(street.sam_id, "pass", days_ago=14)
    await street.react()
    async with street.db.read() as tx:
        certificate = (await register.of_candidate(tx, street.sam_id))[0]
    booking = (await street.book(free)).headers["location"]
    report = await _screened(street)
    async with street.db.transaction() as tx:
        screening = await units.get(tx, "HELP-S")
        file = await enrolments.enrol(tx, street.sam_id, screening.id, by=None, now=street.now)
    return {
        "stranger": [
            "/sessions", "/sessions?language=de", "/sessions?since=never", f"/sessions/{free}", "/waiting/rule",
            "/certificates", "/certificates/PRV-1", f"/certificates/{codes.public_code(bytes(16))}",
            f"/certificates/{certificate.public_code}", "/mail",
        ],
        "noor": [
            "/sessions", f"/sessions/{full}?refused=session-full", f"/sessions/{full}?refused=retake-too-soon", booking,
            f"{booking}?refused=hold-expired", f"/sessions/{locked}", "/problems/session-full",
            f"{booking}/rescheduling", "/measures",
            "/waiting", "/waiting/new?unit=MACO-1", "/journey",
            f"/bookings/{failed}/result", f"/bookings/{report}/result", "/calendars",
        ],
        "sam": ["/journey", f"/enrolments/{file}/withdrawal"],
        "manager": ["/calendars", "/centre/waiting", "/centre/measures", "/centre/excuses"],
    }  # fmt: skip


async def _screened(street: Street) -> UUID:
    async with street.db.transaction() as tx:
        unit = await a_wall(tx, street.now, code="HELP-S", scheme=SCREENING)
        sitting = await a_sitting_of(tx, street.room, unit, street.noor_id, now=street.now - timedelta(days=20))
        recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=street.now)
        await ratings.rate(tx, recording, all_met(i1_3="not_met"), by=sitting.evaluator, now=street.now)
        await recordings.submit(tx, recording, by=sitting.evaluator, now=street.now)
        await profiles.release(tx, sitting.booking, now=street.now)
    return sitting.booking
