"""What a centre does for its candidates reaches into another centre, and under row security no further than that."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from scheduling import bookings, holds, rebookings, seats
from service import db
from service.db import ACTING, Actor, Database
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await db.connect(database_url)
    yield opened
    await opened.close()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    before = ACTING.set(actor)
    yield
    ACTING.reset(before)


async def two_stages(database: Database, now: datetime) -> tuple[Stage, Stage]:
    """Two centres; the other one is accredited for the first one's trade, and its jury is qualified for it."""
    async with database.as_house().transaction() as tx:
        here, there = await a_stage(tx, now), await a_stage(tx, now)
        there.trade, there.unit, there.standard = here.trade, here.unit, here.standard
        there.evaluator, there.observer = here.evaluator, here.observer
        await there.accredit(tx, date(2026, 1, 1), date(2028, 1, 1))
    return here, there


async def test_a_planner_gives_a_place_in_another_centre_and_reads_nothing_else_of_it(
    database: Database, now: datetime
) -> None:
    here, there = await two_stages(database, now)
    async with database.as_house().transaction() as tx:
        _, booking = await here.booked(tx)
        elsewhere, theirs = await there.booked(
            tx, unit_id=here.unit, seats=4, starts_at=there.morning + timedelta(days=1)
        )
    planner = Actor("planner", uuid4(), centre=here.centre)
    with acting(planner):
        async with database.transaction() as tx:
            await rebookings.lock_sessions(tx, [elsewhere])
            moved = await rebookings.rebook_nearest(tx, booking, "cancellation", by=planner.account, now=now)
            assert moved.session_id == elsewhere
        async with database.transaction() as tx:
            seen = await tx.fetch("select id from scheduling.bookings where session_id = $1", elsewhere)
            assert [row["id"] for row in seen] == [moved.new_booking_id] != [theirs]
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with tx.transaction():
                    await tx.execute("update scheduling.sessions set seats = seats + 1 where id = $1", elsewhere)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):  # nobody of theirs, nor on behalf of anybody else
                async with tx.transaction():
                    await bookings.book(tx, elsewhere, await _stranger(database, there), by=planner.account, now=now)


async def _stranger(database: Database, stage: Stage) -> UUID:
    async with database.as_house().transaction() as tx:
        return await stage.candidate(tx)


async def test_a_hold_past_its_time_gives_way_to_another_candidate(database: Database, now: datetime) -> None:
    async with database.as_house().transaction() as tx:
        stage = await a_stage(tx, now)
        session = await stage.open(tx, seats=1)
        first, second = await stage.candidate(tx), await stage.candidate(tx)
        held = await holds.hold(tx, session, first, policy=holds.HoldPolicy(), by=None, now=now)
    later = now + timedelta(days=1)
    with acting(Actor("candidate", uuid4(), candidate=second)):
        async with database.transaction() as tx:
            mine = await seats.take(tx, session, second, held_until=None, by=None, now=later)
            assert [row["id"] for row in await tx.fetch("select id from scheduling.bookings")] == [mine] != [held]
