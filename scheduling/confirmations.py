"""Confirmations: a candidate's word, some days before a test, that they come. For the test as planned at that moment."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling.refusals import NotInThatState


async def confirm(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Note that the candidate comes; saying it twice is saying it once. Refuses NotInThatState for a seat that was given
    back, or once the test has begun.

    The lock on the booking keeps this and the release of an unanswered seat apart.
    """
    starts_at = await tx.fetchval(
        """select lower(b.during) from scheduling.bookings b
           where b.id = $1 and b.released_at is null and lower(b.during) > $2 for share""",
        booking_id,
        now,
    )
    if starts_at is None:
        raise NotInThatState
    await tx.execute(
        """with confirmed as (
               insert into scheduling.confirmations (booking_id, starts_at, attending_confirmed_at, attending_confirmed_by)
               values ($1, $2, $3, $4) on conflict (booking_id, starts_at) do nothing returning booking_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.attending', booking_id, jsonb_build_object('by', $4::uuid), $3 from confirmed""",
        booking_id,
        starts_at,
        now,
        by,
    )


async def confirmed_at(tx: asyncpg.Connection, booking_id: UUID) -> datetime | None:
    """When the candidate said so for the test as it is planned now; None where they did not."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """select c.attending_confirmed_at from scheduling.confirmations c
           join scheduling.bookings b on b.id = c.booking_id and lower(b.during) = c.starts_at
           where c.booking_id = $1""",
        booking_id,
    )


async def is_missing(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    """Whether a live seat is without its candidate's word; session and booking stay locked, so that it stays true.

    A lock and the reads that depend on it are two statements under READ COMMITTED.
    """
    await tx.execute(
        """select from scheduling.sessions s
           where s.id = (select b.session_id from scheduling.bookings b where b.id = $1) for no key update""",
        booking_id,
    )
    await tx.execute("select from scheduling.bookings b where b.id = $1 for no key update", booking_id)
    return bool(
        await tx.fetchval(
            """select b.released_at is null and b.checked_in_at is null and not exists (
                   select from scheduling.confirmations c
                   where c.booking_id = b.id and c.starts_at = lower(b.during))
               from scheduling.bookings b where b.id = $1""",
            booking_id,
        )
    )
