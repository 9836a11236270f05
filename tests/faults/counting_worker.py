"""A real worker with reactions that count: the program that the fault tests start and kill.

`test.counted` writes its effect in the transaction of the done mark, as every reaction does. `test.careless` commits
it apart: the mistake that the guarantee is about, kept to show that the tests would see it.
"""

import asyncio
import os
import sys

import asyncpg

from service import logs, worker
from service.outbox import Event
from service.settings import read
from service.wiring import Running


async def count(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    await tx.execute("select nextval('public.tries')")  # a sequence remembers what a kill undid
    await tx.execute("insert into public.effects (outbox_id, aggregate) values ($1, $2)", event.id, event.aggregate)
    await tx.execute("select pg_sleep(0.04)")


async def count_carelessly(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    async with running.db.transaction() as apart:
        await apart.execute(
            "insert into public.effects (outbox_id, aggregate) values ($1, $2)", event.id, event.aggregate
        )
    await tx.execute("select pg_sleep(0.04)")


if __name__ == "__main__":
    logs.configure("json")
    asyncio.run(worker.work(read(os.environ), {"test.counted": count, "test.careless": count_carelessly}))
    sys.exit(0)
