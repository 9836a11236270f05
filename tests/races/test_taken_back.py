"""What was noted by mistake is taken back, and at the same moment somebody takes what it would give back: whichever is
first, one of the two."""

from uuid import UUID

import pytest

from assessments import enrolments
from assessments.enrolment_refusals import EnrolmentWithdrawn, StillBooked
from scheduling import attendance, attendance_refusals, bookings, priorities, refusals, sessions, turnings_away
from service import check, withdrawals
from service.db import Database
from tests.builders.stage import Stage
from tests.races.test_bookings import Act, Tx, book, db, meet, stage

__all__ = ["db", "stage"]  # fixtures


async def turned_away(
    db: Database, stage: Stage, *, by_absence: bool = False, is_closed: bool = False
) -> tuple[UUID, UUID]:
    """An open session with one seat, and the booking that was lost."""
    async with db.transaction() as tx:
        session, booking = await stage.booked(tx, seats=1)
        if is_closed:
            await sessions.lock(tx, session, by=None, now=stage.now)
        if by_absence:
            await bookings.release_seat(tx, booking, "no_show", by=None, now=stage.morning)
        else:
            await turnings_away.turn_away(tx, booking, "equipment", by=None, now=stage.morning)
    return session, booking


def back(booking: UUID, stage: Stage, *, by_absence: bool = False) -> Act:
    verb = attendance.take_back_absence if by_absence else turnings_away.take_back
    return lambda tx: verb(tx, booking, by=None, now=stage.now)


async def sound(db: Database, stage: Stage, session: UUID) -> int:
    """Nothing is broken; how many seats are taken."""
    async with db.read() as tx:
        assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []
        return (await sessions.get(tx, session)).taken


@pytest.mark.parametrize("by_absence", [False, True])
@pytest.mark.parametrize("back_first", [True, False])
async def test_the_freed_seat_is_given_back_or_booked_by_somebody_else(
    db: Database, stage: Stage, back_first: bool, by_absence: bool
) -> None:
    session, booking = await turned_away(db, stage, by_absence=by_absence)
    async with db.transaction() as tx:
        rival = await stage.candidate(tx)
    acts = [back(booking, stage, by_absence=by_absence), book(session, rival, stage.now)]
    outcome = await meet(db, *(acts if back_first else acts[::-1]))
    assert isinstance(outcome, refusals.SessionFull)
    async with db.read() as tx:
        assert ((await bookings.get(tx, booking)).released_at is None) == back_first
        cause = await turnings_away.cause_of(tx, booking)
        goes_first = await priorities.is_first(tx, (await bookings.get(tx, booking)).candidate_id, stage.unit)
    assert ((cause, goes_first) == (None, False)) == (back_first or by_absence)
    assert await sound(db, stage, session) == 1


@pytest.mark.parametrize("by_absence", [False, True])
@pytest.mark.parametrize("back_first", [True, False])
async def test_the_seat_is_given_back_or_its_candidate_books_another(
    db: Database, stage: Stage, back_first: bool, by_absence: bool
) -> None:
    _, booking = await turned_away(db, stage, by_absence=by_absence)
    async with db.transaction() as tx:
        later = await stage.open(tx, room_id=await stage.another_room(tx), starts_at=stage.morning.replace(hour=14))
        candidate = (await bookings.get(tx, booking)).candidate_id
    acts = [back(booking, stage, by_absence=by_absence), book(later, candidate, stage.now)]
    outcome = await meet(db, *(acts if back_first else acts[::-1]))
    assert isinstance(outcome, refusals.UnitAlreadyBooked)
    assert await sound(db, stage, later) == (0 if back_first else 1)


async def test_two_take_it_back_at_once(db: Database, stage: Stage) -> None:
    session, booking = await turned_away(db, stage)
    outcome = await meet(db, back(booking, stage), back(booking, stage))
    assert isinstance(outcome, refusals.NotInThatState)
    assert await sound(db, stage, session) == 1


@pytest.mark.parametrize("back_first", [True, False])
async def test_the_test_ends_or_somebody_has_their_seat_again(db: Database, stage: Stage, back_first: bool) -> None:
    """Who has it again is noted as present or as absent before the end."""
    session, booking = await turned_away(db, stage, is_closed=True)
    async with db.transaction() as tx:
        await sessions.start(tx, session, by=None, now=stage.morning)

    async def end(tx: Tx) -> None:
        await sessions.end(tx, session, by=None, now=stage.morning)

    outcome = await meet(db, *((back(booking, stage), end) if back_first else (end, back(booking, stage))))
    assert isinstance(outcome, attendance_refusals.PresenceUnsettled if back_first else refusals.SessionOver)
    assert await sound(db, stage, session) == (1 if back_first else 0)


@pytest.mark.parametrize("back_first", [True, False])
async def test_the_seat_is_given_back_or_its_candidate_withdraws(db: Database, stage: Stage, back_first: bool) -> None:
    async with db.transaction() as tx:
        session = await stage.open(tx)
        candidate = await stage.candidate(tx)
        file = await enrolments.enrol(tx, candidate, stage.unit, by=None, now=stage.now)
        booking = await bookings.book(tx, session, candidate, by=None, now=stage.now)
        await turnings_away.turn_away(tx, booking, "late", by=None, now=stage.morning)

    async def withdraw(tx: Tx) -> None:
        await withdrawals.withdraw(tx, file, by=None, now=stage.now)

    outcome = await meet(db, *((back(booking, stage), withdraw) if back_first else (withdraw, back(booking, stage))))
    assert isinstance(outcome, StillBooked if back_first else EnrolmentWithdrawn)
    assert await sound(db, stage, session) == (1 if back_first else 0)
