"""Who is here and who is not: noted not before its hour, taken back while nothing follows from it."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from assessments import accommodations, recordings
from scheduling import attendance, attendance_refusals, bookings, companions, excuses, refusals, sessions
from service import check
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: object) -> Stage:
    return await a_stage(tx, now)  # type: ignore[arg-type]


async def expected(tx: Tx, stage: Stage, many: int = 2) -> tuple[UUID, list[UUID]]:
    """A closed list, and those on it."""
    session = await stage.open(tx)
    booked = [await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now) for _ in range(many)]
    await sessions.lock(tx, session, by=None, now=stage.now)
    return session, booked


async def present(tx: Tx, booking: UUID, stage: Stage) -> None:
    await attendance.check_in(tx, booking, by=None, now=stage.morning)
    await attendance.sign_contract(tx, booking, now=stage.morning)


async def absent(tx: Tx, booking: UUID, stage: Stage, **later: float) -> None:
    await bookings.release_seat(tx, booking, "no_show", by=None, now=stage.morning + timedelta(**later))


async def begin(tx: Tx, session: UUID, stage: Stage) -> None:
    await sessions.start(tx, session, by=None, now=stage.morning)
    await attendance.attend_all(tx, session, now=stage.morning)


async def sound(tx: Tx, stage: Stage) -> None:
    assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


async def test_nobody_is_absent_before_the_hour_unless_the_test_has_begun(tx: Tx, stage: Stage) -> None:
    session, (one, other) = await expected(tx, stage)
    async with refused(tx, attendance_refusals.AbsentTooEarly):
        await absent(tx, one, stage, minutes=-1)
    async with refused(tx, attendance_refusals.AbsentTooEarly):  # whoever writes it
        await tx.execute(
            "update scheduling.bookings set release = 'no_show', released_at = $2 where id = $1", one, stage.now
        )
    for booking in (one, other):
        await present(tx, booking, stage)
    early = stage.morning - timedelta(hours=2)
    await sessions.start(tx, session, by=None, now=early)
    await bookings.release_seat(tx, one, "no_show", by=None, now=early)
    assert (await bookings.get(tx, one)).release == "no_show"


async def test_an_absence_taken_back_is_a_place_again(tx: Tx, stage: Stage) -> None:
    session, (one, other) = await expected(tx, stage)
    await attendance.check_in(tx, one, by=None, now=stage.morning)
    await absent(tx, one, stage)
    assert (await sessions.get(tx, session)).taken == 1
    await attendance.take_back_absence(tx, one, by=None, now=stage.morning)
    assert ((await sessions.get(tx, session)).taken, (await bookings.get(tx, one)).state) == (2, "checked_in")
    for act in (attendance.take_back_absence, attendance.take_back_check_in):
        async with refused(tx, refusals.NotInThatState):
            await act(tx, other, by=None, now=stage.morning)
    async with refused(tx, refusals.NotFound):
        await attendance.take_back_absence(tx, session, by=None, now=stage.morning)
    topics = await tx.fetch(
        "select topic from service.outbox where aggregate = $1 and topic ~ 'released|taken_back' order by id", one
    )
    assert [row["topic"] for row in topics] == ["booking.released", "absence.taken_back"]
    await sound(tx, stage)


async def test_a_place_that_is_somebody_elses_or_not_to_be_had_any_more_is_not_given_back(tx: Tx, stage: Stage) -> None:
    session, (one, other) = await expected(tx, stage)
    for booking in (one, other):
        await absent(tx, booking, stage)
    later = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    person = (await bookings.get(tx, one)).candidate_id
    elsewhere = await bookings.book(tx, later, person, by=None, now=stage.morning)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await attendance.take_back_absence(tx, one, by=None, now=stage.morning)
    await stage.link(tx, stage.observer, (await bookings.get(tx, other)).candidate_id)
    async with refused(tx, refusals.AssessorKnowsCandidate):
        await attendance.take_back_absence(tx, other, by=None, now=stage.morning)
    await tx.execute("delete from assessments.links")
    await sessions.resize(tx, session, seats=1, now=stage.morning)
    await attendance.take_back_absence(tx, other, by=None, now=stage.morning)
    await bookings.cancel(tx, elsewhere, policy=bookings.CancellationPolicy(), by=None, now=stage.morning)
    async with refused(tx, refusals.SessionFull):
        await attendance.take_back_absence(tx, one, by=None, now=stage.morning)


async def test_in_a_test_under_way_it_is_noted_anew_before_the_end(tx: Tx, stage: Stage) -> None:
    session, (here, away) = await expected(tx, stage)
    await present(tx, here, stage)
    await absent(tx, away, stage)
    await begin(tx, session, stage)
    later = stage.morning + timedelta(minutes=20)
    await attendance.take_back_check_in(tx, here, by=None, now=later)
    await attendance.take_back_absence(tx, away, by=None, now=later)
    taken_back = await bookings.get(tx, here)
    assert (taken_back.contract_signed_at, taken_back.attended_at) == (None, None)
    await sound(tx, stage)
    async with refused(tx, attendance_refusals.PresenceUnsettled):
        await sessions.end(tx, session, by=None, now=later)
    await absent(tx, here, stage, minutes=20)
    await attendance.check_in(tx, away, by=None, now=later)
    async with refused(tx, attendance_refusals.PresenceUnsettled):
        await sessions.end(tx, session, by=None, now=later)
    await attendance.sign_contract(tx, away, now=later)
    assert (await bookings.get(tx, away)).attended_at == later
    await sessions.end(tx, session, by=None, now=later)
    for act, booking in ((attendance.take_back_absence, here), (attendance.take_back_check_in, away)):
        async with refused(tx, refusals.SessionOver):
            await act(tx, booking, by=None, now=later)
    await sound(tx, stage)


async def test_what_something_follows_from_stays(tx: Tx, stage: Stage) -> None:
    """A grid that was begun; an excuse that was refused. A grid that is discarded stands in nobody's way."""
    session, (here, away) = await expected(tx, stage)
    await present(tx, here, stage)
    await absent(tx, away, stage)
    await begin(tx, session, stage)
    grid = await recordings.start(tx, here, stage.evaluator, "evaluator", now=stage.morning)
    async with refused(tx, attendance_refusals.AttendanceInUse):
        await attendance.take_back_check_in(tx, here, by=None, now=stage.morning)
    await recordings.discard(tx, grid, by=stage.evaluator, now=stage.morning)
    await attendance.take_back_check_in(tx, here, by=None, now=stage.morning)
    excuse = await excuses.ask(tx, away, "malade", policy=excuses.ExcusePolicy(), now=stage.morning)
    await excuses.refuse(tx, excuse, "Sans papier", by=None, now=stage.morning)
    async with refused(tx, attendance_refusals.AttendanceInUse):
        await attendance.take_back_absence(tx, away, by=None, now=stage.morning)


async def test_who_is_here_after_all_has_their_companion_again_and_nothing_to_excuse(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx)
    candidate = await stage.candidate(tx)
    granted = await accommodations.request(tx, candidate, "reader", now=stage.now)
    await accommodations.grant(tx, granted, by=None, now=stage.now)
    booking = await bookings.book(tx, session, candidate, by=None, now=stage.now)
    reader = await companions.give(tx, booking, await stage.assessor(tx, None), "reader", by=None, now=stage.now)
    await sessions.lock(tx, session, by=None, now=stage.now)
    await absent(tx, booking, stage)
    await companions.release_unneeded(tx, booking, now=stage.morning)
    await excuses.ask(tx, booking, "malade", policy=excuses.ExcusePolicy(), now=stage.morning)
    await attendance.take_back_absence(tx, booking, by=None, now=stage.morning)
    await companions.engage_again(tx, booking)
    await excuses.withdraw(tx, booking)
    assert [one.id for one in await companions.of_session(tx, session)] == [reader]
    assert await excuses.of_booking(tx, booking) is None
