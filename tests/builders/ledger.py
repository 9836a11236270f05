"""The stand on which Hypothesis plays the slot ledger: a database in a transaction, and a small model beside it.

Five candidates, three sessions of one unit on three days, and a session of another unit at the time of the first. A
second observer is kin of the first candidate. Later there may be more sessions: whatever a rule names by a number is that
one of as many as there are.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from scheduling import bookings, holds, refusals, waiting
from service import check
from service.db import speak_json
from tests.builders.refused import tried
from tests.builders.stage import Stage, a_stage

T = TypeVar("T")


class Seat:
    """What the model knows of a live booking."""

    def __init__(self, who: int, where: int, until: datetime | None) -> None:
        self.who, self.where, self.until = who, where, until

    def is_live(self, now: datetime) -> bool:
        return self.until is None or now < self.until


HOLDS = holds.HoldPolicy(minutes=10, per_person=2)
ROLES = ("evaluator", "observer", "manager")
WORKERS = {"outbox"}  # the news waits for a worker that is not here
CLOCKWORKS = {"free seats", "holds"}  # true once the clockwork ran


@contextmanager
def standing(url: str) -> Iterator[None]:
    """One connection for all examples: what PostgreSQL has planned for one stays planned for the next."""
    Stand.loop = asyncio.new_event_loop()
    Stand.tx = Stand.loop.run_until_complete(asyncpg.connect(url))
    try:
        Stand.loop.run_until_complete(speak_json(Stand.tx))
        yield
    finally:
        Stand.loop.run_until_complete(Stand.tx.close())
        Stand.loop.close()


class Stand(RuleBasedStateMachine):
    loop: asyncio.AbstractEventLoop
    tx: "asyncpg.Connection[asyncpg.Record]"

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[UUID, Seat] = {}
        self.ended: list[UUID] = []
        self.waits: dict[int, UUID] = {}
        self.closed: set[int] = set()
        self.capacity = [2, 1, 1, 1]
        self.days = [0, 1, 2, 0]  # after the first morning; one room, so each of our own has a day of its own
        self.gone: set[int] = set()  # cancelled; those are closed, too

    def run(self, act: Awaitable[T]) -> T:
        return self.loop.run_until_complete(act)  # type: ignore[arg-type]

    def attempt(self, act: Any) -> Any:
        """The verb in a savepoint, with the constraints that wait for the commit; its answer, or its refusal."""
        return self.run(tried(self.tx, act, refusals.Refusal))

    @initialize(people=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), min_size=3, max_size=7))
    def begin(self, people: list[tuple[int, int, bool]]) -> None:
        """Some have booked or hold a place already: otherwise most orders end before there is anybody to plan for."""
        self.now = datetime(2026, 9, 1, 8, tzinfo=UTC)

        async def stage() -> None:
            self.example = self.tx.transaction()
            await self.example.start()
            self.here, there = await a_stage(self.tx, self.now), await a_stage(self.tx, self.now)
            self.sessions = [
                await self.opened(self.here, day, seats) for day, seats in enumerate(self.capacity[:3])
            ] + [await self.opened(there, 0, self.capacity[3])]
            self.candidates = [await self.here.candidate(self.tx) for _ in range(5)]
            self.kin = await self.here.assessor(self.tx, "observer")
            await self.here.link(self.tx, self.kin, self.candidates[0])
            self.evaluators = (self.here.evaluator, await self.here.assessor(self.tx, "evaluator", of_centre=True))

        self.run(stage())
        self.juries = [self.whole_jury() for _ in range(3)] + [{role: {UUID(int=0)} for role in ROLES}]  # whoever
        for who, where, only_holds in people:
            (self.hold if only_holds else self.book)(who, where)

    def book(self, who: int, where: int) -> None:
        expected = self.expected(who, where)
        answer = self.attempt(
            lambda: bookings.book(self.tx, self.sessions[where], self.candidates[who], by=None, now=self.now)
        )
        self.took(answer, expected, Seat(who, where, None))

    def hold(self, who: int, where: int) -> None:
        expected = self.expected(who, where)
        answer = self.attempt(
            lambda: holds.hold(self.tx, self.sessions[where], self.candidates[who], policy=HOLDS, by=None, now=self.now)
        )
        self.took(answer, expected, Seat(who, where, self.now + timedelta(minutes=HOLDS.minutes)))

    def whole_jury(self) -> dict[str, set[UUID]]:
        one = self.here
        return {"evaluator": {one.evaluator}, "observer": {one.observer}, "manager": {one.manager}}

    def of(self, number: int) -> int:
        """The session that a rule means."""
        return number % len(self.sessions)

    async def opened(self, stage: Stage, day: int, seats: int) -> UUID:
        """With equipment for two, so that a seat may be added."""
        session_id = await stage.open(self.tx, starts_at=stage.morning + timedelta(days=day), seats=2)
        await self.tx.execute("update scheduling.sessions set seats = $2 where id = $1", session_id, seats)
        return session_id

    def teardown(self) -> None:
        try:
            if hasattr(self, "candidates"):
                self.clean()
        finally:
            if hasattr(self, "example"):
                self.run(self.example.rollback())  # whatever was found: the next example begins with nothing

    def clean(self) -> None:
        """After the clockwork ran `preuve check` finds nothing."""
        self.clockwork()  # the machine's own rule
        self.audited(but=WORKERS)

    def audited(self, *, but: set[str]) -> None:
        """`preuve check` finds nothing, but in these rules."""
        found = self.run(check.audit(self.tx, now=self.now))
        broken = [(one.rule, one.examples) for one in found if one.violations and one.rule not in but]
        assert not broken, broken

    # What the model expects of whoever wants a seat.

    def seated(self, where: int) -> int:
        return sum(seat.where == where and seat.is_live(self.now) for seat in self.live.values())

    def expected(self, who: int, where: int, but: UUID | None = None) -> type[Exception] | None:
        mine = [seat for key, seat in self.live.items() if seat.who == who and seat.is_live(self.now) and key != but]
        if where in self.closed:
            return refusals.SessionNotOpen
        if self.seated(where) >= self.capacity[where]:
            return refusals.SessionFull
        if any((seat.where == 3) == (where == 3) for seat in mine):
            return refusals.UnitAlreadyBooked
        if any(self.days[seat.where] == self.days[where] for seat in mine):
            return refusals.CandidateBusy
        if who == 0 and self.kin in self.juries[where].get("observer", ()):
            return refusals.AssessorKnowsCandidate
        return None

    def is_whole(self, where: int) -> bool:
        return all(self.juries[where].get(role) for role in ROLES)

    def cancelled(self, where: int) -> None:
        self.closed.add(where)
        self.gone.add(where)
        self.juries[where] = {}

    def took(self, answer: Any, expected: type[Exception] | None, seat: Seat) -> None:
        if expected is not None:
            assert answer is expected, f"{answer} instead of {expected}"
            return
        assert isinstance(answer, UUID), answer
        self.forget_lapsed()
        self.live[answer] = seat
        self.serve(answer, seat)

    def serve(self, key: UUID, seat: Seat) -> None:
        """The reaction to a confirmed booking: who has a place of the unit waits no longer."""
        self.run(waiting.serve(self.tx, key, now=self.now))
        if seat.until is None and seat.where != 3:
            self.waits.pop(seat.who, None)

    def forget_lapsed(self) -> None:
        """What is past its time may be released by now, or soon; it is nobody's any more."""
        for key in [key for key, seat in self.live.items() if not seat.is_live(self.now)]:
            del self.live[key]
