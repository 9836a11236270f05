"""One clock for all processes: the database's. What one of them holds until a moment, no other ends before it.

A process asks for the time when it starts and each minute, and reckons from there with a counter that only goes forward:
a wrong clock of its machine, or one that is set meanwhile, releases no hold and opens no link.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from service import logs
from service.db import Database
from service.refusals import Refusal

EVERY_SECONDS = 60.0
ALARM = timedelta(seconds=2)  # of difference between the machine's clock and the database's: somebody should know


def by_the_machine() -> datetime:
    return datetime.now(UTC)


class DatabaseClock:
    """`clock()` is this moment as the database has it, once it was set."""

    def __init__(self, machine: Callable[[], datetime] = by_the_machine) -> None:
        self._machine = machine
        self._read = machine()
        self._read_at = time.monotonic()

    def __call__(self) -> datetime:
        return self._read + timedelta(seconds=time.monotonic() - self._read_at)

    async def set(self, db: Database) -> None:
        """Ask the database. Refuses what Database.glance refuses; then it goes on as before."""
        async with db.glance() as connection:
            asked_at = time.monotonic()
            read: datetime = await connection.fetchval("select clock_timestamp()")
            self._read, self._read_at = read, (asked_at + time.monotonic()) / 2
        ahead = self._machine() - self()
        if abs(ahead) > ALARM:
            logs.say("clock differs from the database's", seconds=round(ahead.total_seconds(), 1))

    async def keep(self, db: Database) -> None:
        """Set it again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            with suppress(Refusal):
                await self.set(db)
