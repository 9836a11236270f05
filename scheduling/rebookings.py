"""The centre gives a candidate another place: the old booking is released and the new one made, or nothing happens.

Everything goes through the verbs of scheduling.bookings, so that a new place is held to the same rules as any other.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import attempts, bookings, priorities, seats
from scheduling.refusals import NotInThatState

Cause = Literal["split", "merge", "repair", "cancellation"]
MOST_TRIED = 20


class Moved(Struct, frozen=True):
    """What became of a booking: the new one and its session; without them the candidate is first in line."""

    booking_id: UUID
    new_booking_id: UUID | None = None
    session_id: UUID | None = None


async def lock_sessions(tx: asyncpg.Connection, session_ids: list[UUID]) -> None:
    """Hold several sessions, always in the same order: two that regroup the same ones wait, and never for each other."""
    await tx.fetch("select id from scheduling.sessions where id = any ($1) order by id for no key update", session_ids)


async def rebook(
    tx: asyncpg.Connection, booking_id: UUID, session_id: UUID, cause: Cause, *, by: UUID | None, now: datetime
) -> UUID:
    """Give the candidate a place in another session instead; return the new booking's id. What is held or offered stays
    so, until the same moment: nobody is booked who has not said yes.

    The caller holds both sessions (lock_sessions). Refuses NotInThatState for somebody who is checked in, and all that
    bookings.book refuses.
    """
    booking = await bookings.get(tx, booking_id)
    if booking.checked_in_at is not None:
        raise NotInThatState
    await bookings.release_seat(tx, booking_id, "cancelled_by_centre", by=by, now=now)
    held_until, waiting_id = None, None
    if booking.confirmed_at is None:
        held_until = booking.held_until
        waiting_id = await tx.fetchval("select waiting_id from scheduling.bookings where id = $1", booking_id)
    new = await seats.take(
        tx, session_id, booking.candidate_id, held_until=held_until, by=by, now=now, waiting_id=waiting_id
    )
    await tx.execute(
        """insert into scheduling.rebookings (booking_id, instead_of, cause, rebooked_at, rebooked_by)
           values ($1, $2, $3, $4, $5)""",
        new,
        booking_id,
        cause,
        now,
        by,
    )
    return new


async def rebook_nearest(
    tx: asyncpg.Connection, booking_id: UUID, cause: Cause, *, by: UUID | None, now: datetime
) -> Moved:
    """Give the candidate the nearest equivalent place that they may have; else their seat is free and they are first in
    line. They are first in line too if they cannot use the place and give it back.

    Equivalent: the same unit in the same language; in the same centre first, then nearest in time. Which place a
    candidate may have is asked of the booking itself.
    """
    for session_id in await equivalents(tx, booking_id, now=now):
        made: list[UUID] = []

        async def take(session_id: UUID = session_id, made: list[UUID] = made) -> None:
            made.append(await rebook(tx, booking_id, session_id, cause, by=by, now=now))

        if await attempts.refusal_of(tx, take) is None:
            await priorities.grant(tx, booking_id, "cancelled_by_centre", by=by, now=now)
            return Moved(booking_id, made[0], session_id)
    await bookings.release_seat(tx, booking_id, "cancelled_by_centre", by=by, now=now)
    await priorities.grant(tx, booking_id, "cancelled_by_centre", by=by, now=now)
    return Moved(booking_id)


async def equivalents(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> list[UUID]:
    """Sessions with a free place that test the same unit in the same language, the least change first."""
    rows = await tx.fetch(
        """select o.id from scheduling.bookings b
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.sessions o on o.unit_id = s.unit_id and o.language = s.language and o.id <> s.id
           where b.id = $1 and o.opened_at is not null and o.locked_at is null and o.cancelled_at is null
             and o.taken < o.seats and lower(o.test_time) > $2
           order by o.centre_id <> s.centre_id, abs(extract(epoch from lower(o.test_time) - lower(s.test_time))), o.id
           limit $3""",
        booking_id,
        now,
        MOST_TRIED,
    )
    return [row["id"] for row in rows]


async def to_follow(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> list[UUID]:
    """The bookings of a session whose people need another place, in the order in which they came. What was held past its
    time is released, and follows nowhere. The caller holds the session."""
    await seats.expire(tx, now=now, session_id=session_id)
    rows = await tx.fetch(
        "select id from scheduling.bookings where session_id = $1 and released_at is null order by booked_at, id",
        session_id,
    )
    return [row["id"] for row in rows]


async def instead_of(tx: asyncpg.Connection, booking_id: UUID) -> UUID | None:
    """The booking that took the place of this one."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select booking_id from scheduling.rebookings where instead_of = $1", booking_id
    )
