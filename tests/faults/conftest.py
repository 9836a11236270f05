"""A worker process to kill, rows for it to work on, and an account of what it did."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

PROGRAM = Path(__file__).with_name("counting_worker.py")
HOUSE = Path(__file__).parents[2]


class Worker:
    """The worker under test, in a process of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as written:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM)], env=environment, stdout=written, stderr=written, cwd=HOUSE
            )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(10)


class Ledger:
    """What there was to do, and what was done."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def add(self, aggregates: int, rows: int, *, topic: str = "test.counted") -> None:
        """`rows` events for each of so many aggregates, taking turns."""
        await self.connection.execute(
            """with ids as (select a, gen_random_uuid() as id from generate_series(1, $1) a)
               insert into service.outbox (topic, aggregate, occurred_at)
               select $3, ids.id, now() from generate_series(1, $2) r, ids order by r, a""",
            aggregates,
            rows,
            topic,
        )

    async def effects(self) -> int:
        return int(await self.connection.fetchval("select count(*) from public.effects"))

    async def tries(self) -> int:
        return int(await self.connection.fetchval("select last_value from public.tries"))

    async def twice(self) -> int:
        """How many rows had their effect more than once."""
        return int(
            await self.connection.fetchval(
                "select count(*) from (select from public.effects group by outbox_id having count(*) > 1) t"
            )
        )

    async def waiting(self) -> int:
        return int(await self.connection.fetchval("select count(*) from service.outbox where done_at is null"))

    async def under_way(self) -> int:
        """How many reactions are in the middle of their transaction at this moment."""
        return int(
            await self.connection.fetchval(
                """select count(*) from pg_stat_activity
                   where datname = current_database() and state = 'active' and query like 'select pg_sleep%'"""
            )
        )

    async def until(self, holds: Callable[[], "asyncio.Future[bool]"], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not await holds():
            assert time.monotonic() < deadline, f"still waiting: {await self.waiting()} rows"
            await asyncio.sleep(0.01)

    async def until_done(self, *, seconds: float) -> None:
        async def done() -> bool:
            return await self.waiting() == 0

        await self.until(done, seconds=seconds)

    async def until_in_the_middle(self) -> None:
        async def in_the_middle() -> bool:
            return await self.under_way() > 0

        await self.until(in_the_middle, seconds=20)

    async def assert_each_once_and_in_order(self, rows: int) -> None:
        found = await self.connection.fetch("select outbox_id, aggregate from public.effects order by id")
        assert sorted(row["outbox_id"] for row in found) == list(range(1, rows + 1))
        orders: dict[UUID, list[int]] = {}
        for row in found:
            orders.setdefault(row["aggregate"], []).append(row["outbox_id"])
        assert all(order == sorted(order) for order in orders.values())


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """create table public.effects (id bigserial primary key, outbox_id bigint not null, aggregate uuid not null);
           create sequence public.tries;
           grant all on public.effects, public.effects_id_seq, public.tries to preuve_application"""
    )
    yield Ledger(connection)
    await connection.close()


@pytest.fixture
def start_worker(database_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """`start_worker()`, or with the address of another Valkey; whatever still runs is ended after the test."""
    started: list[Worker] = []
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PREUVE_")}

    def start(redis_url: str = valkey_url) -> Worker:
        addresses = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PREUVE_DATA": str(tmp_path)}
        path = {"PYTHONPATH": str(HOUSE)}
        started.append(Worker(outside | addresses | path, tmp_path / "worker.log"))
        return started[-1]

    yield start
    for worker in started:
        with suppress(ProcessLookupError):
            worker.kill()
