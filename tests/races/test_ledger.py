"""Rivals for held, offered and exchanged seats: one transaction is held open, the other begins inside it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from assessments import accommodations
from scheduling import bookings, holds, offers, refusals, rescheduling, seats, sessions, waiting
from service import measures
from service.clock import DatabaseClock
from service.db import Database
from service.refusals import TryAgain
from tests.builders.rivals import held_up
from tests.builders.stage import Stage, a_stage
from tests.races.test_bookings import Act, Tx, book, db, in_a_transaction, meet, stage

__all__ = ["db", "stage"]  # fixtures

HOLDS = holds.HoldPolicy(minutes=10, per_person=3)
OFFERS = offers.OfferPolicy()
POLICY = bookings.CancellationPolicy()


@pytest.mark.parametrize("confirmed_first", [True, False])
async def test_the_end_of_a_hold_and_its_confirmation(db: Database, stage: Stage, confirmed_first: bool) -> None:
    """The clocks of two processes differ by a second: one says it is over, the other that there is still time."""
    async with db.transaction() as tx:
        session_id, candidate = await stage.open(tx, seats=1), await stage.candidate(tx)
        held = await holds.hold(tx, session_id, candidate, policy=HOLDS, by=None, now=stage.now)
    end = stage.now + timedelta(minutes=10)
    acts: list[Act] = [
        lambda tx: holds.confirm(tx, held, by=None, now=end - timedelta(seconds=1)),
        lambda tx: seats.expire(tx, now=end),
    ]
    outcome = await meet(db, *(acts if confirmed_first else acts[::-1]))
    async with db.read() as tx:
        booking = await bookings.get(tx, held)
        taken = await tx.fetchval("select taken from scheduling.sessions where id = $1", session_id)
    if confirmed_first:
        assert (outcome, booking.state, taken) == (0, "confirmed", 1)
    else:
        assert (type(outcome), booking.release, taken) == (refusals.HoldExpired, "expired", 0)


@pytest.mark.parametrize("confirmed_first", [True, False])
async def test_an_hour_between_the_clocks_of_two_machines_ends_no_hold(
    db: Database, now: datetime, confirmed_first: bool
) -> None:
    """They reckon by the database's. By its own clock the second one would give the seat away (as the end shows)."""
    ahead = DatabaseClock(machine=lambda: datetime.now(UTC) + timedelta(hours=1))
    behind = DatabaseClock(machine=lambda: datetime.now(UTC) - timedelta(hours=1))
    for clock in (ahead, behind):
        await clock.set(db)
    async with db.transaction() as tx:
        stage = await a_stage(tx, ahead())
        tuesday = stage.morning + timedelta(days=(1 - stage.morning.weekday()) % 7)
        session_id, candidate = await stage.open(tx, seats=1, starts_at=tuesday), await stage.candidate(tx)
        held = await holds.hold(tx, session_id, candidate, policy=HOLDS, by=None, now=behind())
    acts: list[Act] = [
        lambda tx: holds.confirm(tx, held, by=None, now=behind()),
        lambda tx: seats.expire(tx, now=ahead()),
    ]
    if not confirmed_first:
        async with db.transaction() as tx:  # nothing to wait for: what has not lapsed is not even locked
            assert await acts[1](tx) == 0
            await acts[0](tx)
    else:
        assert await in_a_transaction(db, acts[0]) is None
        assert await in_a_transaction(db, acts[1]) == 0
    async with db.transaction() as tx:
        assert (await bookings.get(tx, held)).state == "confirmed"
        other = await stage.open(tx, seats=1, starts_at=tuesday + timedelta(days=1))
        await holds.hold(tx, other, await stage.candidate(tx), policy=HOLDS, by=None, now=behind())
        assert await seats.expire(tx, now=datetime.now(UTC) + timedelta(hours=1)) == 1


async def test_two_who_want_the_seat_of_one_lapsed_hold(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id = await stage.open(tx, seats=1)
        await holds.hold(tx, session_id, await stage.candidate(tx), policy=HOLDS, by=None, now=stage.now)
        one, other = await stage.candidate(tx), await stage.candidate(tx)
    later = stage.now + timedelta(minutes=10)
    outcome = await meet(db, book(session_id, one, later), book(session_id, other, later))
    assert isinstance(outcome, refusals.SessionFull)


async def test_two_processes_offer_the_same_seats(db: Database, stage: Stage) -> None:
    """The second one has somebody else at the head of its list: they joined a week before, as was just put right."""
    async with db.transaction() as tx:
        session_id, people = await stage.open(tx, seats=2), [await stage.candidate(tx) for _ in range(3)]
        for person in people[:2]:
            await waiting.join(tx, person, stage.unit, waiting.Wish(("fr",), date(2026, 9, 1)), now=stage.now)

    async def offer(tx: Tx) -> int:
        return len(await offers.offer(tx, session_id, policy=OFFERS, now=stage.now))

    async def with_another_first(tx: Tx) -> int:
        before = stage.now - timedelta(days=7)
        await waiting.join(tx, people[2], stage.unit, waiting.Wish(("fr",), date(2026, 9, 1)), now=before)
        return await offer(tx)

    assert await meet(db, offer, with_another_first) == 0
    async with db.read() as tx:
        rows = await tx.fetch("select candidate_id from scheduling.bookings where released_at is null")
        assert {row["candidate_id"] for row in rows} == {*people[:2]}


async def test_an_offer_and_somebody_who_books_the_seat(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session_id, rival = await stage.open(tx, seats=1), await stage.candidate(tx)
        wish = waiting.Wish(("fr",), date(2026, 9, 1))
        await waiting.join(tx, await stage.candidate(tx), stage.unit, wish, now=stage.now)
    outcome = await meet(
        db,
        lambda tx: offers.offer(tx, session_id, policy=OFFERS, now=stage.now),
        book(session_id, rival, stage.now),
    )
    assert isinstance(outcome, refusals.SessionFull)


async def test_a_ring_of_people_who_change_places_ends(db: Database, stage: Stage) -> None:
    """Three sessions with a seat to spare; each goes to the next one's. All three wait at once, and the sessions are let go
    one after another: were each to lock its own session first, each would then wait for the next one's for ever."""
    async with db.transaction() as tx:
        ring = sorted([await stage.open(tx, starts_at=stage.morning + timedelta(days=day)) for day in range(3)])
        booked = [await bookings.book(tx, one, await stage.candidate(tx), by=None, now=stage.now) for one in ring]

    def move(number: int) -> Act:
        onward = ring[(number + 1) % 3]
        return lambda tx: rescheduling.reschedule(tx, booked[number], onward, policy=POLICY, by=None, now=stage.now)

    async with AsyncExitStack() as last, AsyncExitStack() as second, AsyncExitStack() as first:
        holders = [await stack.enter_async_context(db.transaction()) for stack in (first, second, last)]
        for holder, session in zip(holders, ring, strict=True):
            await sessions.hold(holder, session)
        rivals: list[asyncio.Task[object]] = []
        for number in range(3):
            rivals.append(asyncio.create_task(in_a_transaction(db, move(number))))
            await held_up(holders[2], *rivals)
        for stack in (first, second):
            await stack.aclose()
            await held_up(holders[2], *rivals)
    answers = await asyncio.gather(*rivals, return_exceptions=True)
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    async with db.transaction() as tx:
        rows = await tx.fetch(
            "select session_id from scheduling.bookings where released_at is null order by session_id"
        )
        assert [row["session_id"] for row in rows] == ring


async def test_one_person_who_holds_in_two_windows_at_once(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        candidate, session_id = await stage.candidate(tx), await stage.open(tx)
    one = holds.HoldPolicy(minutes=10, per_person=1)

    def hold(tx: Tx) -> object:
        return holds.hold(tx, session_id, candidate, policy=one, by=None, now=stage.now)

    assert isinstance(await meet(db, hold, hold), refusals.UnitAlreadyBooked)  # type: ignore[arg-type]


@pytest.mark.parametrize("granted_first", [True, False])
async def test_a_booking_and_the_grant_of_more_time(db: Database, stage: Stage, granted_first: bool) -> None:
    async with db.transaction() as tx:
        session_id, candidate = await stage.open(tx), await stage.candidate(tx)
        asked = await accommodations.request(tx, candidate, "extra_time", now=stage.now, extra_percent=25)
    grant: Act = lambda tx: measures.grant(tx, asked, by=None, now=stage.now)  # noqa: E731
    acts = [grant, book(session_id, candidate, stage.now)]
    outcome = await meet(db, *(acts if granted_first else acts[::-1]))
    if granted_first:
        assert isinstance(outcome, TryAgain), "asked again, it reckons with the new time"
        async with db.transaction() as tx:
            await bookings.book(tx, session_id, candidate, by=None, now=stage.now)
    async with db.read() as tx:
        assert await tx.fetchval("select extra_minutes from scheduling.bookings") == 60


async def test_a_cancellation_and_a_change_of_date(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        _, booking_id = await stage.booked(tx)
        other = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    outcome = await meet(
        db,
        lambda tx: bookings.cancel(tx, booking_id, policy=POLICY, by=None, now=stage.now),
        lambda tx: rescheduling.reschedule(tx, booking_id, other, policy=POLICY, by=None, now=stage.now),
    )
    assert isinstance(outcome, refusals.NotInThatState)
