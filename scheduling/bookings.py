"""Bookings: a candidate's seat in a session.

The hot path is one statement: it takes the seat from the session's counter, inserts the booking and tells the outbox.
PostgreSQL refuses what must not be: `session_full`, `candidate_busy`, `unit_already_booked` and the conditions of
scheduling.booking_conditions. The session's row is always locked before a booking's, so that no two verbs can deadlock.
"""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import BY_CONSTRAINT, NotFound, NotInThatState, Refusal, SessionFull, SessionNotOpen

Release = Literal[
    "cancelled_early", "cancelled_late", "cancelled_by_centre", "no_show", "excused", "turned_away", "expired"
]
State = Literal["confirmed", "convoked", "checked_in", "attended", "closed", "released"]


class Booking(Struct, frozen=True):
    id: UUID
    session_id: UUID
    unit_id: UUID
    candidate_id: UUID
    starts_at: datetime
    ends_at: datetime
    extra_minutes: int
    booked_at: datetime
    convoked_at: datetime | None
    checked_in_at: datetime | None
    contract_signed_at: datetime | None
    attended_at: datetime | None
    closed_at: datetime | None
    released_at: datetime | None
    release: Release | None
    changed_at: datetime

    @property
    def state(self) -> State:
        """The state machine of domain.md, read from its moments."""
        moments: tuple[tuple[datetime | None, State], ...] = (
            (self.released_at, "released"),
            (self.closed_at, "closed"),
            (self.attended_at, "attended"),
            (self.checked_in_at, "checked_in"),
            (self.convoked_at, "convoked"),
        )
        return next((state for moment, state in moments if moment is not None), "confirmed")


class CancellationPolicy(Struct, frozen=True):
    """When a candidate's cancellation is late, because nobody else can be called any more. Configuration."""

    late_hours: int = 48

    def release(self, starts_at: datetime, now: datetime) -> Release:
        return "cancelled_early" if starts_at - now >= timedelta(hours=self.late_hours) else "cancelled_late"


async def book(tx: asyncpg.Connection, session_id: UUID, candidate_id: UUID, *, by: UUID | None, now: datetime) -> UUID:
    """Take a seat for a candidate, with the extra time that was granted to them; return the booking's id.

    Refuses SessionNotOpen, SessionFull, CandidateBusy, UnitAlreadyBooked, CandidateTooYoung, TitreAlreadyHeld,
    GuidanceRequired, AssessorKnowsCandidate; with extra time also RoomBusy, EquipmentBusy, AssessorBusy.
    """
    booking_id: UUID | None = await tx.fetchval(
        """with seat as (
               update scheduling.sessions s
               set taken = s.taken + 1, extra_minutes = greatest(s.extra_minutes, x.minutes)
               from (select t.id, ceil(extract(epoch from upper(t.test_time) - lower(t.test_time)) / 60 * coalesce(
                        (select max(a.extra_percent) from assessments.accommodations a
                         where a.candidate_id = $2 and a.granted_at is not null), 0) / 100)::int as minutes
                     from scheduling.sessions t where t.id = $1) x
               where s.id = x.id and s.taken < s.seats and s.opened_at is not null and s.locked_at is null
                 and s.cancelled_at is null and lower(s.test_time) > $3
               returning s.id, s.unit_id, s.test_time, x.minutes),
           booked as (
               insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, extra_minutes,
                                                booked_at, booked_by, changed_at)
               select id, unit_id, test_time, $2, minutes, $3, $4, $3 from seat
               returning id, session_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'booking.confirmed', id,
                      jsonb_build_object('session_id', session_id, 'candidate_id', $2::uuid), $3 from booked)
           select id from booked""",
        session_id,
        candidate_id,
        now,
        by,
    )
    if booking_id is None:
        raise await _no_seat(tx, session_id, now=now)
    return booking_id


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


async def refusals(
    tx: asyncpg.Connection, session_id: UUID, candidate_id: UUID, *, now: datetime
) -> list[type[Refusal]]:
    """Why this candidate could not book this session at this moment, nearest reason first; empty when they could."""
    rules = await tx.fetch(
        "select rule from scheduling.booking_refusals($1, $2, $3) rule", candidate_id, session_id, now
    )
    return [by_rule(row["rule"]) for row in rules]


def by_rule(rule: str) -> type[Refusal]:
    """The refusal of a rule's name, as scheduling.booking_refusals gives it."""
    return SessionNotOpen if rule == "session_not_open" else BY_CONSTRAINT[rule]


async def get(tx: asyncpg.Connection, booking_id: UUID) -> Booking:
    """The booking as it stands. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, session_id, unit_id, candidate_id, lower(during) as starts_at, upper(during) as ends_at,
                  extra_minutes, booked_at, convoked_at, checked_in_at, contract_signed_at, attended_at, closed_at,
                  released_at, release, changed_at
           from scheduling.bookings where id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Booking(**row)


async def cancel(
    tx: asyncpg.Connection, booking_id: UUID, *, policy: CancellationPolicy, by: UUID | None, now: datetime
) -> Release:
    """Cancel for the candidate, early or late by the policy; the seat is free at once. Refuses NotInThatState once
    the test has begun or the candidate is checked in."""
    await _lock_session(tx, booking_id)
    booking = await get(tx, booking_id)
    if booking.checked_in_at is not None or booking.starts_at <= now:
        raise NotInThatState
    release = policy.release(booking.starts_at, now)
    await _release(tx, booking_id, release, by=by, now=now)
    return release


async def release_seat(
    tx: asyncpg.Connection,
    booking_id: UUID,
    release: Literal["no_show", "excused", "turned_away", "cancelled_by_centre", "expired"],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """The centre, or the house, frees a seat and says why. Refuses NotInThatState when the candidate has attended."""
    await _lock_session(tx, booking_id)
    await _release(tx, booking_id, release, by=by, now=now)


async def release_for_titre(
    tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, by: UUID | None, now: datetime
) -> None:
    """The candidate has come to hold the unit's Titre, after an appeal for instance: a seat for a retake is free again."""
    retake: UUID | None = await tx.fetchval(
        """select id from scheduling.bookings
           where candidate_id = $1 and unit_id = $2 and released_at is null and attended_at is null""",
        candidate_id,
        unit_id,
    )
    if retake is not None:
        await release_seat(tx, retake, "cancelled_by_centre", by=by, now=now)


async def cancel_all(tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime) -> int:
    """Free every seat of a cancelled session; each candidate is told by the outbox. Return how many there were."""
    bookings = await tx.fetch(
        "select id from scheduling.bookings where session_id = $1 and released_at is null order by id",
        session_id,
    )
    for booking in bookings:
        await _release(tx, booking["id"], "cancelled_by_centre", by=by, now=now)
    return len(bookings)


async def _lock_session(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """A lock and the reads that depend on it are two statements under READ COMMITTED."""
    found = await tx.fetchval(
        """select s.id from scheduling.sessions s
           where s.id = (select b.session_id from scheduling.bookings b where b.id = $1) for no key update""",
        booking_id,
    )
    if found is None:
        raise NotFound


async def _release(
    tx: asyncpg.Connection, booking_id: UUID, release: Release, *, by: UUID | None, now: datetime
) -> None:
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
        release,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState


async def cancel_coming(
    tx: asyncpg.Connection, candidate_id: UUID, *, policy: CancellationPolicy, by: UUID | None, now: datetime
) -> int:
    """Cancel every seat of a candidate whose test has not begun; return how many there were."""
    coming = await tx.fetch(
        """select id from scheduling.bookings
           where candidate_id = $1 and released_at is null and checked_in_at is null and lower(during) > $2
           order by session_id""",
        candidate_id,
        now,
    )
    for booking in coming:
        await cancel(tx, booking["id"], policy=policy, by=by, now=now)
    return len(coming)
