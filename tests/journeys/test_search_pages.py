"""Finding a test in a real browser: a month by keyboard and as a list on a telephone, an alert, no finding of axe."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from service import outbox
from service.reactions import BY_TOPIC
from tests.builders.browser import CHROMIUM, faults_at, free_port, over_http
from tests.builders.pages import Street, a_street

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Street]:
    async with a_street(database_url, valkey_url, tmp_path, clock, now) as street:
        await street.open_session()
        await street.book(await street.open_session(days=2, seats=1), who=street.sam)
        await street.open_session(days=8, seats=4, language="nl")
        yield street


@pytest.fixture
async def address(street: Street) -> AsyncIterator[str]:
    async with over_http(street.app, free_port()) as address:
        yield address


@pytest.mark.parametrize("with_javascript", [True, False])
async def test_from_a_month_to_an_alert(street: Street, address: str, browser: Browser, with_javascript: bool) -> None:
    context = await browser.new_context(java_script_enabled=with_javascript)
    await context.add_cookies(
        [
            {"name": "language", "value": "fr", "url": address},
            {"name": "preuve", "value": street.noor.cookies["preuve"], "url": address},
        ]
    )
    page = await context.new_page()
    await page.goto(f"{address}/sessions")
    await page.get_by_label("Mots à chercher").fill("metser")
    await page.get_by_text("Plus de souhaits").click()
    await page.get_by_label("mardi", exact=True).check()
    await page.get_by_role("button", name="Chercher").click()
    assert "words=metser" in page.url
    assert "days=2" in page.url
    assert await page.get_by_label("mardi", exact=True).is_checked()
    await page.get_by_role("link", name="En mois").click()
    day = page.get_by_role("link", name="mardi 15 septembre 2026")
    await day.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Voir et réserver").wait_for()
    assert "since=2026-09-15" in page.url
    await page.get_by_role("button", name="Prévenez-moi quand une place se libère").click()
    await page.get_by_role("heading", name="Mes alertes").wait_for()
    assert "mardi" in await page.locator("main").inner_text()
    await page.get_by_role("button", name="Arrêter cette alerte").click()
    await page.get_by_text("Vous n’avez pas d’alerte").wait_for()


@pytest.mark.parametrize(
    "language",
    [
        "fr",
        pytest.param("nl", marks=pytest.mark.pages),
        pytest.param("en", marks=pytest.mark.pages),
        pytest.param("de", marks=pytest.mark.pages),
    ],
)
async def test_no_page_has_a_finding_at_the_desk_or_on_a_telephone(
    street: Street, address: str, browser: Browser, language: str, tmp_path: Path, width: int
) -> None:
    await street.noor.post("/alerts", data={"query": "what=MACO&days=2&half=morning&near=1080&within=5&language=nl"})
    await street.open_session(days=7, language="nl")
    await outbox.drain(street.app.state.running.as_house(), BY_TOPIC)
    async with street.db.read() as tx:
        body: str = await tx.fetchval("select body from service.mails where body ~ '/alerts/stop/'")
    stop = body.partition("http://localhost:8000")[2].partition("/alerts/stop/")[2].strip()
    context = await browser.new_context(bypass_csp=True)  # to let axe in
    await context.add_cookies(
        [
            {"name": "language", "value": language, "url": address},
            {"name": "preuve", "value": street.noor.cookies["preuve"], "url": address},
        ]
    )
    page, found = await context.new_page(), []
    for number, path in enumerate(
        (
            "/sessions?near=1030&order=distance&words=metser", "/sessions?view=month&words=metser",
            "/sessions?words=xyzzy", "/alerts", f"/alerts/stop/{stop}",
        )
    ):  # fmt: skip
        await page.goto(f"{address}{path}")
        found += await faults_at(page, width, path)
        await page.screenshot(path=tmp_path / f"{number}-{width}.png", full_page=True)
    assert found == []


async def test_my_alerts_are_found_from_my_journey_and_lead_back(
    street: Street, address: str, browser: Browser, tmp_path: Path, width: int
) -> None:
    await street.noor.post("/alerts", data={"query": "what=MACO&days=2"})
    context = await browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)  # to let axe in
    await context.add_cookies(
        [
            {"name": "language", "value": "fr", "url": address},
            {"name": "preuve", "value": street.noor.cookies["preuve"], "url": address},
        ]
    )
    page = await context.new_page()
    await page.goto(f"{address}/journey")
    assert await faults_at(page, width, "/journey") == []
    await page.screenshot(path=tmp_path / f"journey-{width}.png", full_page=True)
    await page.get_by_role("main").get_by_role("link", name="Mes alertes").click()
    await page.get_by_role("heading", name="Mes alertes").wait_for()
    await page.screenshot(path=tmp_path / f"alerts-{width}.png", full_page=True)
    trail = page.get_by_role("navigation", name="Vous êtes ici")
    assert await trail.get_by_role("listitem").all_inner_texts() == ["Mon parcours", "Mes alertes"]
    await trail.get_by_role("link", name="Mon parcours").click()
    await page.wait_for_url(f"{address}/journey")
