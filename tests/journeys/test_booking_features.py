"""What booking systems are compared by, row by row, each shown once over HTTP against the running service.

The rows are those by which pretix, Cal.com, Indico, Moodle's mod_booking and public driving-test services are told apart.
Whoever wants to know how far a row holds finds its rules, races and edge cases in tests/scheduling, tests/races and
tests/service; here a row is a short story that can be read from top to bottom.

Rows 14 to 25, of the centre's side and of what goes around a test, are in test_booking_features_of_centres.py.
"""

from datetime import date, timedelta

from tests.builders.features import (
    Town,
    Watch,
    another_room,
    booked,
    clock,
    later,
    plan,
    problem,
    town,
    unit_of,
    watch,
    worked,
)
from tests.builders.web import signed_in

__all__ = ["clock", "town", "watch"]  # fixtures


async def test_row_01_self_booking(town: Town) -> None:
    """A candidate finds a place, holds it, and takes it for good."""
    session = await town.open_session()
    assert str(session) in [place["session_id"] for place in (await town.candidate.get("/api/v1/places")).json()]
    held = await town.candidate.post(
        "/api/v1/holds", json={"session_id": str(session)}, headers={"Idempotency-Key": "a-hold"}
    )
    assert (held.status_code, held.json()["state"]) == (201, "held")
    assert (await town.candidate.post(f"{held.headers['location']}/acceptance")).status_code in (200, 201)
    assert (await town.candidate.get(held.headers["location"])).json()["state"] == "confirmed"


async def test_row_02_capacity(town: Town) -> None:
    """Never more bookings than seats; who comes too late reads why, and what could be done."""
    session, _ = await booked(town, seats=1)
    refused = await town.book(session, "key-2", town.rival)
    assert problem(refused) == "session-full"
    assert refused.json()["why_not"]["title"]


async def test_row_03_room_assessors_and_candidate_together(town: Town) -> None:
    """Three calendars at once: none of room, jury and candidate is in two places."""
    await booked(town)
    beside = await another_room(town)
    assert problem(await plan(town, town.stage.morning + timedelta(hours=1))) == "room-busy"
    draft = (await plan(town, town.stage.morning, beside)).json()["id"]
    seat = {"assessor_id": str(town.stage.evaluator), "role": "evaluator"}
    assert problem(await town.manager.post(f"/api/v1/sessions/{draft}/jury-seats", json=seat)) == "assessor-busy"
    async with town.db.transaction() as tx:
        elsewhere = await town.there.open(tx)
    assert problem(await town.book(elsewhere, "key-2")) == "candidate-busy"


async def test_row_04_qualification_gates(town: Town) -> None:
    """Who is too young, or related to the jury, is refused with the reason; without an accreditation nothing opens."""
    session = await town.open_session()
    async with town.db.transaction() as tx:
        child = await town.stage.candidate(tx, birth_date=date(2012, 1, 1))
        await town.stage.link(tx, town.stage.observer, town.candidate_id)
        await town.stage.accredit(tx, date(2020, 1, 1), date(2021, 1, 1))
    young = await signed_in(town.app, "young@example.org", "candidate", candidate_id=child)
    assert problem(await town.book(session, "key-1", young)) == "candidate-too-young"
    assert problem(await town.book(session, "key-2")) == "assessor-knows-candidate"
    draft = (await plan(town, town.stage.morning + timedelta(days=1))).json()["id"]
    assert problem(await town.manager.put(f"/api/v1/sessions/{draft}/opening")) == "accreditation-missing"


async def test_row_05_holds(town: Town, watch: Watch) -> None:
    """A held seat is nobody else's for ten minutes, and then anybody's."""
    session = await town.open_session(seats=1)
    order = {"session_id": str(session)}
    await town.candidate.post("/api/v1/holds", json=order, headers={"Idempotency-Key": "a-hold"})
    assert problem(await town.book(session, "key-1", town.rival)) == "session-full"
    await later(town, watch, minutes=11)
    assert (await town.book(session, "key-2", town.rival)).status_code == 201


async def test_row_06_waiting_list(town: Town) -> None:
    """A seat that comes free is offered to who waits, and to nobody else meanwhile."""
    _, booking = await booked(town, seats=1)
    wish = {"unit": await unit_of(town), "languages": ["fr"], "earliest": "2026-09-01"}
    joined = await town.rival.post("/api/v1/waiting", json=wish)
    assert joined.status_code == 201, joined.text
    await town.candidate.post(f"{booking}/cancellation")
    await worked(town)
    (offered,) = (await town.rival.get("/api/v1/bookings")).json()
    assert offered["state"] == "held"
    assert (await town.rival.post(f"/api/v1/bookings/{offered['id']}/acceptance")).status_code in (200, 201)


async def test_row_07_deadlines(town: Town) -> None:
    """Once the list is closed nobody books any more, and those on it are summoned."""
    session, booking = await booked(town)
    assert (await town.manager.put(f"/api/v1/sessions/{session}/lock")).status_code == 200
    assert problem(await town.book(session, "key-2", town.rival)) == "session-not-open"
    await worked(town)
    assert (await town.candidate.get(booking)).json()["state"] == "convoked"


async def test_row_08_buffers(town: Town) -> None:
    """Setting up and tearing down are real time: half an hour on either side of four."""
    await town.open_session()
    assert problem(await plan(town, town.stage.morning + timedelta(hours=4, minutes=45))) == "room-busy"
    assert (await plan(town, town.stage.morning + timedelta(hours=5))).status_code == 201


async def test_row_09_groups(town: Town) -> None:
    """A session is split: part of the group goes to a second one, with its jury, in one step."""
    session, first = await booked(town)
    second = (await town.book(session, "key-2", town.rival)).headers["location"]
    split = await town.manager.post(f"/api/v1/sessions/{session}/split", json={
        "room_id": str(town.stage.room), "starts_at": (town.stage.morning + timedelta(days=1)).isoformat(), "seats": 1,
        "jury": [{"assessor_id": str(town.stage.evaluator), "role": "evaluator"}],
        "bookings": [second.rpartition("/")[2]],
    })  # fmt: skip
    assert split.status_code == 201, split.text
    assert (await town.candidate.get(first)).json()["session_id"] == str(session)
    assert [
        one["session_id"] for one in (await town.rival.get("/api/v1/bookings")).json() if one["release"] is None
    ] == [split.json()["id"]]


async def test_row_10_equipment(town: Town) -> None:
    """Each candidate has a piece of equipment, or there is no seat: four pods are four seats."""
    assert problem(await plan(town, town.stage.morning, seats=5)) == "equipment-short"
    session = (await plan(town, town.stage.morning, seats=3)).json()["id"]
    assert len((await town.manager.get(f"/api/v1/sessions/{session}")).json()["equipment"]) == 3


async def test_row_11_attempts(town: Town, watch: Watch) -> None:
    """One live booking for a unit; after a test that was missed another attempt is open."""
    session, booking = await booked(town)
    other = await town.open_session(starts_at=town.stage.morning + timedelta(days=1))
    assert problem(await town.book(other, "key-2")) == "unit-already-booked"
    await town.manager.put(f"/api/v1/sessions/{session}/lock")
    await later(town, watch, days=14)
    assert (await town.manager.put(f"{booking}/no-show")).status_code == 200
    assert (await town.book(other, "key-3")).status_code == 201


async def test_row_12_adjustments(town: Town) -> None:
    """A quarter more time is a quarter more time: in the candidate's calendar, the room's and the jury's."""
    asked = await town.candidate.post("/api/v1/measures", json={"measure": "extra_time", "extra_percent": 25})
    await booked(town)
    answer = await town.manager.put(f"/api/v1/measures/{asked.json()['id']}/answer", json={"answer": "granted"})
    assert answer.json()["widened"] == 1
    assert problem(await plan(town, town.stage.morning + timedelta(hours=5))) == "room-busy"
    assert (await plan(town, town.stage.morning + timedelta(hours=6))).status_code == 201


async def test_row_13_no_shows(town: Town, watch: Watch) -> None:
    """Who did not come is noted, not before the hour, knows it, and may say why; a mistake is taken back."""
    session, booking = await booked(town)
    await town.manager.put(f"/api/v1/sessions/{session}/lock")
    assert problem(await town.manager.put(f"{booking}/no-show")) == "absent-too-early"
    await later(town, watch, days=14)
    assert (await town.manager.put(f"{booking}/no-show")).status_code == 200
    assert (await town.manager.delete(f"{booking}/no-show")).json()["release"] is None
    assert (await town.manager.put(f"{booking}/no-show")).status_code == 200
    assert (await town.candidate.get(booking)).json()["release"] == "no_show"
    assert (await town.candidate.post(f"{booking}/excuse", json={"reason": "malade"})).status_code == 201
