"""No hoarding: one person holds as many coming places as is fair, also when two requests come at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from scheduling import bookings, fair_use, refusals
from service import db as database
from service.db import Database
from tests.builders.rivals import held_up
from tests.builders.stage import a_stage


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = await database.connect(database_url, house=True)
    yield opened
    await opened.close()


async def test_one_person_holds_no_more_than_the_cap_even_at_the_same_moment(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        await fair_use.change(tx, fair_use.FairUse(most_bookings=1))
        one, other = await a_stage(tx, now), await a_stage(tx, now)
        first = await one.open(tx)
        second = await other.open(tx, starts_at=other.morning + timedelta(days=1))
        hoarder = await one.candidate(tx)

    async def book_second() -> None:
        async with db.transaction() as tx:
            await bookings.book(tx, second, hoarder, by=None, now=now)

    async with db.transaction() as tx:
        held = await bookings.book(tx, first, hoarder, by=None, now=now)
        rival = asyncio.create_task(book_second())
        await held_up(tx, rival)
        assert not rival.done(), "it waits, to count the first one too"
    with pytest.raises(refusals.TooManyBookings):
        await rival
    async with db.transaction() as tx:
        assert refusals.TooManyBookings in await bookings.refusals(tx, second, hoarder, now=now)
        policy = bookings.CancellationPolicy()
        await bookings.cancel(tx, held, policy=policy, by=None, now=now)
        await bookings.book(tx, second, hoarder, by=None, now=now)
