"""The outbox: what happened, and whether the reaction to it is done. These rows are the truth; Valkey only carries ids.

A verb inserts its row in the statement that changes the state. A worker then carries out the reaction and marks the row
in one transaction, so an effect in the database happens exactly once, whoever is killed when. Of one aggregate only the
oldest row that is not done may run: its order is that of the ids, which a verb takes under the lock of what it changes.

A row that is due is leased: nobody else sends it for LEASE, and when its worker or Valkey has forgotten it by then, it
is due again. A reaction that fails is tried again, ever later; after ATTEMPTS it is dead, and so is what waits behind
it: better a stop that somebody sees (`census`) than a certificate issued before its decision is revised.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import logs
from service.queue import QueueAway
from service.wiring import Running

LEASE = timedelta(seconds=10)
CARRIED = 200  # ids in Valkey at a time: a short queue is soon rebuilt, and no lease ends while a job waits in it
BATCH = 50
ATTEMPTS = 12  # about two hours
KEPT = timedelta(days=90)
JOB = "react"


class Event(Struct, frozen=True):
    """One thing that happened to `aggregate`; `payload` holds ids, never personal data."""

    id: int
    topic: str
    aggregate: UUID
    payload: dict[str, Any]
    occurred_at: datetime


class Census(Struct, frozen=True):
    """How the outbox stands. `dead` rows, and an `oldest_at` minutes ago, are for somebody to look at."""

    waiting: int
    failing: int
    dead: int
    oldest_at: datetime | None


Reaction = Callable[["asyncpg.Connection[asyncpg.Record]", Event, Running], Awaitable[None]]
Reactions = Mapping[str, Reaction]


async def relay(running: Running, reactions: Reactions) -> int:
    """Hand what is due to the workers; return how many rows. Without Valkey it is done here, more slowly."""
    try:
        room = CARRIED - await running.queue.length()
    except QueueAway:
        return await drain(running, reactions, most=BATCH)
    due = await _lease(running, most=max(0, min(room, BATCH)))
    leased_at = running.now().timestamp()
    try:
        for outbox_id in due:
            # The time makes a row that is sent again a new job: the old one may lie with a worker that was killed.
            await running.queue.send(JOB, outbox_id, key=f"outbox:{outbox_id}:{leased_at:.3f}")
    except QueueAway as away:
        logs.fault("the queue is away", away)  # the leases end, and the rows are sent again
    return len(due)


async def drain(running: Running, reactions: Reactions, *, most: int | None = None) -> int:
    """Carry out what is due here and now, without Valkey; return how many reactions were done.

    For commands and tests, and for the worker while Valkey is away. What a reaction writes to the outbox is due too.
    """
    tried = done = 0
    while due := await _lease(running, most=BATCH):
        for outbox_id in due:
            done += await react(running, reactions, outbox_id)
        tried += len(due)
        if most is not None and tried >= most:
            break
    return done


async def react(running: Running, reactions: Reactions, outbox_id: int) -> bool:
    """Carry out one row's reaction and mark it done, in one transaction; say whether that happened here and now.

    False: it is done already, not its turn yet, or just being done elsewhere. A failure is noted, and tried again.
    """
    try:
        async with running.db.transaction() as tx:
            event = await _take(tx, outbox_id)
            if event is None:
                return False
            await reactions[event.topic](tx, event, running)
            await tx.execute(
                "update service.outbox set done_at = $2, retry_at = null, failure = null where id = $1",
                outbox_id,
                running.now(),
            )
    except Exception as error:
        logs.fault("a reaction failed", error, outbox_id=outbox_id)
        await _note_failure(running, outbox_id, error)
        return False
    return True


async def revive(tx: asyncpg.Connection, outbox_id: int) -> None:
    """Give a dead row another life, once its reason is mended."""
    await tx.execute(
        "update service.outbox set dead_at = null, attempts = 0, retry_at = null where id = $1 and done_at is null",
        outbox_id,
    )


async def census(tx: asyncpg.Connection) -> Census:
    """Count what is not done."""
    row = await tx.fetchrow(
        """select count(*) filter (where dead_at is null) as waiting,
                  count(*) filter (where dead_at is null and attempts > 0) as failing,
                  count(*) filter (where dead_at is not null) as dead, min(occurred_at) as oldest_at
           from service.outbox where done_at is null"""
    )
    assert row is not None
    return Census(**row)


async def forget(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Delete what was done 90 days ago; return how many rows."""
    status = await tx.execute("delete from service.outbox where done_at < $1", now - KEPT)
    return int(status.rsplit(" ", 1)[1])


async def _lease(running: Running, *, most: int) -> list[int]:
    """Take up to `most` rows that are due, the oldest of each aggregate, and keep others away from them for LEASE."""
    if most == 0:
        return []
    async with running.db.transaction() as tx:
        rows = await tx.fetch(
            """update service.outbox o set retry_at = $2
               from (select w.id from service.outbox w
                     where w.done_at is null and w.dead_at is null and (w.retry_at is null or w.retry_at <= $1)
                       and not exists (select from service.outbox older where older.aggregate = w.aggregate
                                         and older.id < w.id and older.done_at is null)
                     order by w.id limit $3 for update skip locked) due
               where o.id = due.id returning o.id""",
            running.now(),
            running.now() + LEASE,
            most,
        )
    return sorted(row["id"] for row in rows)


async def _take(tx: asyncpg.Connection, outbox_id: int) -> Event | None:
    """Lock the row for its reaction. An older row that is done stays done, so reading that beside the lock is safe."""
    row = await tx.fetchrow(
        """select o.id, o.topic, o.aggregate, o.payload, o.occurred_at from service.outbox o
           where o.id = $1 and o.done_at is null and o.dead_at is null
             and not exists (select from service.outbox older where older.aggregate = o.aggregate
                               and older.id < o.id and older.done_at is null)
           for update of o skip locked""",
        outbox_id,
    )
    return None if row is None else Event(**row)


async def _note_failure(running: Running, outbox_id: int, error: Exception) -> None:
    """Later and later, and not all at the same moment. The class says what failed; a message could name people."""
    async with running.db.transaction() as tx:
        await tx.execute(
            """update service.outbox
               set attempts = attempts + 1, failure = $2,
                   retry_at = $3::timestamptz + make_interval(secs => least(3600, power(2, attempts + 1)) * $4),
                   dead_at = case when attempts + 1 >= $5 then $3 end
               where id = $1 and done_at is null""",
            outbox_id,
            f"{type(error).__module__}.{type(error).__qualname__}",
            running.now(),
            0.5 + secrets.randbelow(1000) / 1000,
            ATTEMPTS,
        )
