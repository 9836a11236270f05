"""A seat is held for some minutes: confirmed in time it is a booking; past its time it stands in nobody's way."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import attendance, bookings, excuses, holds, places, refusals, rescheduling, seats, sessions
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
HOLDS = holds.HoldPolicy(minutes=10, per_person=2)
POLICY = bookings.CancellationPolicy(late_hours=48)
EXCUSES = excuses.ExcusePolicy(days=15)


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def taken(tx: Tx, session_id: UUID) -> tuple[int, int]:
    """The counter and the count, which are always the same."""
    row = await tx.fetchrow(
        """select s.taken, (select count(*) from scheduling.bookings b where b.session_id = s.id and b.released_at is null)
           from scheduling.sessions s where s.id = $1""",
        session_id,
    )
    assert row is not None
    return row[0], row[1]


async def held(tx: Tx, stage: Stage, session_id: UUID, candidate: UUID | None = None) -> UUID:
    candidate = candidate or await stage.candidate(tx)
    return await holds.hold(tx, session_id, candidate, policy=HOLDS, by=None, now=stage.now)


async def test_a_hold_takes_the_seat_and_is_confirmed_in_its_time(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx, seats=1)
    booking_id = await held(tx, stage, session_id)
    booking = await bookings.get(tx, booking_id)
    assert (booking.state, booking.held_until) == ("held", stage.now + timedelta(minutes=10))
    async with refused(tx, refusals.SessionFull):
        await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    await holds.confirm(tx, booking_id, by=None, now=stage.now + timedelta(minutes=9))
    await holds.confirm(tx, booking_id, by=None, now=stage.now + timedelta(hours=9))  # pressed twice
    assert (await bookings.get(tx, booking_id)).state == "confirmed"
    assert await taken(tx, session_id) == (1, 1)
    news = [row["topic"] for row in await tx.fetch("select topic from service.outbox order by id")]
    assert news[-2:] == ["booking.held", "booking.confirmed"]


async def test_past_its_time_nobody_confirms_it_and_without_any_worker_it_stands_in_nobodys_way(
    tx: Tx, stage: Stage
) -> None:
    session_id = await stage.open(tx, seats=1)
    booking_id, late = await held(tx, stage, session_id), stage.now + timedelta(minutes=10)
    async with refused(tx, refusals.HoldExpired):
        await holds.confirm(tx, booking_id, by=None, now=late)
    rival = await stage.candidate(tx)
    assert await bookings.refusals(tx, session_id, rival, now=late - timedelta(seconds=1)) == [refusals.SessionFull]
    assert await bookings.refusals(tx, session_id, rival, now=late) == []
    await bookings.book(tx, session_id, rival, by=None, now=late)
    assert (await bookings.get(tx, booking_id)).release == "expired"
    assert await taken(tx, session_id) == (1, 1)
    async with refused(tx, refusals.HoldExpired):
        await holds.confirm(tx, booking_id, by=None, now=late)


async def test_the_candidates_own_lapsed_hold_is_not_in_their_way(tx: Tx, stage: Stage) -> None:
    session_id, candidate = await stage.open(tx), await stage.candidate(tx)
    next_day = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    await held(tx, stage, session_id, candidate)
    async with refused(tx, refusals.UnitAlreadyBooked):
        await bookings.book(tx, next_day, candidate, by=None, now=stage.now)
    later = stage.now + timedelta(minutes=11)
    await bookings.book(tx, next_day, candidate, by=None, now=later)
    assert (await taken(tx, session_id), await taken(tx, next_day)) == ((0, 0), (1, 1))


async def test_a_lapsed_hold_elsewhere_does_not_keep_a_session_from_moving(tx: Tx, now: datetime) -> None:
    """Nor does one in the session itself, of somebody who has another test at the new time. Nobody has swept yet."""
    here, there = await a_stage(tx, now), await a_stage(tx, now)
    afternoon = here.morning + timedelta(hours=5)
    session_id, candidate, other = (
        await here.open(tx, starts_at=afternoon),
        await here.candidate(tx),
        await here.candidate(tx),
    )
    booking = await bookings.book(tx, session_id, candidate, by=None, now=now)
    elsewhere = await there.open(tx)
    await held(tx, there, elsewhere, candidate)
    await held(tx, here, session_id, other)
    await bookings.book(tx, elsewhere, other, by=None, now=now)
    async with refused(tx, refusals.CandidateBusy):
        await sessions.move(tx, session_id, starts_at=here.morning, room_id=here.room, by=None, now=now)
    later = now + timedelta(minutes=10)
    await sessions.move(tx, session_id, starts_at=here.morning, room_id=here.room, by=None, now=later)
    assert (await bookings.get(tx, booking)).starts_at == here.morning
    assert (await taken(tx, session_id), await taken(tx, elsewhere)) == ((1, 1), (1, 1))


async def test_one_person_holds_so_many_seats_and_no_more(tx: Tx, now: datetime) -> None:
    stages = [await a_stage(tx, now) for _ in range(3)]
    candidate = await stages[0].candidate(tx)
    for day, each in enumerate(stages):
        session_id = await each.open(tx, starts_at=each.morning + timedelta(days=day))
        if day < 2:
            await held(tx, each, session_id, candidate)
        else:
            async with refused(tx, refusals.TooManyHolds):
                await held(tx, each, session_id, candidate)
            later = now + timedelta(minutes=10)
            await holds.hold(tx, session_id, candidate, policy=HOLDS, by=None, now=later)


async def test_what_was_held_is_given_back_without_a_stain(tx: Tx, stage: Stage) -> None:
    booking_id = await held(tx, stage, await stage.open(tx))
    assert await bookings.cancel(tx, booking_id, policy=POLICY, by=None, now=stage.now) == "declined"


async def test_the_sweep_frees_every_lapsed_hold_and_leaves_the_others(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx, seats=4)
    lapsed = [await held(tx, stage, session_id) for _ in range(2)]
    later = stage.now + timedelta(minutes=10)
    fresh = await holds.hold(tx, session_id, await stage.candidate(tx), policy=HOLDS, by=None, now=later)
    assert await seats.expire(tx, now=later) == 2
    assert await seats.expire(tx, now=later) == 0
    assert [(await bookings.get(tx, one)).release for one in [*lapsed, fresh]] == ["expired", "expired", None]
    assert await taken(tx, session_id) == (1, 1)


async def test_a_hold_is_not_summoned_before_it_is_confirmed(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx)
    booking_id = await held(tx, stage, session_id)
    await sessions.lock(tx, session_id, by=None, now=stage.now)
    assert await attendance.convoke_all(tx, session_id, now=stage.now) == 0
    await holds.confirm(tx, booking_id, by=None, now=stage.now)
    assert await attendance.convoke_all(tx, session_id, now=stage.now) == 1


async def test_another_date_in_one_step(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    other = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    new = await rescheduling.reschedule(tx, booking_id, other, policy=POLICY, by=None, now=stage.now)
    assert (await bookings.get(tx, booking_id)).release == "rescheduled"
    assert (await bookings.get(tx, new)).state == "confirmed"
    assert (await taken(tx, session_id), await taken(tx, other)) == ((0, 0), (1, 1))


async def test_without_the_new_place_the_old_one_stays(tx: Tx, stage: Stage) -> None:
    session_id, booking_id = await stage.booked(tx)
    full = await stage.open(tx, starts_at=stage.morning + timedelta(days=1), seats=1)
    await bookings.book(tx, full, await stage.candidate(tx), by=None, now=stage.now)
    async with refused(tx, refusals.SessionFull):
        await rescheduling.reschedule(tx, booking_id, full, policy=POLICY, by=None, now=stage.now)
    async with refused(tx, refusals.SameSession):
        await rescheduling.reschedule(tx, booking_id, session_id, policy=POLICY, by=None, now=stage.now)
    elsewhere = await a_stage(tx, stage.now)
    async with refused(tx, refusals.UnitDiffers):
        await rescheduling.reschedule(tx, booking_id, await elsewhere.open(tx), policy=POLICY, by=None, now=stage.now)
    assert (await bookings.get(tx, booking_id)).state == "confirmed"
    assert await taken(tx, session_id) == (1, 1)


async def test_who_changes_late_leaves_a_late_cancellation(tx: Tx, stage: Stage) -> None:
    _, booking_id = await stage.booked(tx)
    other = await stage.open(tx, starts_at=stage.morning + timedelta(days=7))
    late = stage.morning - timedelta(hours=47)
    await rescheduling.reschedule(tx, booking_id, other, policy=POLICY, by=None, now=late)
    assert (await bookings.get(tx, booking_id)).release == "cancelled_late"


async def test_an_absence_is_excused_and_counts_no_longer(tx: Tx, stage: Stage) -> None:
    _, booking_id = await stage.booked(tx)
    async with refused(tx, refusals.NotInThatState):
        await excuses.ask(tx, booking_id, "malade", policy=EXCUSES, now=stage.now)
    await bookings.release_seat(tx, booking_id, "no_show", by=None, now=stage.morning)
    async with refused(tx, refusals.ExcuseUnmotivated):
        await excuses.ask(tx, booking_id, "  ", policy=EXCUSES, now=stage.morning)
    async with refused(tx, refusals.ExcuseTooLate):
        await excuses.ask(tx, booking_id, "malade", policy=EXCUSES, now=stage.morning + timedelta(days=16))
    excuse = await excuses.ask(tx, booking_id, "malade", policy=EXCUSES, now=stage.morning)
    async with refused(tx, refusals.ExcuseAlreadyAsked):
        await excuses.ask(tx, booking_id, "malade", policy=EXCUSES, now=stage.morning)
    await excuses.accept(tx, excuse, by=None, now=stage.morning)
    assert (await bookings.get(tx, booking_id)).release == "excused"
    async with refused(tx, refusals.ExcuseSettled):
        await excuses.refuse(tx, excuse, "non", by=None, now=stage.morning)


async def test_an_excuse_that_is_refused_says_why_and_changes_nothing(tx: Tx, stage: Stage) -> None:
    _, booking_id = await stage.booked(tx)
    late = stage.morning - timedelta(hours=2)
    await bookings.cancel(tx, booking_id, policy=POLICY, by=None, now=late)
    excuse = await excuses.ask(tx, booking_id, "le train", policy=EXCUSES, now=late)
    async with refused(tx, refusals.ExcuseRefusalUnmotivated):
        await excuses.refuse(tx, excuse, " ", by=None, now=late)
    await excuses.refuse(tx, excuse, "Il y avait un autre train.", by=None, now=late)
    assert (await bookings.get(tx, booking_id)).release == "cancelled_late"
    candidate = (await bookings.get(tx, booking_id)).candidate_id
    await excuses.wipe(tx, candidate)
    wiped = await excuses.get(tx, excuse)
    assert (wiped.reason, wiped.motivation) == ("–", "–")


async def test_a_place_shows_a_lapsed_hold_as_no_hindrance(tx: Tx, stage: Stage) -> None:
    session_id = await stage.open(tx, seats=1)
    await held(tx, stage, session_id)
    place = await places.get(
        tx, session_id, candidate_id=await stage.candidate(tx), now=stage.now + timedelta(minutes=11)
    )
    assert place is not None
    assert place.refusals == ()
