"""Seats: the one place where one is taken and where one is freed.

The hot path is one statement: it takes the seat from the session's counter, inserts the booking and tells the outbox. The
session's row is always locked before a booking's, and several sessions in the order of their ids, so that no two verbs
can deadlock.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from scheduling.refusals import NotFound, NotInThatState, Refusal, SessionFull, SessionNotOpen

Release = Literal[
    "cancelled_early",
    "cancelled_late",
    "cancelled_by_centre",
    "no_show",
    "excused",
    "turned_away",
    "expired",
    "rescheduled",
    "declined",
]


async def take(
    tx: asyncpg.Connection,
    session_id: UUID,
    candidate_id: UUID,
    *,
    held_until: datetime | None,
    by: UUID | None,
    now: datetime,
    waiting_id: UUID | None = None,
) -> UUID:
    """Take a seat, as bookings.book says; with a time limit it is held, until its candidate confirms it (holds.py), and
    with `waiting_id` it is an offer of the waiting list (offers.py).

    Holds past their time stand in nobody's way: where one of this session or of this candidate does, it is released
    first. Only who meets one, or a full session, pays for looking: a seat that is free is one statement.
    """
    booking_id = await _seated(tx, session_id, candidate_id, held_until, waiting_id, by=by, now=now)
    if booking_id is None and await expire(tx, now=now, session_id=session_id, candidate_id=candidate_id):
        booking_id = await _seated(tx, session_id, candidate_id, held_until, waiting_id, by=by, now=now)
    if booking_id is None:
        raise await _no_seat(tx, session_id, now=now)
    return booking_id


async def _seated(
    tx: asyncpg.Connection,
    session_id: UUID,
    candidate_id: UUID,
    held_until: datetime | None,
    waiting_id: UUID | None,
    *,
    by: UUID | None,
    now: datetime,
) -> UUID | None:
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with seat as (
               update scheduling.sessions s
               set taken = s.taken + 1, extra_minutes = greatest(s.extra_minutes, x.minutes)
               from (select t.id, ceil(extract(epoch from upper(t.test_time) - lower(t.test_time)) / 60 * coalesce(
                        (select max(a.extra_percent) from assessments.accommodations a
                         where a.candidate_id = $2 and a.granted_at is not null), 0) / 100)::int as minutes
                     from scheduling.sessions t where t.id = $1) x
               where s.id = x.id and s.taken < s.seats and s.opened_at is not null and s.locked_at is null
                 and s.cancelled_at is null and lower(s.test_time) > $3
                 and not exists (select from scheduling.bookings h
                                 where h.candidate_id = $2 and h.confirmed_at is null and h.released_at is null
                                   and h.held_until <= $3)
               returning s.id, s.unit_id, s.test_time, x.minutes),
           booked as (
               insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, extra_minutes,
                                                booked_at, booked_by, changed_at, held_until, confirmed_at,
                                                waiting_id)
               select id, unit_id, test_time, $2, minutes, $3, $4, $3, $5, case when $5::timestamptz is null then $3 end,
                      $6 from seat returning id, session_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select case when $5::timestamptz is null then 'booking.confirmed'
                           when $6::uuid is null then 'booking.held' else 'booking.offered' end, id,
                      jsonb_build_object('session_id', session_id, 'candidate_id', $2::uuid), $3 from booked)
           select id from booked""",
        session_id,
        candidate_id,
        now,
        by,
        held_until,
        waiting_id,
    )


async def _no_seat(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> Refusal:
    takes_bookings: bool | None = await tx.fetchval(
        """select opened_at is not null and locked_at is null and cancelled_at is null and lower(test_time) > $2
           from scheduling.sessions where id = $1""",
        session_id,
        now,
    )
    if takes_bookings is None:
        return NotFound()
    return SessionFull() if takes_bookings else SessionNotOpen()


async def expire(
    tx: asyncpg.Connection,
    *,
    now: datetime,
    session_id: UUID | None = None,
    candidate_id: UUID | None = None,
    most: int = 100,
) -> int:
    """Release holds past their time: those of a session and those of a candidate, or with neither up to `most` of all;
    return how many. What was confirmed meanwhile stays."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select scheduling.expire_holds($1, $2, $3, $4)", now, session_id, candidate_id, most
    )


async def lock_session(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """Lock a booking's session: a lock and the reads that depend on it are two statements under READ COMMITTED. Refuses
    NotFound."""
    found = await tx.fetchval(
        """select s.id from scheduling.sessions s
           where s.id = (select b.session_id from scheduling.bookings b where b.id = $1) for no key update""",
        booking_id,
    )
    if found is None:
        raise NotFound


async def release(tx: asyncpg.Connection, booking_id: UUID, how: Release, *, by: UUID | None, now: datetime) -> None:
    """Free a seat whose session is locked by this transaction. Refuses NotInThatState: free already, or attended."""
    status = await tx.execute(
        """with released as (
               update scheduling.bookings
               set released_at = $3, released_by = $4, release = $2, changed_at = $3, sequence = sequence + 1
               where id = $1 and released_at is null and attended_at is null
               returning id, session_id, candidate_id),
           seat as (
               update scheduling.sessions s set taken = s.taken - 1 from released where s.id = released.session_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.released', id,
                  jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id, 'release', $2), $3
           from released""",
        booking_id,
        how,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState
