"""The next test of a unit: after the days that the scheme asks for, unless the test before does not count."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec.structs import replace

from assessments import accreditations, appeal_reviewers, appeals, fees, new_tests, units
from scheduling import attendance, bookings, jury_seats, sessions
from scheduling.refusals import RetakeTooSoon
from tests.builders.assessments import VALIDATION, YEARS, Sitting, a_released_decision, a_room, an_assessor
from tests.builders.refused import refused

Tx = asyncpg.Connection
PATIENT = replace(VALIDATION, retake_wait_days=30, fee_cents=12000, fee_cents_jobseeker=12000)


async def an_open_session(tx: Tx, unit: units.Unit, starts_at: datetime, now: datetime) -> UUID:
    room = await a_room(tx)
    await accreditations.grant(tx, room.centre_id, unit.trade_id, first_day=YEARS[0], last_day=YEARS[1], reference="A")
    plan = sessions.Plan(room_id=room.id, unit_id=unit.id, language="fr", starts_at=starts_at, seats=2)
    session = await sessions.plan(tx, plan, by=None, now=now)
    for role in ("evaluator", "observer", "manager"):
        of = None if role == "observer" else room.centre_id
        person = await an_assessor(
            tx, now=now, qualified_for=None if role == "manager" else unit.trade_id, roles=(role,), centre_id=of
        )
        await jury_seats.give(tx, session, person, role, by=None, now=now)  # type: ignore[arg-type]
    await sessions.open_for_booking(tx, session, by=None, now=now)
    return session


async def failed(tx: Tx, now: datetime) -> tuple[Sitting, UUID, datetime]:
    """A failure that closed its booking: the sitting, its decision, and the day after."""
    sitting, decision = await a_released_decision(tx, now=now, scheme=PATIENT)
    await attendance.close(tx, sitting.booking, now=now)
    return sitting, decision, sitting.test_day + timedelta(days=1)


async def annulled(tx: Tx, decision: UUID, at: datetime) -> None:
    """By an appeal that is answered with a new test."""
    appeal = await appeals.lodge(tx, decision, "Le matériel était en panne.", by=None, now=at)
    reviewer = await an_assessor(tx, now=at)
    await appeals.admit(tx, appeal, by=None, now=at)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    await appeals.answer(tx, appeal, "new_test", "En effet.", reviewer_id=reviewer, now=at)
    await new_tests.grant(tx, appeal, by=None, now=at)


async def test_after_a_failure_the_scheme_may_ask_for_some_days(tx: Tx, now: datetime) -> None:
    sitting, _, later = await failed(tx, now)
    on_the_last = await an_open_session(tx, sitting.unit, sitting.test_day + timedelta(days=30), later)
    after = await an_open_session(tx, sitting.unit, sitting.test_day + timedelta(days=31), later)
    assert await bookings.refusals(tx, on_the_last, sitting.candidate, now=later) == [RetakeTooSoon]
    async with refused(tx, RetakeTooSoon):
        await bookings.book(tx, on_the_last, sitting.candidate, by=None, now=later)
    assert await bookings.refusals(tx, after, sitting.candidate, now=later) == []
    await bookings.book(tx, after, sitting.candidate, by=None, now=later)


async def test_a_test_that_does_not_count_asks_for_no_wait_and_the_new_one_for_no_fee(tx: Tx, now: datetime) -> None:
    sitting, decision, later = await failed(tx, now)
    assert (await fees.of_booking(tx, sitting.booking)).amount_cents == 12000
    await annulled(tx, decision, later)
    soon = await an_open_session(tx, sitting.unit, sitting.test_day + timedelta(days=2), later)
    again = await bookings.book(tx, soon, sitting.candidate, by=None, now=later)
    assert (await fees.of_booking(tx, again)).status == "free"
    assert (await fees.of_booking(tx, sitting.booking)).status == "due"


async def test_one_new_test_is_free_and_not_the_one_after_it(tx: Tx, now: datetime) -> None:
    sitting, decision, later = await failed(tx, now)
    await annulled(tx, decision, later)
    soon = await an_open_session(tx, sitting.unit, sitting.test_day + timedelta(days=2), later)
    again = await bookings.book(tx, soon, sitting.candidate, by=None, now=later)
    await tx.execute(
        """update scheduling.bookings set checked_in_at = lower(test_time), contract_signed_at = lower(test_time),
                  attended_at = lower(test_time), closed_at = upper(test_time) where id = $1""",
        again,
    )
    third = await an_open_session(tx, sitting.unit, sitting.test_day + timedelta(days=63), later)
    booked = await bookings.book(tx, third, sitting.candidate, by=None, now=later + timedelta(days=20))
    assert (await fees.of_booking(tx, booked)).status == "due"
