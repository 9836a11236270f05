"""Measures change the real occupancy: before or after the booking, for the room, the jury and whoever takes part."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from assessments import accommodations
from assessments.refusals import AccommodationAlreadyAsked
from scheduling import bookings, companions, jury_seats, refusals, rooms, sessions
from service import check, measures
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage, open_weekdays

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def granted(tx: Tx, stage: Stage, candidate: UUID, measure: str, *, percent: int = 0) -> int:
    asked = await accommodations.request(tx, candidate, measure, now=stage.now, extra_percent=percent)  # type: ignore[arg-type]
    return await measures.grant(tx, asked, by=None, now=stage.now)


async def candidate_of(tx: Tx, booking_id: UUID) -> UUID:
    return (await bookings.get(tx, booking_id)).candidate_id


async def upstairs(tx: Tx, stage: Stage) -> UUID:
    room = await rooms.add(
        tx, centre_id=stage.centre, site_id=stage.site, name="Étage", kind="cisco-lab", stations=8, accessible=False
    )
    await open_weekdays(tx, room)
    return room


async def test_extra_time_granted_after_the_booking_widens_booking_and_session(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    assert await granted(tx, stage, await candidate_of(tx, booking_id), "extra_time", percent=25) == 1
    booking = await bookings.get(tx, booking_id)
    assert (booking.extra_minutes, booking.ends_at) == (60, stage.morning + timedelta(hours=5))
    occupied = await tx.fetchval("select upper(occupied) from scheduling.sessions where id = $1", session_id)
    assert occupied == stage.morning + timedelta(hours=5, minutes=30)
    findings = await check.audit(tx, now=stage.now)
    assert [found.rule for found in findings if found.violations and found.rule in ("overlaps", "copies")] == []


async def test_extra_time_that_reaches_into_the_rooms_next_test_is_not_granted_and_says_why(
    tx: Tx, stage: Stage
) -> None:
    _, booking_id = await stage.booked(tx)
    await stage.draft(tx, starts_at=stage.morning + timedelta(hours=5), seats=1)  # set-up from 13:30, as ours ends
    candidate = await candidate_of(tx, booking_id)
    async with refused(tx, refusals.RoomBusy):
        await granted(tx, stage, candidate, "extra_time", percent=25)
    assert await accommodations.granted_to(tx, candidate) == []


async def test_a_room_that_cannot_be_reached_is_refused_whichever_came_first(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx, room_id=await upstairs(tx, stage))
    async with refused(tx, refusals.RoomNotAccessible):
        await granted(tx, stage, await candidate_of(tx, booking_id), "ground_floor")
    candidate = await stage.candidate(tx)
    await granted(tx, stage, candidate, "ground_floor")
    assert await bookings.refusals(tx, session_id, candidate, now=stage.now) == [refusals.RoomNotAccessible]
    async with refused(tx, refusals.RoomNotAccessible):
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)


async def test_a_session_does_not_move_to_where_its_candidate_cannot_go(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    await granted(tx, stage, await candidate_of(tx, booking_id), "ground_floor")
    room = await upstairs(tx, stage)
    async with refused(tx, refusals.RoomNotAccessible):
        await sessions.move(tx, session_id, starts_at=stage.morning, room_id=room, by=None, now=stage.now)


async def test_a_list_is_closed_once_the_interpreter_is_found_and_nobody_is_in_two_places(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    await granted(tx, stage, await candidate_of(tx, booking_id), "interpreter")
    async with refused(tx, refusals.CompanionMissing):
        await sessions.lock(tx, session_id, by=None, now=stage.now)
    async with refused(tx, refusals.CompanionBusy):
        await companions.give(tx, booking_id, stage.evaluator, "interpreter", by=None, now=stage.now)
    async with refused(tx, refusals.NotInThatState):
        await companions.give(tx, booking_id, stage.manager, "reader", by=None, now=stage.now)
    interpreter = await stage.assessor(tx, "evaluator")
    await companions.give(tx, booking_id, interpreter, "interpreter", by=None, now=stage.now)
    elsewhere = await stage.draft(tx, room_id=await stage.another_room(tx), seats=1)
    async with refused(tx, refusals.AssessorBusy):
        await jury_seats.give(tx, elsewhere, interpreter, "evaluator", by=None, now=stage.now)
    await sessions.lock(tx, session_id, by=None, now=stage.now)


async def test_whoever_takes_part_beside_a_candidate_is_not_tested_elsewhere_at_that_time(tx: Tx, stage: Stage) -> None:
    _, booking_id = await stage.booked(tx)
    await granted(tx, stage, await candidate_of(tx, booking_id), "interpreter")
    interpreter = await stage.assessor(tx, "evaluator")
    await companions.give(tx, booking_id, interpreter, "interpreter", by=None, now=stage.now)
    await tx.execute(
        """insert into assessments.candidates (id, given_name, family_name, birth_date, email, language, status, registered_at)
           select id, given_name, family_name, '1980-01-01', email, 'fr', 'worker', $2 from assessments.assessors
           where id = $1""",
        interpreter,
        stage.now,
    )
    elsewhere = await a_stage(tx, stage.now)
    async with refused(tx, refusals.CandidateBusy):
        await bookings.book(tx, await elsewhere.open(tx), interpreter, by=None, now=stage.now)


async def test_an_interpreter_is_at_one_test_at_a_time_and_free_with_the_seat(tx: Tx, stage: Stage) -> None:
    _, booking_id = await stage.booked(tx)
    there = await a_stage(tx, stage.now)
    _, other = await there.booked(tx)
    for one in (booking_id, other):
        await granted(tx, stage, await candidate_of(tx, one), "reader")
    reader = await stage.assessor(tx, None)
    await companions.give(tx, booking_id, reader, "reader", by=None, now=stage.now)
    async with refused(tx, refusals.CompanionAlreadyFound):
        await companions.give(tx, booking_id, await stage.assessor(tx, None), "reader", by=None, now=stage.now)
    async with refused(tx, refusals.CompanionBusy):
        await companions.give(tx, other, reader, "reader", by=None, now=stage.now)
    await bookings.cancel(tx, booking_id, policy=bookings.CancellationPolicy(), by=None, now=stage.now)
    await companions.release_unneeded(tx, booking_id, now=stage.now)
    await companions.give(tx, other, reader, "reader", by=None, now=stage.now)


async def test_the_same_measure_is_asked_once_until_it_is_answered(tx: Tx, stage: Stage) -> None:
    candidate = await stage.candidate(tx)
    asked = await accommodations.request(tx, candidate, "reader", now=stage.now)
    async with refused(tx, AccommodationAlreadyAsked):
        await accommodations.request(tx, candidate, "reader", now=stage.now)
    await accommodations.refuse(tx, asked, "Il n’y a rien à lire.", now=stage.now)
    await accommodations.request(tx, candidate, "reader", now=stage.now)
