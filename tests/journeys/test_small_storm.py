"""Forty people want four seats, over HTTP, with two web processes; and the proof that such a storm can be lost.

The great ones, with sudden deaths, are in tests/faults/test_storm.py.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.db import speak_json
from tests.builders.crowd import HOT, Crowd, a_crowd, uuid_of
from tests.faults.servers import Servers, naive_web, web
from tests.faults.storm import Storm, audited, faults

CROWD = Crowd(candidates=40, spread=200, hot=1, units=20, seats=4)


async def blown(servers: Servers) -> Storm:
    storm = Storm(servers.port, CROWD, clients=CROWD.candidates, seconds=2)
    await storm.blow()
    print(storm)
    return storm


@pytest.fixture
async def crowded_url(database_url: str) -> str:
    async with audited(database_url) as connection:
        await speak_json(connection)
        await a_crowd(connection, CROWD, now=datetime.now(UTC))
    return database_url


async def test_exactly_as_many_as_there_are_seats(crowded_url: str, valkey_url: str, tmp_path: Path) -> None:
    with web(tmp_path / "web", crowded_url, valkey_url) as servers:
        storm = await blown(servers)
    async with audited(crowded_url) as connection:
        assert await faults(connection, storm) == []
    assert len(storm.booked) > CROWD.seats, "the spread sessions were booked too"


async def test_who_looks_before_booking_oversells(crowded_url: str, tmp_path: Path) -> None:
    with naive_web(tmp_path / "web", crowded_url) as servers:
        storm = await blown(servers)
    async with audited(crowded_url) as connection:
        found = await faults(connection, storm)
        booked = await connection.fetchval(
            "select count(*) from scheduling.bookings where session_id = $1", uuid_of(HOT, 0)
        )
    assert booked > CROWD.seats
    assert f"{booked} booked in {CROWD.seats} seats, counter at 0" in found
