"""An assessor's data, on pages: the copy that is theirs, the wish to be forgotten, and the centre that sees who leaves."""

from datetime import timedelta

import httpx

from assessments import assessors
from service import exports
from service.exports import Whose
from service.outbox import drain
from service.reactions import BY_TOPIC
from tests.builders.assessments import an_assessor
from tests.builders.hall import Hall, text
from tests.builders.web import signed_in


async def a_stranger(hall: Hall) -> tuple[httpx.AsyncClient, object]:
    """An observer for whom nobody waits."""
    async with hall.db.transaction() as tx:
        one = await an_assessor(tx, now=hall.street.now - timedelta(days=9))
    return await signed_in(hall.street.app, "calm@example.org", "assessor", assessor_id=one), one


async def test_a_copy_is_asked_for_made_and_fetched_by_its_owner_only(hall: Hall) -> None:
    assert (await hall.evaluator.post("/record/exports")).status_code == 303
    assert "Votre copie est en préparation" in text(await hall.evaluator.get("/record"))
    await drain(hall.street.app.state.running.as_house(), BY_TOPIC)
    async with hall.db.read() as tx:
        (copy,) = await exports.of(tx, Whose(assessor_id=hall.evaluator_id), now=hall.street.now)
    path = f"/record/exports/{copy.id}/archive.zip"
    assert path in (await hall.evaluator.get("/record")).text
    answer = await hall.evaluator.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert (await hall.observer.get(path)).status_code == 404
    assert (await hall.street.noor.get(path)).status_code in (403, 404)


async def test_who_has_a_seat_is_told_why_it_waits_and_may_stay(hall: Hall) -> None:
    await hall.planned()
    page = text(await hall.evaluator.get("/record"))
    assert "Vous avez un siège dans un jury" in page
    assert (await hall.evaluator.post("/record/erasure", data={})).status_code in (400, 422), "the box is to be ticked"
    assert (await hall.evaluator.post("/record/erasure", data={"confirmed": "yes"})).status_code == 303
    assert "Vous nous avez demandé de vous oublier" in text(await hall.evaluator.get("/record"))
    async with hall.db.read() as tx:
        name = (await assessors.get(tx, hall.evaluator_id)).name
    for reader in (hall.manager, hall.administrator):
        page = text(await reader.get("/centre/leaving"))
        assert name in page
        assert "un siège dans un jury" in page
        assert "1er octobre 2026" in page, "a month to answer"
    assert (await hall.evaluator.get("/centre/leaving")).status_code == 403
    assert (await hall.evaluator.post("/record/erasure/withdrawal")).status_code == 303
    assert name not in text(await hall.manager.get("/centre/leaving"))


async def test_for_whom_nobody_waits_is_forgotten_at_once_and_signed_out(hall: Hall) -> None:
    calm, one = await a_stranger(hall)
    answer = await calm.post("/record/erasure", data={"confirmed": "yes"})
    assert "Vos données sont" in text(answer)
    assert (await calm.get("/record")).status_code in (303, 401)
    async with hall.db.read() as tx:
        assert (await assessors.get(tx, one)).erased_at == hall.street.now  # type: ignore[arg-type]
