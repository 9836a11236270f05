"""Lists in a real browser, without JavaScript: a file is handed in, looked at, written; every page under axe."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from service.importing import steps
from tests.builders.browser import CHROMIUM, findings, window
from tests.builders.hall import Hall
from tests.builders.lists import PEOPLE, as_csv, as_xlsx, carried_on

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
MANY = [(f"K-{n}", f"p{n}@example.org", "Noor", f"Peeters {n}", "17/05/1990", "fr", "jobseeker") for n in range(60)]
WRONG = ("K-99", "sam at example.org", "Sam", "De Smet", "31/02/1988", "nl", "worker")


async def test_a_list_is_checked_looked_at_and_written(
    hall: Hall, address: str, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "candidats.xlsx"
    file.write_bytes(as_xlsx(PEOPLE, *MANY, WRONG))
    page = await window(browser, address, hall.manager, java_script_enabled=False)
    await page.goto("/centre/lists")
    await page.get_by_label("Liste", exact=True).select_option("candidates")
    await page.get_by_label("Fichier", exact=True).set_input_files(file)
    await page.get_by_role("button", name="Contrôler le fichier").click()
    await page.get_by_text("Lignes contrôlées").wait_for()
    await carried_on(hall.street.app.state.running)
    await page.reload()
    await page.get_by_role("link", name="Refusée").click()
    await page.get_by_text("Écrivez une adresse, par exemple noor@example.org.").wait_for()
    await page.get_by_role("button", name="Écrire 60 lignes").click()
    await page.get_by_role("button", name="Arrêter").wait_for()
    await carried_on(hall.street.app.state.running)
    await page.reload()
    await page.get_by_text("60 lignes sont écrites").wait_for()


async def test_how_far_it_is_comes_into_the_page(hall: Hall, address: str, browser: Browser) -> None:
    """Nothing is loaded anew while one reads, and the focus stays where it was; when it is over the page says so."""
    running = hall.street.app.state.running.as_house()
    asked = await hall.manager.post(
        "/centre/imports", data={"kind": "candidates"}, files={"file": ("a.csv", as_csv(PEOPLE, *MANY))}
    )
    page = await window(browser, address, hall.manager)
    await page.goto(asked.headers["location"])
    await page.get_by_role("link", name="Regarder à nouveau").focus()
    assert await steps.carry_on(running, {})  # it is read
    await page.get_by_text("0 / 60").wait_for()
    assert await page.evaluate("document.activeElement.textContent") == "Regarder à nouveau"
    await carried_on(running)
    await page.get_by_role("button", name="Écrire 60 lignes").wait_for()


@pytest.mark.pages  # in every width: make test-pages
async def test_every_page_is_accessible_and_fits(hall: Hall, address: str, browser: Browser, width: int) -> None:
    running = hall.street.app.state.running
    files = [as_csv(PEOPLE, *MANY), as_csv(PEOPLE, WRONG, *((*one[:3], "Janssens", *one[4:]) for one in MANY[:9]))]
    for file in files:
        answer = await hall.manager.post(
            "/centre/imports", data={"kind": "candidates"}, files={"file": ("a.csv", file)}
        )
        await carried_on(running)
        where = answer.headers["location"]
        if file is files[0]:
            await hall.manager.post(f"{where}/order")
            await carried_on(running)
    unreadable = await hall.manager.post("/centre/imports", data={"kind": "rooms"}, files={"file": ("a.csv", b"x\n1")})
    await carried_on(running)
    under_way = {"file": ("b.csv", as_csv(PEOPLE, *MANY, WRONG))}
    begun = (await hall.manager.post("/centre/imports", data={"kind": "candidates"}, files=under_way)).headers[
        "location"
    ]
    for language in ("fr", "nl", "en", "de"):
        page = await window(
            browser, address, hall.manager, language, viewport={"width": width, "height": 800}, java_script_enabled=True
        )
        for path in ("/centre/lists", "/centre/lists/sessions/columns", where, unreadable.headers["location"], begun):
            await page.goto(path)
            assert await findings(page) == [], (language, path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (language, path)
