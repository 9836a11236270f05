"""What comes after a test, in a real browser without JavaScript: the jury's file, the release of a session, an appeal with
its panel and its meeting, a complaint; then every page of it under axe, at the desk and on a telephone."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser

from assessments import appeal_reviewers, appeals, complaints, links, mediations
from scheduling import sessions
from tests.builders.assessments import Sitting, an_assessor
from tests.builders.assessments import recorded as both_recorded
from tests.builders.browser import CHROMIUM, faults_at, press, window
from tests.builders.hall import Hall
from tests.builders.web import signed_in

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
PLAIN = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}


async def judged(hall: Hall, *, days: int = 0, candidate_id: UUID | None = None) -> tuple[UUID, UUID]:
    """Over, both grids in, and the jury to deliberate: the session and the booking."""
    session, booking = await hall.running(days=days, candidate_id=candidate_id)
    async with hall.db.transaction() as tx:
        at = hall.street.start + timedelta(days=days, hours=4)
        await sessions.end(tx, session, by=None, now=at)
        sitting = Sitting(
            booking, candidate_id or hall.street.noor_id, session, hall.street.unit, hall.street.room.centre_id,
            hall.evaluator_id, hall.observer_id, hall.manager_id, at - timedelta(hours=4),
        )  # fmt: skip
        await both_recorded(tx, sitting, i1_1="not_met", i2_2="not_met")
    return session, booking


async def test_from_the_deliberation_to_a_new_test_without_javascript(
    hall: Hall, address: str, browser: Browser
) -> None:
    session, booking = await judged(hall)
    manager = await window(browser, address, hall.manager, **PLAIN)
    await manager.goto(f"/centre/sessions/{session}/results")
    await manager.get_by_role("link", name="Noor Peeters").click()
    await manager.get_by_text("Accord au-delà du hasard").wait_for()
    for group in await manager.locator("fieldset.choices").all():
        await group.get_by_label("Non réussi", exact=True).check()
    await press(manager, "Enregistrer la délibération")
    await press(manager, "Prendre la décision")
    await manager.goto(f"/centre/sessions/{session}/results")
    await press(manager, "Communiquer toute la session")
    await manager.get_by_text("Tout le monde est informé").wait_for()
    await hall.street.react()

    noor = await window(browser, address, hall.street.noor, **PLAIN)
    await noor.goto(f"/bookings/{booking}/result")
    await noor.get_by_text("Ceci doit toujours être juste").wait_for()
    await noor.fill("#grounds", "Le support était humide.")
    await press(noor, "Envoyer mon recours")
    await noor.get_by_text("Nous regardons s’il est en ordre").wait_for()
    await answered(hall, address, browser)
    await hall.street.react()
    await noor.reload()
    await noor.get_by_text("Vous avez droit à une nouvelle épreuve").first.wait_for()
    await noor.get_by_role("link", name="Quelque chose n’allait pas").click()
    await noor.get_by_label("Bâtiment ou équipement").check()
    await noor.fill("#complaint", "L’atelier était glacial.")
    await press(noor, "Envoyer ma plainte")
    await noor.get_by_text("L’atelier était glacial.").wait_for()
    await manager.goto("/centre/complaints")
    await manager.get_by_role("link", name="Noor Peeters").click()
    await press(manager, "L’examiner")
    await manager.get_by_label("fondée", exact=True).check()
    await manager.fill("#answer", "Le chauffage est réparé.")
    await press(manager, "Envoyer la réponse")
    await noor.reload()
    await noor.get_by_text("Le chauffage est réparé.").wait_for()


async def answered(hall: Hall, address: str, browser: Browser) -> None:
    """The administrator rules and appoints; the reviewer plans a meeting, notes its result and gives a new test."""
    async with hall.db.transaction() as tx:
        reviewer_id = await an_assessor(tx, now=hall.street.now)
    reviewer = await signed_in(hall.street.app, "reviewer@example.org", "assessor", assessor_id=reviewer_id)
    administrator = await window(browser, address, hall.administrator, **PLAIN)
    await administrator.goto("/appeals")
    await administrator.get_by_role("link", name="Noor Peeters").click()
    await administrator.get_by_label("recevable", exact=True).check()
    await press(administrator, "Enregistrer")
    await administrator.select_option("#assessor_id", str(reviewer_id))
    await press(administrator, "Désigner")
    page = await window(browser, address, reviewer, **PLAIN)
    await page.goto(administrator.url)
    await page.get_by_text("Prévoir une réunion du candidat et du centre").click()
    await page.fill("#day", "2026-09-22")
    await page.fill("#at", "10:00")
    await page.fill("#place", "Rue Royale 45")
    await page.select_option("#led_by", str(reviewer_id))
    await press(page, "Inviter à cette réunion")
    assert await page.locator("dt", has_text="Qui la mène").locator("+ dd").inner_text() == "Ahmed Lambert"
    await page.get_by_label("Pas d’accord").check()
    await page.fill("#note", "Chacun reste sur sa position.")
    await press(page, "Noter le résultat")
    await page.get_by_label("suivi d’une nouvelle épreuve").check()
    await page.fill("#motivation", "La fiche de l’observateur confirme un support humide.")
    await press(page, "Envoyer la réponse")


async def lived(hall: Hall) -> dict[str, list[str]]:
    """Every page of it, in the states that look different."""
    now = hall.street.now
    failed, decision = await hall.street.tested(hall.street.noor_id, "fail", i1_1="not_met", i2_2="not_observed")
    await hall.street.react()
    session, booking = await judged(hall)
    tied_session, tied = await judged(hall, days=1, candidate_id=hall.street.sam_id)
    async with hall.db.transaction() as tx:
        reviewer = await an_assessor(tx, now=now)
        appeal = await appeals.lodge(tx, decision, "Le mur était d’aplomb.", by=None, now=now)
        await appeals.admit(tx, appeal, by=None, now=now)
        await appeal_reviewers.appoint(tx, appeal, reviewer, now=now)
        meeting = mediations.Meeting(now + timedelta(days=7), 60, "Rue Royale 45", reviewer)
        await mediations.plan(tx, appeal, meeting, by=None, now=now)
        centre = hall.street.room.centre_id
        complaint = await complaints.lodge(
            tx, hall.street.noor_id, centre, "facility", "Froid.", now=now - timedelta(days=20)
        )
        await links.declare(tx, hall.observer_id, hall.street.sam_id, "kinship", by=None, now=now)
    await hall.street.react()
    return {
        "manager": [
            f"/centre/sessions/{session}/results", f"/centre/sessions/{tied_session}/results",
            f"/centre/bookings/{booking}/deliberation", f"/centre/bookings/{tied}/deliberation",
            "/appeals", f"/appeals/{appeal}", "/centre/complaints", f"/centre/complaints/{complaint}",
        ],
        "administrator": ["/appeals", f"/appeals/{appeal}", f"/centre/complaints/{complaint}"],
        "noor": [f"/bookings/{failed}/result", "/complaints", f"/complaints/new?booking={failed}", "/journey"],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "nl", "en", "de"])
@pytest.mark.pages  # in every width: make test-pages
async def test_no_page_has_a_finding(hall: Hall, address: str, browser: Browser, language: str, width: int) -> None:
    found = []
    people = {"manager": hall.manager, "administrator": hall.administrator, "noor": hall.street.noor}
    for name, visited in (await lived(hall)).items():
        page = await window(browser, address, people[name], language, bypass_csp=True)
        for path in visited:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found += await faults_at(page, width, path)
    assert found == []
