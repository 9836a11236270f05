"""A session's whole life through a real browser without JavaScript; then every page of it under axe."""

import pytest
from playwright.async_api import Browser, Page

from assessments import accommodations, appeals
from tests.builders.browser import CHROMIUM, faults_at, press, window
from tests.builders.hall import Hall

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


async def test_a_session_lives_from_the_form_to_the_certificate_without_javascript(
    hall: Hall, address: str, browser: Browser
) -> None:
    plain = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
    manager = await window(browser, address, hall.manager, **plain)
    session = await planned(manager)
    await seated(manager)
    await press(manager, "Ouvrir aux réservations")
    booked = await hall.street.book(session)
    assert booked.status_code == 303
    await manager.goto(f"/centre/sessions/{session}")
    await press(manager, "Clôturer la liste")
    await received(manager)
    for who in (hall.evaluator, hall.observer):
        await recorded(await window(browser, address, who, **plain), session)
    await manager.goto(f"/centre/sessions/{session}")
    await press(manager, "Terminer l’épreuve")
    await judged(manager)
    await hall.street.react()
    await manager.reload()
    await manager.get_by_text("est délivré").wait_for()


async def planned(manager: Page) -> str:
    await manager.goto("/centre")
    await manager.get_by_role("link", name="Planifier une session").first.click()
    await manager.select_option("#unit", "MACO-1")
    await press(manager, "Continuer")
    await manager.get_by_label("Atelier 1").check()
    await manager.get_by_label("Français").check()
    await manager.fill("#day", "2026-09-15")
    await manager.fill("#at", "22:00")
    await manager.get_by_role("button", name="Préparer la session").click()
    await manager.get_by_text("Le local est fermé à ce moment").first.wait_for()
    await manager.fill("#at", "09:00")
    await press(manager, "Préparer la session")
    return manager.url.rpartition("/")[2]


async def seated(manager: Page) -> None:
    await manager.get_by_role("link", name="Composer le jury").click()
    for person in ("Samir Ouhadi", "Hélène Baert", "Nadia Van Hove"):
        row = manager.locator(".people > li", has_text=person).get_by_role("button", name="Donner le siège")
        await row.first.click()
        await manager.locator(".seated", has_text=person).wait_for()
    await manager.get_by_text("Le jury est complet").wait_for()
    await manager.get_by_role("link", name="Retour à la session").first.click()


async def received(manager: Page) -> None:
    await manager.get_by_role("link", name="Liste du jour").first.click()
    for act in ("Identité vérifiée : Noor Peeters", "Contrat signé : Noor Peeters"):
        await manager.locator("summary", has_text="Noter plus tôt").click()  # the test is in two weeks
        await press(manager, act)
    await manager.get_by_text("L’accueil est terminé").wait_for()
    await press(manager, "Commencer l’épreuve")


async def recorded(page: Page, session: str) -> None:
    await page.goto("/agenda")
    await page.get_by_role("link", name="MACO-1").first.click()
    assert page.url.endswith(f"/agenda/sessions/{session}")
    await page.get_by_role("link", name="Commencer la grille").click()
    await page.locator("input[value=met]").first.check()
    await press(page, "Enregistrer")
    await page.get_by_text("Enregistré", exact=True).wait_for()
    for choice in await page.locator("input[value=met]").all():
        await choice.check()
    await press(page, "Enregistrer et terminer")
    await press(page, "Remettre et sceller")
    await page.get_by_role("heading", name="Grille de Noor Peeters").wait_for()


async def judged(manager: Page) -> None:
    await manager.get_by_role("link", name="Ouvrir le dossier").click()
    for group in await manager.locator("fieldset.choices").all():
        await group.get_by_label("Réussi", exact=True).check()
    await press(manager, "Enregistrer la délibération")
    await press(manager, "Prendre la décision")
    await press(manager, "Communiquer le résultat")


@pytest.mark.pages  # in every width: make test-pages
@pytest.mark.parametrize("language", ["fr", "nl"])
async def test_no_page_has_a_finding_at_the_desk_or_on_a_telephone(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    found = []
    for who, paths in (await lived(hall)).items():
        page = await window(browser, address, getattr(hall, who), language, bypass_csp=True)  # to let axe in
        for path in paths:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found += await faults_at(page, width, path)
    assert found == []


async def lived(hall: Hall) -> dict[str, list[str]]:
    """Every page of a centre and its jury, in the states that look different."""
    tested, decision = await hall.street.tested(hall.street.sam_id, "fail", i1_1="not_met", i2_2="not_observed")
    async with hall.db.transaction() as tx:
        measure = await accommodations.request(
            tx, hall.street.noor_id, "extra_time", now=hall.street.now, extra_percent=25
        )
        await accommodations.grant(tx, measure, by=None, now=hall.street.now)
        appeal = await appeals.lodge(tx, decision, "Le mur était d’aplomb.", by=None, now=hall.street.now)
    await hall.street.react()
    draft = await hall.planned(days=1)
    _, begun = await hall.running(days=2, candidate_id=hall.street.sam_id)
    session, booking = await hall.running()
    complete = {code: "met" for code in ("1.1", "1.2", "1.3", "2.1", "2.2")}
    await hall.evaluator.post(f"/recordings/{booking}", data=complete)
    await hall.evaluator.post(f"/recordings/{booking}/submission")
    await hall.observer.post(f"/recordings/{booking}", data={"1.1": "met", "1.2": "not_met"})
    return {
        "manager": [
            "/centre", "/centre?month=2026-08", "/centre?stage=closed", "/centre/sessions/new",
            "/centre/sessions/new?unit=MACO-1", f"/centre/sessions/{draft}", f"/centre/sessions/{draft}/jury",
            f"/centre/sessions/{draft}/time", f"/centre/sessions/{draft}/cancellation", f"/centre/sessions/{session}",
            f"/centre/sessions/{session}/day", f"/centre/bookings/{booking}/deliberation",
            f"/centre/bookings/{tested}/deliberation", "/appeals", "/reports", "/reports/annual/2026", "/units/MACO-1",
        ],
        "evaluator": ["/agenda", f"/agenda/sessions/{session}", f"/recordings/{booking}", f"/recordings/{begun}",
                      f"/recordings/{booking}/corrections", f"/recordings/{booking}/choices"],
        "observer": [f"/recordings/{booking}", f"/recordings/{booking}/submission"],
        "administrator": ["/centres", "/trades", "/catalogue/imports", f"/appeals/{appeal}"],
    }  # fmt: skip
