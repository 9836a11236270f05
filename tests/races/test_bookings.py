"""Rivals meet: one transaction is held open, the other begins inside it and must wait, then lose.

Each pair is staged, so that a missing guard loses every time and not one time in a thousand.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, equipment_reservations, jury_seats, refusals, sessions
from service import db as database
from service.db import Database
from tests.builders.rivals import held_up
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
Act = Callable[[Tx], Awaitable[object]]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = await database.connect(database_url, house=True)
    yield opened
    await opened.close()


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    async with db.transaction() as tx:
        return await a_stage(tx, now)


async def meet(db: Database, first: Act, second: Act) -> BaseException | object:
    """Let `second` begin while `first` is not committed yet; say what becomes of `second`."""
    async with db.transaction() as tx:
        await first(tx)
        rival = asyncio.create_task(in_a_transaction(db, second))
        await held_up(tx, rival)
    return (await asyncio.gather(rival, return_exceptions=True))[0]


async def in_a_transaction(db: Database, act: Act) -> object:
    async with db.transaction() as tx:
        return await act(tx)


def book(session_id: UUID, candidate: UUID, now: datetime) -> Act:
    return lambda tx: bookings.book(tx, session_id, candidate, by=None, now=now)


def seat(session_id: UUID, assessor: UUID, role: jury_seats.Role, now: datetime) -> Act:
    return lambda tx: jury_seats.give(tx, session_id, assessor, role, by=None, now=now)


async def test_two_candidates_for_the_last_seat(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id = await stage.open(tx, seats=1)
        one, other = await stage.candidate(tx), await stage.candidate(tx)
    outcome = await meet(db, book(session_id, one, stage.now), book(session_id, other, stage.now))
    assert isinstance(outcome, refusals.SessionFull)


async def test_the_last_seat_goes_to_the_rival_when_the_first_gives_up(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id = await stage.open(tx, seats=1)
        one, other = await stage.candidate(tx), await stage.candidate(tx)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await bookings.book(tx, session_id, one, by=None, now=stage.now)
            rival = asyncio.create_task(in_a_transaction(db, book(session_id, other, stage.now)))
            await held_up(tx, rival)
            raise ZeroDivisionError
    assert isinstance(await rival, UUID)


async def test_one_candidate_in_two_places(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        here, there = await a_stage(tx, now), await a_stage(tx, now)
        candidate = await here.candidate(tx)
        one, other = await here.open(tx), await there.open(tx)
    outcome = await meet(db, book(one, candidate, now), book(other, candidate, now))
    assert isinstance(outcome, refusals.CandidateBusy)


async def test_one_candidate_twice_for_a_unit(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        candidate = await stage.candidate(tx)
        one, other = await stage.open(tx), await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    outcome = await meet(db, book(one, candidate, stage.now), book(other, candidate, stage.now))
    assert isinstance(outcome, refusals.UnitAlreadyBooked)


async def test_a_room_for_two_sessions(db: Database, stage: Stage) -> None:
    def plan(minutes: int) -> Act:
        starts_at = stage.morning + timedelta(minutes=minutes)
        return lambda tx: sessions.plan(
            tx, sessions.Plan(stage.room, stage.unit, "fr", starts_at, seats=1), by=None, now=stage.now
        )

    assert isinstance(await meet(db, plan(0), plan(120)), refusals.RoomBusy)


async def test_a_piece_of_equipment_for_two_sessions(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        wish = sessions.Plan(stage.room, stage.unit, "fr", stage.morning, seats=1)
        here = await sessions.plan(tx, wish, by=None, now=stage.now)
        wish = sessions.Plan(await stage.another_room(tx), stage.unit, "fr", stage.morning, seats=1)
        there = await sessions.plan(tx, wish, by=None, now=stage.now)
    pod = stage.pods[0]
    outcome = await meet(
        db,
        lambda tx: equipment_reservations.reserve(tx, here, pod),
        lambda tx: equipment_reservations.reserve(tx, there, pod),
    )
    assert isinstance(outcome, refusals.EquipmentBusy)


@pytest.mark.parametrize("role", ["evaluator", "observer"])
async def test_an_assessor_for_two_sessions(db: Database, stage: Stage, role: jury_seats.Role) -> None:
    async with db.transaction() as tx:
        here = await stage.draft(tx)
        there = await stage.draft(tx, room_id=await stage.another_room(tx))
    assessor = getattr(stage, role)
    outcome = await meet(db, seat(here, assessor, role, stage.now), seat(there, assessor, role, stage.now))
    assert isinstance(outcome, refusals.AssessorBusy)


@pytest.mark.parametrize("booking_first", [True, False])
async def test_a_booking_and_a_jury_seat_of_kin(db: Database, stage: Stage, booking_first: bool) -> None:
    """They meet at the session's row, which the seat's guard locks (0008_guards.sql). With the seat first a second lock
    holds it alone: that of the seat's foreign key (session_id, during). A booking changes its session, whose `occupied`
    is part of that key and counts as written, as it is worked out anew behind triggers; so it waits even for a reference.
    Without the guard's lock only the booking first is lost; without both, either."""
    async with db.transaction() as tx:
        session_id = await stage.open(tx)
        candidate, cousin = await stage.candidate(tx), await stage.assessor(tx, "observer")
        await stage.link(tx, cousin, candidate)
    acts = [book(session_id, candidate, stage.now), seat(session_id, cousin, "observer", stage.now)]
    outcome = await meet(db, *(acts if booking_first else acts[::-1]))
    assert isinstance(outcome, refusals.AssessorKnowsCandidate)


@pytest.mark.parametrize("booking_first", [True, False])
async def test_a_booking_and_the_declaration_of_a_link(db: Database, stage: Stage, booking_first: bool) -> None:
    async with db.transaction() as tx:
        session_id = await stage.open(tx)
        candidate = await stage.candidate(tx)

    async def declare(tx: Tx) -> None:
        await stage.link(tx, stage.observer, candidate)

    acts: list[Act] = [book(session_id, candidate, stage.now), declare]
    outcome = await meet(db, *(acts if booking_first else acts[::-1]))
    assert type(outcome).__name__ == ("LinkInJury" if booking_first else "AssessorKnowsCandidate")


@pytest.mark.parametrize("booking_first", [True, False])
async def test_someone_who_is_both_candidate_and_assessor(db: Database, now: datetime, booking_first: bool) -> None:
    async with db.transaction() as tx:
        here, there = await a_stage(tx, now), await a_stage(tx, now)
        one, other = await here.open(tx), await there.draft(tx)
        person = await there.assessor(tx, "evaluator")
        await tx.execute(
            """insert into assessments.candidates (id, given_name, family_name, birth_date, email, language, status,
                                                   registered_at)
               select id, given_name, family_name, '1980-01-01', email, 'fr', 'worker', $2
               from assessments.assessors where id = $1""",
            person,
            now,
        )
    acts = [book(one, person, now), seat(other, person, "evaluator", now)]
    outcome = await meet(db, *(acts if booking_first else acts[::-1]))
    assert isinstance(outcome, refusals.AssessorBusy if booking_first else refusals.CandidateBusy)


async def test_a_booking_and_the_lock(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id = await stage.open(tx)
        candidate = await stage.candidate(tx)
    outcome = await meet(
        db,
        lambda tx: sessions.lock(tx, session_id, by=None, now=stage.now),
        book(session_id, candidate, stage.now),
    )
    assert isinstance(outcome, refusals.SessionNotOpen)


async def test_a_booking_and_a_move_onto_the_candidates_other_test(db: Database, now: datetime) -> None:
    """The candidate is booked elsewhere in the afternoon; the session being booked moves to that afternoon."""
    async with db.transaction() as tx:
        here, there = await a_stage(tx, now), await a_stage(tx, now)
        afternoon = here.morning + timedelta(hours=5)
        one, other = await here.open(tx), await there.open(tx, starts_at=afternoon)
        candidate = await here.candidate(tx)
        await bookings.book(tx, other, candidate, by=None, now=now)
    outcome = await meet(
        db,
        lambda tx: sessions.move(tx, one, starts_at=afternoon, room_id=here.room, by=None, now=now),
        book(one, candidate, now),
    )
    assert isinstance(outcome, refusals.CandidateBusy)


async def test_a_cancellation_frees_the_seat_that_a_rival_waits_for(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id, booking_id = await stage.booked(tx, seats=1)
        rival = await stage.candidate(tx)
    outcome = await meet(
        db,
        lambda tx: bookings.cancel(tx, booking_id, policy=bookings.CancellationPolicy(), by=None, now=stage.now),
        book(session_id, rival, stage.now),
    )
    assert isinstance(outcome, refusals.SessionFull), "until it is committed the seat is not free"
    async with db.transaction() as tx:
        assert await tx.fetchval("select taken from scheduling.sessions where id = $1", session_id) == 0
        assert isinstance(await bookings.book(tx, session_id, rival, by=None, now=stage.now), UUID)


async def test_cancelling_and_booking_again_at_once_is_no_deadlock(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id, booking_id = await stage.booked(tx)
        candidate = (await bookings.get(tx, booking_id)).candidate_id
    outcome = await meet(
        db,
        lambda tx: bookings.cancel(tx, booking_id, policy=bookings.CancellationPolicy(), by=None, now=stage.now),
        book(session_id, candidate, stage.now),
    )
    assert isinstance(outcome, UUID)


async def test_booking_again_while_the_cancellation_still_waits_is_no_deadlock(db: Database, stage: Stage) -> None:
    """Both are held up, and go on in the order in which they came: the seat is still taken, then it is free."""
    async with db.transaction() as tx:
        session_id, booking_id = await stage.booked(tx)
        candidate, policy = (await bookings.get(tx, booking_id)).candidate_id, bookings.CancellationPolicy()

    async def cancel(tx: Tx) -> object:
        return await bookings.cancel(tx, booking_id, policy=policy, by=None, now=stage.now)

    async with db.transaction() as tx:
        await sessions.hold(tx, session_id)
        again = asyncio.create_task(in_a_transaction(db, book(session_id, candidate, stage.now)))
        await held_up(tx, again)
        cancelled = asyncio.create_task(in_a_transaction(db, cancel))
        await held_up(tx, again, cancelled)
    answers = await asyncio.gather(again, cancelled, return_exceptions=True)
    assert (type(answers[0]), answers[1]) == (refusals.UnitAlreadyBooked, "cancelled_early")
    async with db.transaction() as tx:
        assert await tx.fetchval("select taken from scheduling.sessions where id = $1", session_id) == 0
