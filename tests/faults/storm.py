"""A storm: many clients want the same few seats and many others besides, over HTTP, until each has a definite answer.

Every attempt has its own Idempotency-Key; one whose answer was lost is asked again with the same key. Afterwards
`faults` compares what the clients were told with what the database holds.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from tests.builders.crowd import CANDIDATES, HOT, SPREAD, Crowd, cookie_of, uuid_of
from tests.faults.line import Answer, Line, Lost, booking

ANSWER_SECONDS = 15.0  # of patience for one answer; the servers' own limits are below it
IMPATIENT_SECONDS = 0.5
SETTLE_SECONDS = 30.0  # after the storm, for attempts whose outcome nobody knows yet
EXPECTED = {"session-full", "candidate-busy", "unit-already-booked", "too-many-bookings"}
ASK_AGAIN = {"key-in-flight"}


class Attempt(Struct):
    """One wish for one seat. `outcome` is "booked", the refusal's name, or empty while nobody knows."""

    candidate: int
    session: UUID
    key: str
    outcome: str = ""
    booking: UUID | None = None
    lost: int = 0
    hung_up: bool = False
    answered_at: float = 0.0


class Problem(Struct):
    type: str = ""
    id: UUID | None = None


class Storm:
    """`clients` candidates 0 … at `port` for `seconds`; the hot sessions take turns, each with everybody after it.

    `hangs_up`: the share of attempts whose client drops its connection before the first answer, and then asks again.
    """

    def __init__(
        self, port: int, crowd: Crowd, *, clients: int, seconds: float, hangs_up: float = 0, seed: int = 1
    ) -> None:
        self.port = port
        self.crowd = crowd
        self.clients = clients
        self.seconds = seconds
        self.hangs_up = hangs_up
        self.seed = seed
        self.attempts: list[Attempt] = []
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    async def blow(self) -> None:
        """Until every client has a definite answer to everything it asked, or its patience ends."""
        self.began = time.monotonic()
        await asyncio.gather(*(self._client(candidate) for candidate in range(self.clients)))

    @property
    def booked(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.outcome == "booked"]

    @property
    def lost(self) -> list[Attempt]:
        """Attempts at least one answer of which never came, though it was waited for."""
        return [attempt for attempt in self.attempts if attempt.lost]

    def __str__(self) -> str:
        outcomes = Counter(attempt.outcome or "unknown" for attempt in self.attempts)
        settled = Counter(attempt.outcome for attempt in self.lost)
        return (
            f"{len(self.attempts)} attempts {dict(outcomes)}, answers {dict(sorted(self.statuses.items()))}, "
            f"{len(self.lost)} of them asked again after a lost answer {dict(settled)}, "
            f"{sum(attempt.hung_up for attempt in self.attempts)} after hanging up, slowest {self.slowest:.2f} s"
        )

    async def _client(self, candidate: int) -> None:
        chance = random.Random(self.seed * 1_000_003 + candidate)
        line, turns = None, 0  # each client goes for each hot session, those whose time has passed included
        while (elapsed := time.monotonic() - self.began) < self.seconds or turns < self.crowd.hot:
            if elapsed >= self.seconds * turns / self.crowd.hot and turns < self.crowd.hot:
                session = uuid_of(HOT, turns)
                turns += 1
            elif chance.random() < 0.25:
                session = uuid_of(HOT, turns - 1)
            else:
                session = uuid_of(SPREAD, chance.randrange(self.crowd.spread))
            attempt = Attempt(candidate, session, f"{self.seed}-{candidate}-{chance.getrandbits(64):x}")
            self.attempts.append(attempt)
            line = await self._settle(attempt, line, chance)
        if line is not None:
            line.close()

    async def _settle(self, attempt: Attempt, line: Line | None, chance: random.Random) -> Line | None:
        """Ask until the answer is definite; return the line for the next attempt, if it still holds."""
        asked = booking(attempt.session, cookie_of(attempt.candidate), attempt.key)
        patience = chance.uniform(0, IMPATIENT_SECONDS) if chance.random() < self.hangs_up else ANSWER_SECONDS
        while time.monotonic() < self.began + self.seconds + SETTLE_SECONDS:
            try:
                line = line or await Line.open(self.port)
                sent = time.monotonic()
                async with asyncio.timeout(patience):
                    answer = await line.ask(asked)
            except (Lost, TimeoutError):
                if patience < ANSWER_SECONDS:
                    attempt.hung_up = True
                else:
                    attempt.lost += line is not None  # a refused connection carried nothing
                if line is not None:
                    line.close()
                line, patience = None, ANSWER_SECONDS
            else:
                self.slowest = max(self.slowest, time.monotonic() - sent)
                if self._is_definite(attempt, answer):
                    return line
            await asyncio.sleep(0.02 + 0.2 * chance.random())
        return line

    def _is_definite(self, attempt: Attempt, answer: Answer) -> bool:
        self.statuses[answer.status] += 1
        said = msgspec.json.decode(answer.body, type=Problem) if answer.body else Problem()
        problem = said.type.rpartition("/")[2]
        if answer.status >= 500 or problem in ASK_AGAIN:
            return False
        attempt.outcome = "booked" if answer.status == 201 else problem or str(answer.status)
        attempt.booking, attempt.answered_at = said.id, time.monotonic() - self.began
        return True


@asynccontextmanager
async def audited(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection for the look afterwards."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def faults(connection: asyncpg.Connection, storm: Storm) -> list[str]:
    """Where what was told and what is kept differ; empty when everyone was told the truth."""
    return [
        *_in_the_answers(storm),
        *await _in_the_seats(connection, storm),
        *await _between_the_two(connection, storm),
    ]


def _in_the_answers(storm: Storm) -> list[str]:
    found = [
        f"{count} answers of {status}" for status, count in storm.statuses.items() if status not in (201, 409, 503)
    ]
    outcomes = Counter(attempt.outcome for attempt in storm.attempts)
    if unknown := outcomes.pop("", 0):
        found.append(f"{unknown} attempts without a definite answer")
    return found + [f"{count} times {name}" for name, count in outcomes.items() if name not in EXPECTED | {"booked"}]


async def _in_the_seats(connection: asyncpg.Connection, storm: Storm) -> list[str]:
    """Oversold, miscounted or left empty though all came; the same person twice at a time."""
    wrong = await connection.fetch(
        """select s.id, s.seats, s.taken, count(b.id) as booked
           from scheduling.sessions s left join scheduling.bookings b on b.session_id = s.id and b.released_at is null
           group by s.id having count(b.id) > s.seats or count(b.id) <> s.taken"""
    )
    found = [f"{row['booked']} booked in {row['seats']} seats, counter at {row['taken']}" for row in wrong]
    hot = [uuid_of(HOT, turn) for turn in range(storm.crowd.hot)]
    for row in await connection.fetch("select id, taken, seats from scheduling.sessions where id = any ($1)", hot):
        if row["taken"] != row["seats"]:
            found.append(f"hot session with {row['taken']} of {row['seats']} seats taken")
    overlaps = await connection.fetchval(
        """select count(*) from scheduling.bookings a join scheduling.bookings b
             on a.candidate_id = b.candidate_id and a.id < b.id and a.during && b.during
           where a.released_at is null and b.released_at is null"""
    )
    return found + ([f"{overlaps} overlaps"] if overlaps else [])


async def _between_the_two(connection: asyncpg.Connection, storm: Storm) -> list[str]:
    """Every acknowledged booking is kept, every kept one was acknowledged, each with one key and one piece of news."""
    kept = {
        row["id"]: (row["candidate_id"], row["session_id"], row["news"], row["keys"])
        for row in await connection.fetch(
            """select b.id, b.candidate_id, b.session_id,
                      (select count(*) from service.outbox o where o.aggregate = b.id and o.topic = 'booking.confirmed') as news,
                      (select count(*) from service.idempotency i join service.accounts a on a.id = i.account_id
                       where a.candidate_id = b.candidate_id and i.status = 201
                         and convert_from(i.body, 'UTF8')::jsonb ->> 'id' = b.id::text) as keys
               from scheduling.bookings b where b.released_at is null"""
        )
    }
    told = {
        attempt.booking: (uuid_of(CANDIDATES, attempt.candidate), attempt.session, 1, 1) for attempt in storm.booked
    }
    found = []
    if len(told) != len(storm.booked):
        found.append("two attempts were told of one booking")
    if missing := told.keys() - kept.keys():
        found.append(f"{len(missing)} acknowledged bookings are missing")
    if secret := kept.keys() - told.keys():
        found.append(f"{len(secret)} bookings that nobody was told of")
    if different := [each for each in told.keys() & kept.keys() if told[each] != kept[each]]:
        found.append(f"{len(different)} bookings are not what was told: {[kept[each] for each in different[:3]]}")
    keys = await connection.fetchval("select count(*) from service.idempotency")
    if keys != len(told):
        found.append(f"{keys} keys kept for {len(told)} bookings")
    return found
