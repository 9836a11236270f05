"""A connection that is kept between two round trips: never for two at a time, never for long, never when it is broken."""

import asyncio

import pytest

from service.db import Database, is_lost
from service.held_line import IDLE_SECONDS, HeldLine
from service.refusals import Overloaded
from tests.service.conftest import Town

WHO = "select pg_backend_pid()"


@pytest.fixture
async def db(town: Town) -> Database:
    return town.app.state.running.db  # type: ignore[no-any-return]


async def all_are_back(db: Database) -> bool:
    await asyncio.sleep(3 * IDLE_SECONDS)
    return db.pool.get_idle_size() == db.pool.get_size()


async def test_who_comes_soon_finds_the_connection_still_there(db: Database) -> None:
    line = HeldLine(db)
    async with line.glance() as connection:
        assert await connection.fetchval("select 1") == 1
    held = connection
    async with line.glance() as connection:
        assert connection is held
        await asyncio.sleep(3 * IDLE_SECONDS)  # somebody who takes long keeps it
        assert await connection.fetchval("select 1") == 1
    assert await all_are_back(db)
    async with line.glance() as connection:
        assert connection is not held


async def test_who_comes_while_it_goes_back_does_not_lose_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes back as soon as the loop turns: whoever comes in any of the turns around that has a connection that stays."""
    monkeypatch.setattr("service.held_line.IDLE_SECONDS", 0)
    line = HeldLine(db)
    for turns in [*range(8)] * 5:
        async with line.glance() as connection:
            await connection.fetchval("select 1")
        for _ in range(turns):
            await asyncio.sleep(0)
        async with line.glance() as connection:
            for _ in range(3):
                await asyncio.sleep(0)
            assert await connection.fetchval("select 1") == 1
    assert await all_are_back(db)


async def test_who_comes_meanwhile_gets_another(db: Database) -> None:
    line = HeldLine(db)
    async with line.glance() as one, line.glance() as other:
        assert len(set(await asyncio.gather(one.fetchval(WHO), other.fetchval(WHO)))) == 2
    assert await all_are_back(db)


async def test_what_failed_is_given_back_at_once_as_its_refusal(db: Database) -> None:
    line = HeldLine(db)
    with pytest.raises(Overloaded):
        async with line.glance() as connection:
            await connection.execute("set statement_timeout = 1; select pg_sleep(1)")
    assert db.pool.get_idle_size() == db.pool.get_size()


async def test_who_is_cancelled_leaves_a_line_that_works(db: Database) -> None:
    line = HeldLine(db)

    async def slow() -> None:
        async with line.glance() as connection:
            await connection.execute("select pg_sleep(5)")

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with line.glance() as connection:
        assert await connection.fetchval("select 1") == 1
    assert await all_are_back(db)


async def test_a_connection_that_died_while_nobody_used_it_is_replaced(town: Town, db: Database) -> None:
    line = HeldLine(db)
    async with line.glance() as connection:
        pid = await connection.fetchval(WHO)
        async with town.db.transaction() as tx:
            await tx.execute("set local role none")
            await tx.fetchval("select pg_terminate_backend($1)", pid)
        while not is_lost(connection):
            await asyncio.sleep(0.001)
    async with line.glance() as connection:
        assert await connection.fetchval(WHO) != pid
    assert await all_are_back(db)
