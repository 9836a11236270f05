"""A jury once its list is closed: who leaves is replaced in the same step, by page and by program."""

from uuid import UUID

from scheduling import bookings, jury_seats, sessions
from tests.builders.hall import Hall, an_assessor_of, text


async def closed_list(hall: Hall) -> tuple[UUID, dict[str, UUID]]:
    """A session whose summonses are out, and its seats by role."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
        await bookings.book(tx, session, hall.street.noor_id, by=None, now=hall.street.now)
        await sessions.lock(tx, session, by=None, now=hall.street.now)
        return session, {seat.role: seat.id for seat in await jury_seats.of_session(tx, session)}


async def sitting(hall: Hall, session: UUID) -> dict[str, UUID]:
    async with hall.db.read() as tx:
        return {seat.role: seat.assessor_id for seat in await jury_seats.of_session(tx, session)}


async def newcomer(hall: Hall, name: str, role: str | None) -> UUID:
    centre = None if role == "observer" else hall.street.room.centre_id
    async with hall.db.transaction() as tx:
        return await an_assessor_of(tx, hall.street, "Ilse", name, role, centre)


async def test_the_page_replaces_and_does_not_free(hall: Hall) -> None:
    """Each role, the manager too; who is not offered is refused in words, and then nobody has left."""
    session, seats = await closed_list(hall)
    people = {
        "evaluator": await newcomer(hall, "Jacobs", "evaluator"),
        "observer": await newcomer(hall, "Maes", "observer"),
        "manager": await newcomer(hall, "Leroy", None),
    }
    page = await hall.manager.get(f"/centre/sessions/{session}/jury")
    assert "Reprendre le siège" not in text(page)
    refused = await hall.manager.post(f"/centre/jury-seats/{seats['manager']}/release")
    assert (refused.status_code, "Le jury n’est pas complet" in text(refused)) == (409, True)
    before = await sitting(hall, session)
    busy = {"assessor_id": str(before["observer"])}
    refused = await hall.manager.post(f"/centre/jury-seats/{seats['evaluator']}/replacement", data=busy)
    assert (refused.status_code, await sitting(hall, session)) == (422, before)
    for role, seat in seats.items():
        form = page.text.partition(f'action="/centre/jury-seats/{seat}/replacement"')[2].partition("</form>")[0]
        assert f'<option value="{people[role]}">' in form
        chosen = {"assessor_id": str(people[role])}
        answer = await hall.manager.post(f"/centre/jury-seats/{seat}/replacement", data=chosen)
        assert answer.headers["location"] == f"/centre/sessions/{session}/jury"
    assert await sitting(hall, session) == people
    await hall.street.react()
    async with hall.db.read() as tx:
        told = await tx.fetch("select recipient from service.mails where recipient like '%@example.org'")
    assert {"jacobs@example.org", "maes@example.org", "leroy@example.org", "ouhadi@example.org"} <= {
        row["recipient"] for row in told
    }


async def test_a_program_replaces_and_another_centre_does_not(hall: Hall) -> None:
    session, seats = await closed_list(hall)
    order = {"assessor_id": str(await newcomer(hall, "Jacobs", "evaluator"))}
    address = f"/api/v1/jury-seats/{seats['evaluator']}"
    freed = await hall.manager.delete(address)
    assert (freed.status_code, freed.json()["type"]) == (409, "/problems/seats-exceed-capacity")
    assert (await hall.street.other_manager.post(f"{address}/replacement", json=order)).status_code == 404
    answer = await hall.manager.post(f"{address}/replacement", json=order)
    assert (answer.status_code, answer.json()["assessor_id"], answer.json()["role"]) == (
        201, order["assessor_id"], "evaluator",
    )  # fmt: skip
    assert (await hall.manager.post(f"{address}/replacement", json=order)).status_code == 409
    assert str((await sitting(hall, session))["evaluator"]) == order["assessor_id"]
