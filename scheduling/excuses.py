"""Excuses: a candidate who did not come, or cancelled late, says why; the centre excuses the absence or says why not.

The reason is free text about somebody's life: it is for the centre that decides, and goes with retention and erasure.
"""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import bookings
from scheduling.refusals import (
    ExcuseRefusalUnmotivated,
    ExcuseSettled,
    ExcuseTooLate,
    ExcuseUnmotivated,
    NotFound,
    NotInThatState,
)

EXCUSABLE = ("no_show", "cancelled_late")


class ExcusePolicy(Struct, frozen=True):
    """Until how many days after the test an absence can be excused. Configuration."""

    days: int = 15

    def until(self, starts_at: datetime) -> datetime:
        """The last moment at which an absence from a test that began then can be explained."""
        return starts_at + timedelta(days=self.days)


class Excuse(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    reason: str
    asked_at: datetime
    accepted_at: datetime | None
    refused_at: datetime | None
    motivation: str | None


async def ask(tx: asyncpg.Connection, booking_id: UUID, reason: str, *, policy: ExcusePolicy, now: datetime) -> UUID:
    """Ask to be excused for a no-show or a late cancellation; return the excuse's id.

    Refuses ExcuseUnmotivated, ExcuseAlreadyAsked, ExcuseTooLate, NotInThatState (there is nothing to excuse).
    """
    if not reason.strip():
        raise ExcuseUnmotivated
    booking = await bookings.get(tx, booking_id)
    if booking.release not in EXCUSABLE:
        raise NotInThatState
    if not is_excusable(booking, policy=policy, now=now):
        raise ExcuseTooLate
    return await tx.fetchval(  # type: ignore[no-any-return]
        "insert into scheduling.excuses (booking_id, reason, asked_at) values ($1, $2, $3) returning id",
        booking_id,
        reason.strip(),
        now,
    )


def is_excusable(booking: bookings.Booking, *, policy: ExcusePolicy, now: datetime) -> bool:
    """Whether an excuse for this booking would be heard."""
    return booking.release in EXCUSABLE and now <= policy.until(booking.starts_at)


async def accept(tx: asyncpg.Connection, excuse_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The absence is excused: it no longer counts as one. Refuses NotFound, ExcuseSettled."""
    booking_id = await tx.fetchval(
        """update scheduling.excuses set accepted_at = $2, accepted_by = $3
           where id = $1 and accepted_at is null and refused_at is null returning booking_id""",
        excuse_id,
        now,
        by,
    )
    await _refuse_settled(tx, excuse_id, is_settled=booking_id is None)
    await bookings.excuse(tx, booking_id, by=by, now=now)


async def refuse(tx: asyncpg.Connection, excuse_id: UUID, motivation: str, *, by: UUID | None, now: datetime) -> None:
    """It is not, and the candidate is told why. Refuses ExcuseRefusalUnmotivated, NotFound, ExcuseSettled."""
    if not motivation.strip():
        raise ExcuseRefusalUnmotivated
    refused = await tx.fetchval(
        """with refused as (
               update scheduling.excuses set refused_at = $3, refused_by = $4, motivation = $2
               where id = $1 and accepted_at is null and refused_at is null returning id, booking_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'excuse.refused', booking_id, jsonb_build_object('excuse_id', id), $3 from refused)
           select id from refused""",
        excuse_id,
        motivation.strip(),
        now,
        by,
    )
    await _refuse_settled(tx, excuse_id, is_settled=refused is None)


async def withdraw(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """Nobody was absent: what was asked and not answered yet is not asked any more."""
    await tx.execute(
        "delete from scheduling.excuses where booking_id = $1 and accepted_at is null and refused_at is null",
        booking_id,
    )


async def _refuse_settled(tx: asyncpg.Connection, excuse_id: UUID, *, is_settled: bool) -> None:
    if is_settled:
        await get(tx, excuse_id)
        raise ExcuseSettled


async def get(tx: asyncpg.Connection, excuse_id: UUID) -> Excuse:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, reason, asked_at, accepted_at, refused_at, motivation
           from scheduling.excuses where id = $1""",
        excuse_id,
    )
    if row is None:
        raise NotFound
    return Excuse(**row)


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Excuse | None:
    """What was asked about a booking; None where nothing was."""
    row = await tx.fetchrow(
        """select id, booking_id, reason, asked_at, accepted_at, refused_at, motivation
           from scheduling.excuses where booking_id = $1""",
        booking_id,
    )
    return None if row is None else Excuse(**row)


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: that an absence was excused still counts, why nobody knows any more."""
    await tx.execute(
        """update scheduling.excuses e
           set reason = '–', motivation = case when e.refused_at is not null then '–' end
           from scheduling.bookings b where b.id = e.booking_id and b.candidate_id = $1 and e.reason <> '–'""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` excuses asked for before; how the booking ended stays. Return how many."""
    status = await tx.execute(
        """delete from scheduling.excuses where id in (
               select id from scheduling.excuses where coalesce(accepted_at, refused_at, asked_at) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
