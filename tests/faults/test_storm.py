"""Two hundred people want twelve seats for ten seconds, and the spread ones meanwhile; then again while a server dies.

`preuve run` as it is: durable PostgreSQL, two web processes, worker, supervisor. Nobody may be told what is not kept,
and nothing be kept that nobody was told. That a storm can be lost is shown in tests/journeys/test_small_storm.py.
In the storms with a death every fifth client hangs up before its first answer, so that keys are asked about whose
booking stands.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from service.db import speak_json
from tests.builders.crowd import Crowd, a_crowd
from tests.faults.servers import HOUSE, Servers, everything
from tests.faults.storm import Storm, audited, faults

CLIENTS = 200
ONE_SESSION = Crowd(candidates=CLIENTS, spread=2000, hot=1, units=40, seats=12)
IN_TURN = Crowd(candidates=CLIENTS, spread=2000, hot=3, units=40, seats=12)  # so that the death falls on one of them


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with everything(tmp_path / "data") as started:
        yield started


async def test_two_hundred_for_twelve_seats(servers: Servers) -> None:
    storm = await blown(servers, ONE_SESSION, seconds=10)
    assert storm.lost == []
    await assert_everyone_was_told_the_truth(servers, storm)


DEATHS = {
    "a web process": Servers.kill_a_web_process,
    "the web server": Servers.kill_the_web_server,
    "PostgreSQL": Servers.kill_postgresql,
}


@pytest.mark.parametrize("victim", DEATHS)
async def test_a_sudden_death_in_the_middle(servers: Servers, victim: str) -> None:
    storm = await blown(servers, IN_TURN, seconds=8, death=DEATHS[victim], hangs_up=0.2)
    assert storm.lost or storm.statuses[503], "nobody noticed: the death proves nothing"
    assert await replays(servers), "nobody hung up on a booking: the keys were not tried"
    assert any(attempt.outcome == "booked" and attempt.answered_at > storm.seconds / 2 for attempt in storm.attempts)
    await assert_everyone_was_told_the_truth(servers, storm)


async def blown(
    servers: Servers,
    crowd: Crowd,
    *,
    seconds: float,
    death: Callable[[Servers], None] | None = None,
    hangs_up: float = 0,
) -> Storm:
    """A storm over a new crowd; half-way, the death."""
    async with audited(servers.addresses.database_url) as connection:
        await speak_json(connection)
        await a_crowd(connection, crowd, now=datetime.now(UTC))
    storm = Storm(servers.port, crowd, clients=CLIENTS, seconds=seconds, hangs_up=hangs_up)
    blowing = asyncio.create_task(storm.blow())
    if death is not None:
        await asyncio.sleep(seconds / 2)
        death(servers)
    await blowing
    print(
        f"\n{storm}, longest without an answer {longest_silence(storm):.2f} s, {await replays(servers)} told by their key"
    )
    return storm


async def replays(servers: Servers) -> int:
    """How many bookings were there already when they were asked for again, and were only told then."""
    async with audited(servers.addresses.database_url) as connection:
        return int(await connection.fetchval("select count(*) from service.idempotency where seen > 1"))


def longest_silence(storm: Storm) -> float:
    """How long nobody got a definite answer."""
    moments = sorted(attempt.answered_at for attempt in storm.attempts)
    return max(after - before for before, after in pairwise(moments))


async def assert_everyone_was_told_the_truth(servers: Servers, storm: Storm) -> None:
    async with audited(servers.addresses.database_url) as connection:
        assert await faults(connection, storm) == []
    addresses = {"DATABASE_URL": servers.addresses.database_url, "REDIS_URL": servers.addresses.redis_url}
    check = [sys.executable, "-m", "service", "check"]
    audit = subprocess.run(
        check, cwd=HOUSE, env=dict(os.environ) | addresses, capture_output=True, text=True, check=False
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr
