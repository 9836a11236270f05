"""The servers that are measured: a durable PostgreSQL, a Valkey and two web processes, and what they have used."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import asyncpg
from msgspec import Struct

import migrations
from service import embedded
from service.accounts import Account
from service.claims import with_claim
from service.db import speak_json
from tests.builders.crowd import ACCOUNTS, CANDIDATES, HOT, Crowd, a_crowd, uuid_of
from tests.builders.crowd import cookie_of as secret_of
from tests.faults.servers import Servers, children, web

CROWD = Crowd(
    candidates=20_000, spread=10_000, hot=8, units=20, seats=50, spread_seats=50, unit_by_room=False, centres=10
)
SECRET = "bench" * 8
TICKS = os.sysconf("SC_CLK_TCK")


class House(Struct, frozen=True):
    """What the measurements share."""

    database_url: str
    postgres: embedded.Server
    web: Servers
    connection: "asyncpg.Connection[asyncpg.Record]"
    now: datetime

    def cpu(self) -> tuple[float, float]:
        """Seconds of processor time used so far: by the web processes, by PostgreSQL."""
        return cpu_of(self.web.web_processes()), self.cpu_of_postgres()

    def cpu_of_postgres(self) -> float:
        """Seconds, those of connections that have ended included."""
        main = self.postgres.process.pid
        while True:
            ended = cpu_of([main], of_the_ended=True)
            used = cpu_of([main, *children(main)]) + ended
            # One that ended meanwhile would count twice, or not at all.
            if cpu_of([main], of_the_ended=True) == ended:
                return used

    async def look_around(self) -> None:
        """Tell the planner what is in the tables, as autovacuum does within a minute: a connection would keep the plans
        that it made while they were empty."""
        await self.connection.execute("vacuum analyze")

    def memory(self) -> float:
        """Megabytes that the web processes hold for themselves and their share of what they share."""
        return sum(_proportional(pid) for pid in self.web.web_processes()) / 1024


@cache
def cookie_of(candidate: int) -> str:
    """What the browser of that candidate of the crowd sends, as the house made it when they signed in."""
    who = Account(uuid_of(ACCOUNTS, candidate), "", "candidate", None, uuid_of(CANDIDATES, candidate), None, "fr")
    return with_claim(SECRET.encode(), secret_of(candidate), who)


@asynccontextmanager
async def a_house() -> AsyncIterator[House]:
    """Start everything in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="preuve-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # as root the servers run as nobody
        postgres = embedded.start_postgres(folder)
        stack.callback(postgres.stop)
        valkey = embedded.start_valkey(folder)
        stack.callback(valkey.stop)
        connection = await asyncpg.connect(postgres.url)
        now = datetime.now(UTC)
        await _filled(connection, now)
        servers = stack.enter_context(web(folder / "web", postgres.url, valkey.url, PREUVE_SECRET=SECRET))
        yield House(postgres.url, postgres, servers, connection, now)
        await connection.close()


async def _filled(connection: "asyncpg.Connection[asyncpg.Record]", now: datetime) -> None:
    await speak_json(connection)
    await migrations.apply(connection)
    await a_crowd(connection, CROWD, now=now)
    async with connection.transaction():
        # More seats than any room has, so that a hot session stays hot; the guards would refuse it.
        await connection.execute("set local session_replication_role = replica")
        hot = [uuid_of(HOT, number) for number in range(CROWD.hot)]
        await connection.execute("update scheduling.sessions set seats = 1000000 where id = any ($1)", hot)
    # The rule is asked of every booking; on a quick machine the candidates would run out of places of their own.
    await connection.execute("update scheduling.fair_use set most_bookings = 1000")
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    for candidate in range(CROWD.candidates):
        cookie_of(candidate)  # everybody has signed in: signing their cookies is not what is measured


def cpu_of(processes: list[int], *, of_the_ended: bool = False) -> float:
    """Seconds of theirs, or of their children that have ended."""
    ticks = 0
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it ended a moment ago: its parent has counted it by now
            continue
        ticks += int(fields[13]) + int(fields[14]) if of_the_ended else int(fields[11]) + int(fields[12])
    return ticks / TICKS


def _proportional(pid: int) -> int:
    """Kilobytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
