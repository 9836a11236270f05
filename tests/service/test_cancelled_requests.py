"""People who leave in the middle take nothing along (reliability.md, F10): no connection, no open transaction, no seat."""

import asyncio
import random
import time

from tests.service.conftest import Town

MANY = 600
TOGETHER = 60
SEED = 17


async def test_a_storm_of_people_who_leave_leaves_the_pool_whole(town: Town) -> None:
    session_id, pool, chance = await town.open_session(), town.db.pool, random.Random(SEED)
    left, whole = 0, 0.0
    for _ in range(2):  # how long those take who stay, on a machine of whatever speed, once it is warm
        began = time.perf_counter()
        await asyncio.gather(*(_something(town, session_id, number) for number in range(TOGETHER)))
        whole = time.perf_counter() - began
    for _ in range(MANY // TOGETHER):
        leaving = [asyncio.create_task(_something(town, session_id, number)) for number in range(TOGETHER)]
        for task in leaving:
            await asyncio.sleep(chance.random() * whole / 4 / TOGETHER)
            task.cancel()
        gone = await asyncio.gather(*leaving, return_exceptions=True)
        left += sum(isinstance(one, asyncio.CancelledError) for one in gone)
    assert left > MANY / 5, "nobody left in the middle: nothing was tried"
    await _until_idle(town)
    assert pool.get_idle_size() == pool.get_size()
    async with town.db.read() as tx:
        hanging = await tx.fetchval(
            """select count(*) from pg_stat_activity
               where datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()"""
        )
        seats = await tx.fetchrow(
            """select s.taken, (select count(*) from scheduling.bookings b
                                where b.session_id = s.id and b.released_at is null) as held
               from scheduling.sessions s where s.id = $1""",
            session_id,
        )
    assert hanging == 0
    assert seats["taken"] == seats["held"]
    assert (await town.candidate.get("/api/v1/bookings")).status_code == 200


async def _something(town: Town, session_id: object, number: int) -> None:
    """Reads and writes in turn; every write under a key of its own."""
    if number % 2:
        await town.candidate.get("/api/v1/bookings")
    else:
        await town.candidate.post(
            "/api/v1/bookings", json={"session_id": str(session_id)}, headers={"Idempotency-Key": f"left-{number}"}
        )


async def _until_idle(town: Town) -> None:
    for _ in range(100):
        if town.db.pool.get_idle_size() == town.db.pool.get_size():
            return
        await asyncio.sleep(0.05)
