"""An appeal over the interface: reviewed by an outsider, upheld, and the certificate that follows. And the report."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from litestar import Litestar

from service import outbox
from service.reactions import BY_TOPIC
from tests.builders.assessments import Sitting, a_released_decision, an_assessor
from tests.builders.web import serving, signed_in


@pytest.fixture
async def failed(
    database_url: str, valkey_url: str, tmp_path: Path, now: datetime
) -> AsyncIterator[tuple[Litestar, Sitting, UUID]]:
    """Somebody failed, and was told this morning."""
    today: Callable[[], datetime] = lambda: now + timedelta(days=15)  # noqa: E731
    async with serving(database_url, valkey_url, tmp_path, today) as app:
        async with app.state.running.db.as_house().transaction() as tx:
            sitting, decision = await a_released_decision(tx, now=now, outcome="fail")
        yield app, sitting, decision


async def test_an_upheld_appeal_brings_the_certificate(failed: tuple[Litestar, Sitting, UUID]) -> None:
    app, sitting, decision = failed
    async with app.state.running.db.as_house().transaction() as tx:
        outsider = await an_assessor(tx, now=app.state.running.now())
    candidate = await signed_in(app, "c@example.org", "candidate", candidate_id=sitting.candidate)
    administrator = await signed_in(app, "a@example.org", "administrator")
    reviewer = await signed_in(app, "r@example.org", "assessor", assessor_id=outsider)
    manager = await signed_in(app, "m@example.org", "manager", centre_id=sitting.centre, assessor_id=sitting.manager)

    lodged = await candidate.post(f"/api/v1/decisions/{decision}/appeal", json={"grounds": "The level was wrong"})
    assert lodged.status_code == 201
    address = f"/api/v1/appeals/{lodged.json()['id']}"
    answer = {"outcome": "upheld", "motivation": "It was", "revised": "pass"}
    assert (await reviewer.post(f"{address}/answer", json=answer)).status_code == 404, "not appointed yet"
    early = await administrator.put(f"{address}/reviewers/{outsider}")
    assert early.json()["type"] == "/problems/appeal-not-admitted"
    assert (await manager.put(f"{address}/admissibility", json={"admissible": True})).status_code == 403
    assert (await administrator.put(f"{address}/admissibility", json={"admissible": True})).status_code == 200
    again = await administrator.put(f"{address}/admissibility", json={"admissible": False, "reason": "Trop tard."})
    assert again.json()["type"] == "/problems/appeal-already-ruled"
    juror = await administrator.put(f"{address}/reviewers/{sitting.evaluator}")
    assert juror.json()["type"] == "/problems/reviewer-in-jury"
    assert (await administrator.put(f"{address}/reviewers/{uuid4()}")).status_code == 404
    assert (await administrator.put(f"{address}/reviewers/{outsider}")).status_code == 200
    assert (await reviewer.post(f"{address}/answer", json={**answer, "revised": None})).status_code in (400, 422)
    assert (await reviewer.post(f"{address}/answer", json=answer)).status_code == 201
    assert (await reviewer.post(f"{address}/answer", json=answer)).json()["type"] == "/problems/appeal-answered"

    async with app.state.running.db.as_house().read() as tx:
        revised = await tx.fetchval("select id from assessments.decisions where revises = $1", decision)
    assert (await manager.put(f"/api/v1/decisions/{revised}/release")).json()["outcome"] == "pass"
    await outbox.drain(app.state.running.as_house(), BY_TOPIC)
    assert [one["status"] for one in (await candidate.get("/api/v1/certificates")).json()] == ["valid"]


async def test_the_annual_report_is_for_the_centres(failed: tuple[Litestar, Sitting, UUID]) -> None:
    app, sitting, _ = failed
    manager = await signed_in(app, "m@example.org", "manager", centre_id=sitting.centre)
    candidate = await signed_in(app, "c@example.org", "candidate", candidate_id=sitting.candidate)
    report = (await manager.get("/api/v1/reports/annual/2026")).json()
    own = next(line for line in report["lines"] if line["line"] == "validations_and_screenings")
    assert own["total"] == 1
    assert (await candidate.get("/api/v1/reports/annual/2026")).status_code == 403
    for year in ("1999", "99999999999999999999", "x", "-1"):
        assert (await manager.get(f"/api/v1/reports/annual/{year}")).status_code in (404, 422)
