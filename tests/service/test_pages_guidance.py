"""Guidance: after two failures, wherever they were, a centre that is accredited for the trade notes the meeting."""

from uuid import UUID, uuid4

import pytest

from assessments import accreditations, enrolments
from scheduling import bookings, refusals, sessions
from tests.builders.assessments import YEARS
from tests.builders.hall import Hall, text

PAGE = "/centre/guidance"


async def twice(hall: Hall) -> UUID:
    """Noor has failed twice here; her file for the unit."""
    for days_ago in (28, 7):
        await hall.street.tested(hall.street.noor_id, "fail", days_ago=days_ago, i1_1="not_met")
        await hall.street.react()
    async with hall.db.transaction() as tx:
        return await enrolments.enrol(tx, hall.street.noor_id, hall.street.unit.id, by=None, now=hall.street.now)


async def a_place(hall: Hall) -> UUID:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    return session


async def books(hall: Hall, session: UUID) -> None:
    async with hall.db.transaction() as tx:
        await bookings.book(tx, session, hall.street.noor_id, by=None, now=hall.street.now)


async def accredited_next_door(hall: Hall) -> UUID:
    """The other manager's centre may hold our trade's tests, too."""
    async with hall.db.transaction() as tx:
        centre: UUID = await tx.fetchval("select centre_id from service.accounts where email = 'other@example.org'")
        first, last = YEARS
        await accreditations.grant(
            tx, centre, hall.street.unit.trade_id, first_day=first, last_day=last, reference="AGR-9"
        )
    return centre


async def test_who_failed_twice_is_listed_guided_and_can_book_again(hall: Hall) -> None:
    file, session = await twice(hall), await a_place(hall)
    with pytest.raises(refusals.GuidanceRequired):
        await books(hall, session)
    page = text(await hall.manager.get(PAGE))
    assert "Noor Peeters" in page
    assert "Sam De Smet" not in page
    said = await hall.manager.post(PAGE, data={"enrolment": str(file)})
    assert (said.status_code, "Choisissez l’avis" in text(said)) == (422, True)
    assert f'href="#advice-{file}"' in said.text

    noted = await hall.manager.post(PAGE, data={"enrolment": str(file), "advice": "unfavourable"})
    assert noted.status_code == 303
    page = text(await hall.manager.get(noted.headers["location"]))
    assert "L’entretien est noté" in page
    assert "Noor Peeters" not in page
    assert "entraînez-vous d’abord" in text(await hall.street.noor.get("/journey")).lower()
    await books(hall, session)  # no advice refuses anybody


async def test_a_centre_guides_whom_it_knows_for_trades_that_it_is_accredited_for(hall: Hall) -> None:
    """Another one sees nobody of ours, accredited or not."""
    file = await twice(hall)
    for is_accredited in (False, True):
        if is_accredited:
            await accredited_next_door(hall)
        assert "Noor" not in text(await hall.street.other_manager.get(PAGE))
        page = await hall.street.other_manager.post(PAGE, data={"enrolment": str(file), "advice": "reserved"})
        program = await hall.street.other_manager.post(
            f"/api/v1/enrolments/{file}/guidance", json={"advice": "reserved"}
        )
        assert (page.status_code, program.status_code) == (404, 404)
    async with hall.db.transaction() as tx:
        await tx.execute("delete from assessments.accreditations where centre_id = $1", hall.street.room.centre_id)
    assert "Noor" not in text(await hall.manager.get(PAGE))
    assert (await hall.manager.post(PAGE, data={"enrolment": str(file), "advice": "reserved"})).status_code == 404, (
        "no specialist of the trade sits there"
    )


async def test_who_comes_from_elsewhere_says_their_address(hall: Hall) -> None:
    await twice(hall)
    centre = await accredited_next_door(hall)
    session, other = await a_place(hall), hall.street.other_manager
    form = {"email": "Noor@Example.org ", "unit": hall.street.unit.code, "advice": "favourable"}
    unknown = text(await other.post(PAGE, data=form | {"email": "nobody@example.org"}))
    assert "Nous ne connaissons aucun candidat avec cette adresse" in unknown
    missing = text(await other.post(PAGE, data={}))
    assert "Choisissez sur quoi portait l’entretien" in missing
    with pytest.raises(refusals.GuidanceRequired):
        await books(hall, session)
    assert (await other.post(PAGE, data=form)).status_code == 303
    await books(hall, session)
    sam = {"email": "sam@example.org", "unit": hall.street.unit.code, "advice": "reserved"}
    assert (await other.post(f"/api/v1/centres/{centre}/guidance", json=sam)).status_code == 204
    async with hall.db.read() as tx:
        guided = await enrolments.of(tx, hall.street.sam_id, hall.street.unit.id)
    assert guided.advice == "reserved", "the first meeting opens the file"


async def test_programs_read_and_note_it(hall: Hall) -> None:
    file, centre = await twice(hall), hall.street.room.centre_id
    (one,) = (await hall.manager.get(f"/api/v1/centres/{centre}/guidance")).json()
    assert (one["enrolment_id"], one["failures"], one["unit_code"]) == (str(file), 2, hall.street.unit.code)
    noted = await hall.manager.post(f"/api/v1/enrolments/{file}/guidance", json={"advice": "reserved"})
    assert noted.status_code == 204
    assert (await hall.manager.get(f"/api/v1/centres/{centre}/guidance")).json() == []
    gone = await hall.manager.post(f"/api/v1/enrolments/{uuid4()}/guidance", json={"advice": "reserved"})
    assert gone.status_code == 404
