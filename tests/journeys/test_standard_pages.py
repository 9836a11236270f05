"""A standard is written in a real browser, with the keyboard and without JavaScript; then every page under axe."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from assessments import accreditations, qualifications, trades, undertakings
from scheduling import jury_seats
from tests.builders.assessments import an_assessor
from tests.builders.browser import CHROMIUM, faults_at, free_port, over_http
from tests.builders.pages import Street
from tests.builders.shelf_of_standards import an_image
from tests.builders.web import signed_in

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
async def address(street: Street) -> AsyncIterator[str]:
    async with over_http(street.app, free_port()) as address:
        yield address


async def window(browser: Browser, address: str, who: httpx.AsyncClient, **options: object) -> Page:
    context = await browser.new_context(base_url=address, **options)  # type: ignore[arg-type]
    cookies = {"language": "en", "preuve": who.cookies["preuve"]}
    await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return await context.new_page()


async def test_a_new_version_is_written_without_javascript_and_published(
    street: Street, address: str, browser: Browser
) -> None:
    editor = await signed_in(street.app, "editor@example.org", "administrator")
    page = await window(browser, address, editor, java_script_enabled=False)
    await page.goto("/units/MACO-1")
    await page.get_by_role("button", name="Begin a new version").click()
    draft = page.url
    await page.get_by_role("button", name="Add a criterion").click()
    for field, text in (("label-fr", "Nettoyer le poste"), ("label-nl", "De plaats opruimen")):
        await page.locator(f"#{field}").fill(text)
    for field, text in (("i0-label-fr", "Le box est propre"), ("i0-label-nl", "De box is proper")):
        await page.locator(f"#{field}").fill(text)
    await page.get_by_label("Threshold").fill("2")
    await page.get_by_role("button", name="Save", exact=True).press("Enter")
    await page.get_by_role("link", name="its threshold is higher").click()
    assert page.url == f"{draft}/criteria/3"
    await page.get_by_label("Threshold").fill("1")
    await page.get_by_role("button", name="Save", exact=True).press("Enter")
    await page.get_by_role("link", name="Pictures").click()
    await page.get_by_label("Of", exact=True).select_option("3.1")
    await page.locator("#file").set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": an_image()})
    await page.locator("#alt-fr").fill("Un box propre")
    await page.locator("#alt-nl").fill("Een propere box")
    await page.get_by_role("button", name="Save", exact=True).click()
    assert await page.locator("img.picture").count() == 1
    await page.goto(draft)
    await page.get_by_role("link", name="Compare with another version").click()
    assert await page.get_by_text("Nettoyer le poste").count() == 1
    await page.goto(draft)
    await page.get_by_role("button", name="Publish").press("Enter")
    assert await page.locator("h1 + .lead").get_by_text("In force").count() == 1
    await page.goto("/units/MACO-1")
    assert await page.get_by_role("row", name="version 1").get_by_text("Retired").count() == 1


async def prepared(street: Street, editor: httpx.AsyncClient) -> list[str]:
    """A draft that lacks this and that, and a centre in which this and that lapses."""
    draft = (await editor.post("/units/MACO-1/standards", data={})).headers["location"]
    form = {"revision": "1", "code": "1.1", "alt.fr": "Un mur droit"}
    await editor.post(f"{draft}/pictures", data=form, files={"file": ("a.png", an_image(size=(400, 300)), "image/png")})
    await editor.post(f"{draft}/criteria", data={"act": "add", "revision": "2"})
    session, today = await street.open_session(days=7), street.now.date()
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
        trade = (await trades.every(tx))[0].id
        await qualifications.qualify(
            tx, who, trade, "evaluator", first_day=today, last_day=today + timedelta(days=40), by=None, now=street.now
        )
        await jury_seats.give(tx, session, who, "evaluator", by=None, now=street.now)
        await tx.execute(
            "update assessments.qualifications set valid = daterange($2, $3) where assessor_id = $1",
            who, today, today + timedelta(days=10),
        )  # fmt: skip
        for days in (35, 70):
            kind = "interest" if days == 35 else "confidentiality"
            await undertakings.record(
                tx,
                who,
                kind,
                first_day=today,
                last_day=today + timedelta(days=days),
                by=None,
                now=street.now,  # type: ignore[arg-type]
            )
        await accreditations.grant(
            tx, street.room.centre_id, trade, first_day=today - timedelta(days=900), last_day=today - timedelta(days=800),
            reference="AGR-0",
        )  # fmt: skip
    return [
        draft,
        f"{draft}/criteria/1",
        f"{draft}/criteria/3",
        f"{draft}/frame",
        f"{draft}/checks",
        f"{draft}/pictures",
        f"{draft}/differences",
        "/units/MACO-1",
        "/units/MACO-1/standards/import",
        "/trades",
        "/schemes",
        "/schemes/validation",
        "/centre/validity",
    ]


@pytest.mark.pages  # in every width: make test-pages
async def test_no_page_has_a_finding(
    street: Street, address: str, browser: Browser, tmp_path: Path, width: int
) -> None:
    editor = await signed_in(street.app, "editor@example.org", "administrator")
    page = await window(browser, address, editor, bypass_csp=True)
    found = []
    for number, path in enumerate(await prepared(street, editor)):
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        found += await faults_at(page, width, path)
        await page.screenshot(path=tmp_path / f"{number}-{width}.png", full_page=True)
    assert found == []
