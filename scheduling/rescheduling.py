"""Rescheduling: another session of the same unit in one step; the old seat is free only if the new one is got."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import bookings, seats
from scheduling.bookings import CancellationPolicy
from scheduling.refusals import NotFound, NotInThatState, SameSession, UnitDiffers


async def reschedule(
    tx: asyncpg.Connection,
    booking_id: UUID,
    session_id: UUID,
    *,
    policy: CancellationPolicy,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Give the seat back and take one in `session_id`, or neither; return the new booking's id.

    Both sessions are locked in the order of their ids, so that a ring of people who change places waits and ends. Within
    the hours of a late cancellation the old seat counts as one: nobody else can be called for it any more. Refuses
    NotFound, SameSession, UnitDiffers, NotInThatState (held only, begun, checked in) and what bookings.book refuses.
    """
    old = await bookings.get(tx, booking_id)
    if old.session_id == session_id:
        raise SameSession
    locked = await tx.fetch(
        "select id, unit_id from scheduling.sessions where id = any ($1) order by id for no key update",
        [old.session_id, session_id],
    )
    units = {row["id"]: row["unit_id"] for row in locked}
    if session_id not in units:
        raise NotFound
    if units[session_id] != old.unit_id:
        raise UnitDiffers
    old = await bookings.get(tx, booking_id)
    if not old.is_expected(now):
        raise NotInThatState
    is_late = policy.release(old.starts_at, now) == "cancelled_late"
    await seats.release(tx, booking_id, "cancelled_late" if is_late else "rescheduled", by=by, now=now)
    return await seats.take(tx, session_id, old.candidate_id, held_until=None, by=by, now=now)


async def was_exchanged(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    """Whether the seat was given back for another one of the same unit, also shortly before the test: both happened at the
    same moment, which cancelling and booking one after the other never do."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """select exists (select from scheduling.bookings old
                          join scheduling.bookings new on new.candidate_id = old.candidate_id
                           and new.unit_id = old.unit_id and new.booked_at = old.released_at and new.id <> old.id
                          where old.id = $1 and old.release in ('rescheduled', 'cancelled_late'))""",
        booking_id,
    )
