"""The moment that a staged race waits for: the second one is held up by what the first has not committed yet."""

import asyncio
import time
from typing import Any

import asyncpg

PATIENCE_SECONDS = 30  # a machine that has other work to do


async def held_up(tx: asyncpg.Connection, *rivals: "asyncio.Task[Any]") -> None:
    """Wait until a lock holds each rival up, as PostgreSQL sees it, or until it is done without having had to wait.

    pg_locks, and not pg_stat_activity: a transaction looks at the latter once and goes on seeing what it saw then.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting := sum(not rival.done() for rival in rivals):
        if await tx.fetchval("select count(distinct pid) from pg_locks where not granted") >= waiting:
            return
        assert time.monotonic() < deadline, "the rival neither waits nor ends"
        await asyncio.sleep(0.01)
