"""The pages of an EVC: the desk records result and fee, the candidate reads it, on paper too; clean on every width."""

from datetime import datetime
from pathlib import Path

from assessments import ratings, recordings
from tests.assessments.test_recognitions import EVC
from tests.builders.assessments import a_sitting, all_met, an_assessor
from tests.builders.browser import CHROMIUM, chromium, faults_at, free_port, over_http
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
    booked = f"/bookings/{sitting.booking}?lang=en"
    assert "Fee 120 € To be paid" in text(await candidate.get(booked))
    assert (await desk.post(f"{here}/fee", data={"settled_as": "waived"})).status_code == 422
    assert (await desk.post(f"{here}/fee", data={"settled_as": "paid"})).status_code == 303
    assert "Paid 120 €" in text(await desk.get(f"{here}/recognition?lang=en"))
    assert "Fee 120 € Paid" in text(await candidate.get(booked))
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
    async with over_http(hall.street.app, free_port()) as address, chromium() as browser:
        context = await browser.new_context(base_url=address, bypass_csp=True)
        await context.add_cookies([{"name": "preuve", "value": secret, "url": address}])
        page = await context.new_page()
        await page.goto(path)
        return [*await faults_at(page, 1280, path), *await faults_at(page, 320, path)]


async def test_an_appeal_revises_it_and_the_certificate_follows_once(hall: Hall, now: datetime) -> None:
    """Told on paper, appealed against on the page, answered by a panel; the old certificate goes and a new one comes."""
    app = hall.street.app
    async with hall.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now, scheme=EVC)
        outsider = await an_assessor(tx, now=now, centre_id=sitting.centre)
        reviewer = await an_assessor(tx, now=now)
        grid = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(tx, grid, all_met(i1_1="not_met"), by=None, now=now)
        await recordings.submit(tx, grid, by=None, now=now)
    desk = await signed_in(app, "m@example.org", "manager", centre_id=sitting.centre, assessor_id=outsider)
    candidate = await signed_in(app, "c@example.org", "candidate", candidate_id=sitting.candidate)
    admin = await signed_in(app, "a@example.org", "administrator")
    panel = await signed_in(app, "p@example.org", "assessor", assessor_id=reviewer)
    api = f"/api/v1/bookings/{sitting.booking}"
    found = (await desk.get(f"{api}/recognition")).json()
    assert (found["proposal"], found["recognition"]) == (
        {"result": "part-qualification", "competences": ["2"]},
        None,
    )
    taken = (await desk.post(f"{api}/recognition", json={"result": "part-qualification"})).json()
    assert (await desk.put(f"/api/v1/decisions/{taken['id']}/release")).status_code == 200
    await hall.street.react()
    first = (await candidate.get("/api/v1/certificates")).json()
    assert [one["status"] for one in first] == ["valid"]
    shown = (await candidate.get(f"/api/v1/certificates/{first[0]['public_code']}")).json()
    assert (shown["recognised"], len(shown["competences"])) == ("part-qualification", 1)
    read = text(await candidate.get(f"/bookings/{sitting.booking}/result?lang=en"))
    assert "What you did not show yet" in read
    grounds = {"grounds": "J’ai aussi montré le reste."}
    assert (await candidate.post(f"/decisions/{taken['id']}/appeal", data=grounds)).status_code == 303
    async with hall.db.read() as tx:
        appeal = await tx.fetchval("select id from assessments.appeals")
    assert (await admin.post(f"/appeals/{appeal}/admissibility", data={"admissible": "yes"})).status_code == 303
    assert (await admin.put(f"/api/v1/appeals/{appeal}/reviewers/{reviewer}")).status_code == 200
    assert "upheld: the whole qualification is recognised" in text(await panel.get(f"/appeals/{appeal}?lang=en"))
    wrong = await panel.post(f"/appeals/{appeal}/answer", data={"answer": "pass", "motivation": "Vu"})
    assert wrong.status_code == 409
    said = {"answer": "part-qualification", "competences": ["1", "2"], "motivation": "Les photos le montrent."}
    assert (await panel.post(f"/appeals/{appeal}/answer", data=said)).status_code == 303
    await hall.street.react()
    assert [one["status"] for one in (await candidate.get("/api/v1/certificates")).json()] == ["withdrawn"]
    assert (await desk.post(f"/centre/bookings/{sitting.booking}/recognition/release")).status_code == 303
    await hall.street.react()
    await hall.street.react()
    assert sorted(one["status"] for one in (await candidate.get("/api/v1/certificates")).json()) == [
        "valid",
        "withdrawn",
    ]
    async with hall.db.as_house().read() as tx:
        new = await tx.fetchrow("select recognised, competences from certificates.register where withdrawn_at is null")
        assert await tx.fetchval("select count(*) from service.outbox where done_at is null") == 0
    assert (new["recognised"], len(new["competences"])) == ("part-qualification", 2)
    assert "revised after an appeal" in text(await candidate.get(f"/bookings/{sitting.booking}/result?lang=en"))
