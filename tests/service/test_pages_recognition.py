"""The pages of an EVC: the desk records result and fee, the candidate reads it, on paper too; clean on every width."""

from datetime import datetime
from pathlib import Path

from assessments import ratings, recordings
from tests.assessments.test_recognitions import EVC
from tests.builders.assessments import a_sitting, all_met, an_assessor
from tests.builders.browser import CHROMIUM, chromium, findings, free_port, over_http
from tests.builders.hall import Hall, text
from tests.builders.web import signed_in


async def test_a_result_is_recorded_released_and_read(hall: Hall, now: datetime, tmp_path: Path) -> None:
    app = hall.street.app
    async with hall.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now, scheme=EVC)
        await tx.execute("update assessments.candidates set status = 'worker' where id = $1", sitting.candidate)
        outsider = await an_assessor(tx, now=now, centre_id=sitting.centre)
        for who, role in ((sitting.evaluator, "evaluator"), (sitting.observer, "observer")):
            grid = await recordings.start(tx, sitting.booking, who, role, now=now)  # type: ignore[arg-type]
            await ratings.rate(tx, grid, all_met(observer=role == "observer"), by=None, now=now)
            await recordings.submit(tx, grid, by=None, now=now)
    desk = await signed_in(app, "m@example.org", "manager", centre_id=sitting.centre, assessor_id=outsider)
    candidate = await signed_in(app, "c@example.org", "candidate", candidate_id=sitting.candidate)
    here = f"/centre/bookings/{sitting.booking}"
    assert f"{here}/recognition" in (await desk.get(f"/centre/sessions/{sitting.session}")).text
    assert "The grids propose The whole qualification" in text(await desk.get(f"{here}/recognition?lang=en"))
    assert (await desk.post(f"{here}/recognition", data={"result": "competences"})).status_code == 422
    assert (await desk.post(f"{here}/fee", data={"settled_as": "waived"})).status_code == 422
    assert (await desk.post(f"{here}/fee", data={"settled_as": "paid"})).status_code == 303
    assert "Paid 120 €" in text(await desk.get(f"{here}/recognition?lang=en"))
    assert (await candidate.get(f"/bookings/{sitting.booking}/result")).status_code == 404
    said = {"result": "part-qualification", "motivation": "Une partie suffit."}
    assert (await desk.post(f"{here}/recognition", data=said)).status_code == 303
    assert (await candidate.get(f"/bookings/{sitting.booking}/result")).status_code == 404
    assert (await desk.post(f"{here}/recognition/release")).status_code == 303
    await hall.street.react()
    read = text(await candidate.get(f"/bookings/{sitting.booking}/result?lang=en"))
    assert "A part of your qualification is recognised" in read
    assert "Une partie suffit." in read
    paper = await candidate.get(f"/bookings/{sitting.booking}/result.pdf")
    assert paper.content[:5] == b"%PDF-"
    async with hall.db.read() as tx:
        assert await tx.fetchval("select closed_at is not null from scheduling.bookings where id = $1", sitting.booking)
        assert await tx.fetchval("select count(*) from service.outbox where done_at is null") == 0
    if CHROMIUM.exists():
        for who, path in ((desk, f"{here}/recognition"), (candidate, f"/bookings/{sitting.booking}/result")):
            assert await seen(hall, who.cookies["preuve"], path) == []


async def seen(hall: Hall, secret: str, path: str) -> list[str]:
    found = []
    async with over_http(hall.street.app, free_port()) as address, chromium() as browser:
        context = await browser.new_context(base_url=address, bypass_csp=True)
        await context.add_cookies([{"name": "preuve", "value": secret, "url": address}])
        page = await context.new_page()
        for width in (1280, 320):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(path)
            found += await findings(page)
            if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{path} at {width}: wider than the screen")
    return found
