"""Two hundred people at once for twelve seats: how long until the last of them is answered, over HTTP and in the database."""

import asyncio
import time
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

import asyncpg

from service.coalescing import MOST
from tests.benchmarks.house import CROWD, House
from tests.benchmarks.table import Line
from tests.builders.crowd import ACCOUNTS, CANDIDATES, HOT, cookie_of, uuid_of
from tests.faults.line import Answer, booking
from tests.faults.line import Line as Connection

CLIENTS, SEATS = 200, 12
SESSION = CROWD.hot - 1  # which no other measure takes
CONNECTIONS = 8  # to the database: more of them are slower
ORDER = "select state from service.order_seats($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
FAIRNESS = (
    "Twelve of them are booked and all others refused, each round, or it fails. In the database they order over 8 connections; "
    "over HTTP each has a connection of their own, and who is refused is also told why in words, what is short, how many wait, "
    "and the nearest way out."
)


async def measure(house: House, *, rounds: int) -> list[Line]:
    """Milliseconds, medians of the rounds."""
    ours, alone, together = [], [], []
    for number in range(0, 3 * rounds, 3):
        await _seats(house)
        ours.append(await _over_http(house, number))
        await _seats(house)
        alone.append(await _in_the_database(house, number + 1, together=1))
        await _seats(house)
        together.append(await _in_the_database(house, number + 2, together=MOST))
    what, took = "200 clients for 12 seats, all answered", median(ours)
    return [
        Line.held_against(what, took, "ms", "database, one by one", median(alone), FAIRNESS),
        Line.held_against(
            "the same, beside sets", took, "ms", f"database, {MOST} together", median(together), FAIRNESS
        ),
    ]


async def _seats(house: House) -> None:
    """So many are free; past the guards, as in house.py."""
    async with house.connection.transaction():
        await house.connection.execute("set local session_replication_role = replica")
        await house.connection.execute(
            "update scheduling.sessions set seats = taken + $2 where id = $1", uuid_of(HOT, SESSION), SEATS
        )


def _people(turn: int) -> range:
    """From the end of the crowd, whom no other measure has seated there."""
    return range(CROWD.candidates - CLIENTS * (turn + 1), CROWD.candidates - CLIENTS * turn)


async def _over_http(house: House, turn: int) -> float:
    lines = [await Connection.open(house.web.port) for _ in range(CLIENTS)]
    session = uuid_of(HOT, SESSION)
    requests = [booking(session, cookie_of(person), f"rush-{person}") for person in _people(turn)]
    began = time.perf_counter()
    answers: list[Answer] = await asyncio.gather(
        *(line.ask(request) for line, request in zip(lines, requests, strict=True))
    )
    took = time.perf_counter() - began
    for line in lines:
        line.close()
    said = sorted(answer.status for answer in answers)
    assert said == [201] * SEATS + [409] * (CLIENTS - SEATS), said
    return took * 1000


async def _in_the_database(house: House, turn: int, *, together: int) -> float:
    """Each order a call, or so many of them together."""
    people = _people(turn)
    async with asyncpg.create_pool(house.database_url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        for connection in [await pool.acquire() for _ in range(CONNECTIONS)]:
            await connection.fetch(ORDER, *([] for _ in range(11)), "1s")  # the statement is read before the clock runs
            await pool.release(connection)

        async def order(group: range) -> list[str | None]:
            each = [None] * len(group)
            who = [uuid_of(ACCOUNTS, one) for one in group], [uuid_of(CANDIDATES, one) for one in group]
            what = [uuid_of(HOT, SESSION) for _ in each], [f"rush-{one}" for one in group], ["0" * 64 for _ in each]
            answer = [uuid4() for _ in each], [201 for _ in each], [b"x" * 120 for _ in each]
            rows = await pool.fetch(
                ORDER, *who, *what, *answer, [datetime.now(UTC) for _ in each], each, [0 for _ in each], "9s"
            )
            return [row["state"] for row in rows]

        began = time.perf_counter()
        groups = [people[begin : begin + together] for begin in range(0, CLIENTS, together)]
        states = [state for group in await asyncio.gather(*map(order, groups)) for state in group]
        took = time.perf_counter() - began
    assert (len(states), states.count(None)) == (CLIENTS, SEATS), states
    return took * 1000
