"""A planner changes how many places a session has, and opens a whole series at once."""

from uuid import UUID

import pytest

from scheduling import equipment_reservations, sessions
from tests.builders.hall import Hall, text
from tests.service.test_pages_equipment import with_forklifts
from tests.service.test_pages_planning import marks, pattern


async def held(hall: Hall, session: UUID) -> list[str]:
    async with hall.db.read() as tx:
        rows = await tx.fetch(
            """select e.name from scheduling.equipment_reservations q join scheduling.equipment e on e.id = q.equipment_id
               where q.session_id = $1 and q.released_at is null order by e.name""",
            session,
        )
    return [row["name"] for row in rows]


async def seats(hall: Hall, session: UUID) -> int:
    async with hall.db.read() as tx:
        return (await sessions.get(tx, session)).seats


async def test_places_change_with_the_equipment_that_they_need(hall: Hall) -> None:
    """And never below what is taken, nor above what room, evaluators and equipment hold."""
    await with_forklifts(hall, 4)
    session = await hall.planned(seats=2)
    here = f"/centre/sessions/{session}/places"
    async with hall.db.transaction() as tx:
        await equipment_reservations.reserve_what_is_needed(tx, session)
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    await hall.street.book(session)
    assert here in (await hall.manager.get(f"/centre/sessions/{session}")).text
    assert "1 place est prise" in text(await hall.manager.get(here))
    assert len(await held(hall, session)) == 2
    for wanted in (3, 1):
        answer = await hall.manager.post(here, data={"seats": str(wanted)})
        assert answer.status_code == 303, text(answer)
        assert (await seats(hall, session), len(await held(hall, session))) == (wanted, wanted)
    await hall.manager.post(here, data={"seats": "2"})
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    for wanted, status, said in (
        ("1", 409, "plus de places prises que cela : 2"),
        ("0", 422, "1 au moins"),
        ("many", 422, "1 au moins"),
        ("400", 409, "Il n’y a pas assez d’équipement libre"),
    ):
        answer = await hall.manager.post(here, data={"seats": wanted})
        assert (answer.status_code, '<a href="#seats">' in answer.text) == (status, True), text(answer)
        assert said in text(answer)
    assert (await seats(hall, session), len(await held(hall, session))) == (2, 2)
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    for page in (await hall.manager.get(here), await hall.manager.post(here, data={"seats": "3"})):
        assert "Les candidats ont leur convocation" in text(page)
        assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert await seats(hall, session) == 2
    assert (await hall.street.other_manager.get(here)).status_code == 404


@pytest.mark.parametrize("is_drawn", [False, True])
async def test_the_drafts_of_a_series_open_together(hall: Hall, is_drawn: bool) -> None:
    """But those that cannot be, which stay drafts, and it is said how many."""
    seen = await hall.manager.post("/centre/series/preview", data=pattern(hall))
    planned = await hall.manager.post("/centre/series", data=pattern(hall, chosen=marks(seen)))
    page = await hall.manager.get(planned.headers["location"])
    first = planned.headers["location"].partition("draft=")[2]
    assert f"/centre/sessions/{first}/series/opening" in page.text
    if is_drawn:
        drawn = {"day": "2026-09-10", "at": "12:00"}
        assert (await hall.manager.post(f"/centre/sessions/{first}/announcement", data=drawn)).status_code == 303
    assert "Ouvrir les 4 brouillons de cette série" in text(await hall.manager.get(f"/centre/sessions/{first}"))
    answer = await hall.manager.post(f"/centre/sessions/{first}/series/opening")
    assert answer.status_code == 303
    page = text(await hall.manager.get(answer.headers["location"]))
    assert f"{3 if is_drawn else 4} sessions sont ouvertes aux réservations" in page
    assert ("1 session reste un brouillon" in page) == is_drawn
    async with hall.db.read() as tx:
        states = [row["opened_at"] is None for row in await tx.fetch("select opened_at from scheduling.sessions")]
        news = await tx.fetchval("select count(*) from service.outbox where topic = 'session.opened'")
    assert (states.count(True), news) == ((1, 3) if is_drawn else (0, 4))
