"""Seats: the one place where one is taken, freed, and given back.

Taking one is a function (migrations/0053_ledger.sql), which a list of orders calls too. The session's row is always locked
before a booking's, and several sessions in the order of their ids, so that no two verbs can deadlock.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from scheduling.refusals import BY_CONSTRAINT, NotFound, NotInThatState

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
    row = await tx.fetchrow(
        "select booked, refused from scheduling.take_seat(null, $1, $2, $3, $4, $5, $6)",
        session_id,
        candidate_id,
        now,
        by,
        held_until,
        waiting_id,
    )
    assert row is not None  # a function's row
    if row["booked"] is None:
        raise BY_CONSTRAINT[row["refused"]]
    return row["booked"]  # type: ignore[no-any-return]


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


async def give_back(
    tx: asyncpg.Connection,
    booking_id: UUID,
    noted: Literal["no_show", "turned_away"],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """The seat was freed by mistake: its candidate has it again, as far as they had come, with the time that was granted to
    them since. Holds past their time stand in nobody's way.

    Refuses NotFound, NotInThatState (it did not end so, or was only held and its time is over), SessionOver, SessionFull,
    AttendanceInUse; and what has changed since: UnitAlreadyBooked, CandidateBusy, CandidateErased, TitreAlreadyHeld,
    AssessorKnowsCandidate, RoomNotAccessible, EnrolmentWithdrawn.
    """
    if await tx.fetchval("select scheduling.hold_to_give_back($1, $2)", booking_id, now) is None:
        raise NotFound
    status = await tx.execute(
        """with back as (
               update scheduling.bookings b
               set released_at = null, released_by = null, release = null, changed_at = $2, sequence = sequence + 1,
                   extra_minutes = greatest(b.extra_minutes, scheduling.extra_minutes(b.candidate_id, b.test_time))
               where id = $1 and release = $4 and (confirmed_at is not null or held_until > $2)
               returning id, session_id, candidate_id, extra_minutes),
           seat as (
               update scheduling.sessions s
               set taken = s.taken + 1, extra_minutes = greatest(s.extra_minutes, back.extra_minutes)
               from back where s.id = back.session_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select case $4 when 'no_show' then 'absence.taken_back' else 'turning_away.taken_back' end, id,
                  jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id, 'by', $3::uuid), $2
           from back""",
        booking_id,
        now,
        by,
        noted,
    )
    if status.endswith(" 0"):
        raise NotInThatState


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
