"""Offers: a free seat is held for the first on the waiting list who can use it. Accepting confirms the hold, declining
cancels it, and what is neither lapses: then it is the next one's turn."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import seats
from scheduling.refusals import Refusal


class OfferPolicy(Struct, frozen=True):
    """For how long an offer stands, and how long before a test the last one is over. Configuration."""

    hours: int = 24
    lead_hours: int = 2

    def until(self, starts_at: datetime, now: datetime) -> datetime:
        return min(now + timedelta(hours=self.hours), starts_at - timedelta(hours=self.lead_hours))


async def offer(tx: asyncpg.Connection, session_id: UUID, *, policy: OfferPolicy, now: datetime) -> list[UUID]:
    """Offer every free seat of a session that can truly be used, in the order of the list; return the holds.

    Under the session's lock, so that no seat is offered twice. Who cannot be seated after all (their own extra time
    would reach into somebody's next test) is passed over, and asked again for another session.
    """
    await seats.expire(tx, now=now, session_id=session_id)
    starts_at: datetime | None = await tx.fetchval(
        "select lower(test_time) from scheduling.sessions where id = $1 for no key update", session_id
    )
    if starts_at is None or policy.until(starts_at, now) <= now:
        return []
    given: list[UUID] = []
    passed: list[UUID] = []
    while (one := await _next(tx, session_id, passed, now=now)) is not None:
        waiting_id, candidate_id = one
        try:
            async with tx.transaction():
                until = policy.until(starts_at, now)
                given.append(
                    await seats.take(
                        tx, session_id, candidate_id, held_until=until, waiting_id=waiting_id, by=None, now=now
                    )
                )
        except (Refusal, asyncpg.IntegrityConstraintViolationError):
            passed.append(waiting_id)
    return given


async def unanswered(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> frozenset[UUID]:
    """The bookings that the list offers a candidate; a place that they hold themselves is none."""
    rows = await tx.fetch(
        """select id from scheduling.bookings where candidate_id = $1 and waiting_id is not null
                                                    and released_at is null and confirmed_at is null and held_until > $2""",
        candidate_id,
        now,
    )
    return frozenset(row["id"] for row in rows)


async def decline(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Say no to whatever the list offers a candidate who gives up the unit; what they took meanwhile stays."""
    rows = await tx.fetch(
        """select id from scheduling.bookings where candidate_id = $1 and unit_id = $2 and waiting_id is not null
               and released_at is null and confirmed_at is null and held_until > $3 order by session_id""",
        candidate_id,
        unit_id,
        now,
    )
    for row in rows:
        await seats.lock_session(tx, row["id"])
        if await tx.fetchval(
            """select released_at is null and confirmed_at is null from scheduling.bookings
               where id = $1 for no key update""",
            row["id"],
        ):
            await seats.release(tx, row["id"], "declined", by=by, now=now)


async def _next(
    tx: asyncpg.Connection, session_id: UUID, passed: list[UUID], *, now: datetime
) -> tuple[UUID, UUID] | None:
    row = await tx.fetchrow(
        """select q.waiting_id, q.candidate_id from scheduling.sessions s
           cross join lateral scheduling.willing(s.id, $2) q
           where s.id = $1 and scheduling.offerable(s, $2) and q.waiting_id <> all ($3)
           order by q.place limit 1""",
        session_id,
        now,
        passed,
    )
    return None if row is None else (row["waiting_id"], row["candidate_id"])


async def open_sessions(tx: asyncpg.Connection, *, unit_id: UUID | None, now: datetime) -> list[UUID]:
    """Sessions with a seat that somebody waits for, the soonest first; of one unit, or of all."""
    rows = await tx.fetch(
        """select s.id from scheduling.sessions s
           where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null and lower(s.test_time) > $1
             and ($2::uuid is null or s.unit_id = $2)
             and s.unit_id in (select w.unit_id from scheduling.waiting w where w.left_at is null)
             and scheduling.offerable(s, $1) and exists (select from scheduling.willing(s.id, $1))
           order by lower(s.test_time), s.id""",
        now,
        unit_id,
    )
    return [row["id"] for row in rows]
