"""The diary of the replay: what is still to happen, in the order of its moments, and the clock that stands at them."""

import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import asyncpg
import msgspec

from service import db, reactions
from service.i18n import BRUSSELS
from service.outbox import Event
from service.wiring import Running

Act = Callable[..., Awaitable[None]]

# Nobody is to get a letter about the past: reactions that only write letters are left out. Those that change something
# are the real ones, and the few letters they write are filed away unsent (mails.file_away).
LETTERS = (
    "session.moved",
    "jury_seat.given",
    "jury_seat.released",
    "booking.confirmed",
    "booking.offered",
    "booking.convoked",
    "booking.released",
    "booking.excused",
    "excuse.refused",
    "accommodation.granted",
    "accommodation.refused",
    "certificate.suspended",
    "certificate.reinstated",
    "certificate.withdrawn",
    "appeal.lodged",
    "appeal.answered",
)
REACTIONS = {
    **reactions.BY_TOPIC,
    **dict.fromkeys(LETTERS, reactions.quiet),
    "session.ended": reactions.close_session,
}


class Diary:
    """Acts by their moment. `running` has this diary's clock, so that reactions happen at the moment of their cause."""

    def __init__(self, running: Running, begins_at: datetime) -> None:
        self.moment = begins_at
        self.running = msgspec.structs.replace(running, clock=lambda: self.moment)
        self._entries: list[tuple[datetime, int, Act]] = []
        self._numbers = itertools.count()
        self._followed = 0

    def at(self, moment: datetime, act: Act, *details: Any) -> None:
        """Note `act(tx, *details, now=moment)`. An act may note others, never in its own past."""
        assert moment >= self.moment, f"{act} at {moment}, but it is {self.moment}"
        entry: Act = partial(_play, act, details)
        heapq.heappush(self._entries, (moment.astimezone(UTC), next(self._numbers), entry))

    async def play(self, tx: asyncpg.Connection) -> None:
        """Do everything noted, and after each act what follows from it.

        All of it in the transaction that writes the news: a worker never sees it, and a failure undoes the replay.
        """
        while self._entries:
            self.moment, _, act = heapq.heappop(self._entries)
            await act(tx, self.moment)
            while await self._follow(tx):
                pass
        await tx.execute(
            "update service.outbox set done_at = occurred_at where id <= $1 and occurred_at <= $2 and done_at is null",
            self._followed,
            self.moment,
        )

    async def _follow(self, tx: asyncpg.Connection) -> bool:
        """Carry out the new news; say whether more may have come of it. Other processes' bears a later moment."""
        rows = await tx.fetch(
            """select id, topic, aggregate, payload, occurred_at from service.outbox
               where id > $1 and occurred_at <= $2 order by id limit 20""",
            self._followed,
            self.moment,
        )
        for row in rows:
            await REACTIONS[row["topic"]](tx, Event(**row), self.running)
            self._followed = row["id"]
        return len(rows) == 20 or any(REACTIONS[row["topic"]] is not reactions.quiet for row in rows)


async def _play(act: Act, details: tuple[Any, ...], tx: asyncpg.Connection, now: datetime) -> None:
    await act(tx, *details, now=now)


@asynccontextmanager
async def refused(tx: asyncpg.Connection, refusal: type[Exception]) -> AsyncIterator[None]:
    """The block is declined with this refusal and undone, and the replay goes on; to let it pass would be a defect."""
    try:
        with db.translated(tx):
            async with tx.transaction():
                yield
    except refusal:
        return
    raise AssertionError(f"{refusal.__name__} was expected")


def brussels(day: date, clock: time) -> datetime:
    """The moment of a wall-clock time in Brussels."""
    return datetime.combine(day, clock, BRUSSELS).astimezone(UTC)


def next_working_day(moment: datetime, clock: time) -> datetime:
    """`clock` on the first Monday to Friday after the day of `moment`, Brussels time."""
    day = moment.astimezone(BRUSSELS).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return brussels(day, clock)
