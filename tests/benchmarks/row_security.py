"""What row security costs: a small transaction in the application's role, and the same past all policies."""

import asyncio
import time

import asyncpg

from service.db import ACTING, APPLICATION, Actor, Database, connect
from tests.benchmarks.house import CROWD, House
from tests.benchmarks.load import Run, summary
from tests.benchmarks.table import Line
from tests.builders.crowd import ACCOUNTS, CANDIDATES, SPREAD, uuid_of

CALLERS = 4
FAIRNESS = (
    "BEGIN with who acts, a candidate's own row, bookings and a session by its id, COMMIT, over one pool each; the rival "
    "is the same login as a superuser, whom no policy binds. Interleaved, client and database share the processors."
)


async def measure(house: House, *, rounds: int, seconds: int) -> list[Line]:
    """Each round: within reach, and without row security."""
    within, beyond = await _pool(house), await _pool(house)
    runs: dict[str, list[Run]] = {"within": [], "beyond": []}
    for _ in range(rounds):
        runs["within"].append(await _run(within, seconds=seconds, role=APPLICATION))
        runs["beyond"].append(await _run(beyond, seconds=seconds, role="none"))
    await within.close()
    await beyond.close()
    return [
        Line.compared("small transaction, row security", runs["within"], "without it", runs["beyond"], FAIRNESS),
    ]


async def _pool(house: House) -> Database:
    return await connect(house.database_url, size=CALLERS)


async def _run(database: Database, *, seconds: int, role: str) -> Run:
    connections = [await database.pool.acquire() for _ in range(CALLERS)]
    for connection in connections:
        await connection.execute(f"set role {role}")
    for connection in connections:
        await database.pool.release(connection)
    taken: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_caller(database, number, until, taken) for number in range(CALLERS)))
    return summary(float(seconds), taken)


async def _caller(database: Database, number: int, until: float, taken: list[float]) -> None:
    while (began := time.perf_counter()) < until:
        number = (number + CALLERS) % CROWD.candidates
        candidate = uuid_of(CANDIDATES, number)
        ACTING.set(Actor("candidate", uuid_of(ACCOUNTS, number), candidate=candidate))
        async with database.transaction() as tx:
            await _read(tx, candidate, number)
        taken.append((time.perf_counter() - began) * 1000)


async def _read(tx: asyncpg.Connection, candidate: object, number: int) -> None:
    await tx.fetchrow("select given_name, family_name from assessments.candidates where id = $1", candidate)
    await tx.fetch("select id, during from scheduling.bookings where candidate_id = $1", candidate)
    await tx.fetchrow(
        "select test_time, taken from scheduling.sessions where id = $1", uuid_of(SPREAD, number % CROWD.spread)
    )
