"""Holds: a seat is kept for a few minutes, until its candidate confirms it.

A hold is a booking with a time limit and no confirmation: it takes the seat, and every rule of a booking holds for it.
Past its time it cannot be confirmed, and seats.take releases it for whoever wants its seat: nothing waits for the worker.
"""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import seats
from scheduling.refusals import HoldExpired, NotFound, NotInThatState, TooManyHolds


class HoldPolicy(Struct, frozen=True):
    """For how long a seat is held, and how many a person may hold at a time. Configuration."""

    minutes: int = 10
    per_person: int = 3

    def until(self, now: datetime) -> datetime:
        """The end of a hold that begins now."""
        return now + timedelta(minutes=self.minutes)


async def hold(
    tx: asyncpg.Connection,
    session_id: UUID,
    candidate_id: UUID,
    *,
    policy: HoldPolicy,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Hold a seat; return the booking's id. Refuses what bookings.book refuses, and TooManyHolds."""
    booking_id = await seats.take(tx, session_id, candidate_id, held_until=policy.until(now), by=by, now=now)
    # After the seat, so that the order of locks stays: session, then candidate. Under it no hold is counted twice.
    await tx.execute("select from assessments.candidates c where c.id = $1 for no key update", candidate_id)
    held: int = await tx.fetchval(
        """select count(*) from scheduling.bookings
           where candidate_id = $1 and confirmed_at is null and released_at is null and held_until > $2
             and waiting_id is null""",
        candidate_id,
        now,
    )
    if held > policy.per_person:
        raise TooManyHolds
    return booking_id


async def confirm(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The candidate takes the seat for good. Twice is once. Refuses NotFound, HoldExpired, NotInThatState."""
    confirmed: UUID | None = await tx.fetchval(
        """with confirmed as (
               update scheduling.bookings set confirmed_at = $2, changed_at = $2
               where id = $1 and confirmed_at is null and released_at is null and held_until > $2
               returning id, session_id, candidate_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'booking.confirmed', id, jsonb_build_object(
                   'session_id', session_id, 'candidate_id', candidate_id, 'by', $3::uuid), $2 from confirmed)
           select id from confirmed""",
        booking_id,
        now,
        by,
    )
    if confirmed is None:
        await _refuse_unconfirmed(tx, booking_id)


async def _refuse_unconfirmed(tx: asyncpg.Connection, booking_id: UUID) -> None:
    row = await tx.fetchrow(
        "select confirmed_at, released_at, release from scheduling.bookings where id = $1", booking_id
    )
    if row is None:
        raise NotFound
    if row["released_at"] is None and row["confirmed_at"] is not None:
        return
    if row["confirmed_at"] is None and row["release"] in (None, "expired"):
        raise HoldExpired
    raise NotInThatState
