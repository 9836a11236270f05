"""Booking over HTTP against the same writes by pgbench: spread over 10,000 sessions, and one hot session."""

import random
from collections.abc import Callable
from statistics import fmean

from tests.benchmarks.house import CROWD, House, cookie_of
from tests.benchmarks.load import Run, load
from tests.benchmarks.pgbench import booking_script, pgbench
from tests.benchmarks.table import Line
from tests.builders.crowd import HOT, SPREAD, uuid_of
from tests.faults.line import booking

CLIENTS = 32
APART = 150_000  # numbers of attempts between HTTP and pgbench, so that no candidate comes twice for a unit
SLOTS = 100 // CROWD.units  # of a unit in each hall
FAIRNESS = (
    "The same rows under the same rules in the same durable PostgreSQL, interleaved; database, web (2 processes) and load share "
    "the processors. HTTP also recognises the caller and logs a line (requests are not counted: all come from one address), and "
    "orders that come together share a round trip; pgbench, a superuser, orders one by one, each in one round trip. Where other "
    "programs want the processors too, pgbench's 32 connections get more of them than our few: then the processor time is the "
    "truer ratio."
)

# Attempt n: candidate n % 20,000, each time for another unit, in a session of that unit chosen at random.
SPREAD_SCRIPT = f"""\\set i :i + 1
\\set n :base + :client_id + {CLIENTS} * :i
\\set candidate :n % {CROWD.candidates}
\\set unit (:n / {CROWD.candidates} + :candidate) % {CROWD.units}
\\set session random(0, {CROWD.spread // 100 - 1}) * 100 + :unit + {CROWD.units} * random(0, {SLOTS - 1})
""" + booking_script(":candidate", f"{SPREAD}, :session")
HOT_SCRIPT = f"""\\set i :i + 1
\\set n :client_id + {CLIENTS} * :i
""" + booking_script(":n", f"{HOT}, :hot")


class Spread:
    """The bytes of one attempt after the other."""

    def __init__(self) -> None:
        self.number = 0
        self.chance = random.Random(1)

    def __call__(self) -> bytes:
        candidate = self.number % CROWD.candidates
        unit = (self.number // CROWD.candidates + candidate) % CROWD.units
        hall, slot = self.chance.randrange(CROWD.spread // 100), unit + CROWD.units * self.chance.randrange(SLOTS)
        self.number += 1
        return booking(uuid_of(SPREAD, hall * 100 + slot), cookie_of(candidate), f"http-{self.number}")


def hot(session: int) -> Callable[[], bytes]:
    """Everybody, one after the other, for one session."""
    candidates, wanted = iter(range(CROWD.candidates)), uuid_of(HOT, session)

    def next_request() -> bytes:
        candidate = next(candidates)
        return booking(wanted, cookie_of(candidate), f"hot-{session}-{candidate}")

    return next_request


async def measure(house: House, spread: Spread, *, rounds: int, seconds: int) -> list[Line]:
    """Each round: HTTP and pgbench spread, then HTTP and pgbench on one session each."""
    await load(house.web.port, spread, seconds=2, connections=CLIENTS, status=201, warming_up=True)
    await house.look_around()
    runs: dict[str, list[Run]] = {"http": [], "pgbench": [], "hot http": [], "hot pgbench": []}
    used, asked, pgbench_base, pgbench_used = [0.0, 0.0], 0, APART, list[float]()
    memory = house.memory()
    for turn in range(rounds):
        before = house.cpu()
        runs["http"].append(await load(house.web.port, spread, seconds=seconds, connections=CLIENTS, status=201))
        used = [total + after - begun for total, after, begun in zip(used, house.cpu(), before, strict=True)]
        asked += runs["http"][-1].count
        script = {"clients": CLIENTS, "i": -1, "base": pgbench_base}
        ceiling = await pgbench(house.database_url, SPREAD_SCRIPT, seconds=seconds, cpu=house.cpu_of_postgres, **script)
        runs["pgbench"].append(ceiling.run)
        pgbench_used.append(ceiling.cpu)
        pgbench_base += ceiling.transactions * 2 + CLIENTS  # the clients do not keep step
        heat = hot(2 * turn)
        runs["hot http"].append(await load(house.web.port, heat, seconds=seconds, connections=CLIENTS, status=201))
        script = {"clients": CLIENTS, "i": -1, "hot": 2 * turn + 1}
        ceiling = await pgbench(house.database_url, HOT_SCRIPT, seconds=seconds, cpu=house.cpu_of_postgres, **script)
        runs["hot pgbench"].append(ceiling.run)
    hot_count = sum(run.count for run in runs["hot http"])
    return [
        Line.compared(
            "booking over HTTP, 10,000 sessions", runs["http"], "pgbench, same writes", runs["pgbench"], FAIRNESS
        ),
        Line.compared(
            "booking over HTTP, one session", runs["hot http"], "pgbench, same writes", runs["hot pgbench"], FAIRNESS
        ),
        Line.number("processor time of web a booking", used[0] / asked * 1e6, "µs"),
        Line.held_against(
            "processor time of PostgreSQL a booking",
            used[1] / asked * 1e6,
            "µs",
            "pgbench's, one by one",
            fmean(pgbench_used) * 1e6,
        ),
        Line.held_against(
            "memory of web, afterwards", house.memory(), "MB", f"before {asked + hot_count:,} bookings", memory
        ),
    ]
