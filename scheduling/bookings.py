"""Bookings: a candidate's seat in a session.

PostgreSQL refuses what must not be: `session_full`, `candidate_busy`, `unit_already_booked` and the conditions of
scheduling.booking_conditions. How a seat is taken and freed is in seats.py; who holds one for a while is in holds.py, and
the day itself in attendance.py.
"""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import seats
from scheduling.refusals import BY_CONSTRAINT, NotFound, NotInThatState, Refusal
from scheduling.seats import Release as Release

State = Literal["held", "confirmed", "convoked", "checked_in", "attended", "closed", "released"]
GIVEN_BACK: tuple[Release, ...] = ("cancelled_early", "cancelled_late", "declined")


class Booking(Struct, frozen=True):
    id: UUID
    session_id: UUID
    unit_id: UUID
    candidate_id: UUID
    starts_at: datetime
    ends_at: datetime
    extra_minutes: int
    booked_at: datetime
    held_until: datetime | None
    confirmed_at: datetime | None
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
            (self.confirmed_at, "confirmed"),
        )
        return next((state for moment, state in moments if moment is not None), "held")

    def is_held(self, now: datetime) -> bool:
        """Whether it waits for its confirmation, and may still be confirmed."""
        return self.state == "held" and self.held_until is not None and now < self.held_until

    def is_expected(self, now: datetime) -> bool:
        """Whether its candidate is to come, and may still give the seat back or choose another date."""
        return self.state in ("confirmed", "convoked") and now < self.starts_at


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
    return await seats.take(tx, session_id, candidate_id, held_until=None, by=by, now=now)


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
    return BY_CONSTRAINT[rule]


async def get(tx: asyncpg.Connection, booking_id: UUID) -> Booking:
    """The booking as it stands. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, session_id, unit_id, candidate_id, lower(during) as starts_at, upper(during) as ends_at,
                  extra_minutes, booked_at, held_until, confirmed_at, convoked_at, checked_in_at, contract_signed_at,
                  attended_at, closed_at, released_at, release, changed_at
           from scheduling.bookings where id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Booking(**row)


async def cancel(
    tx: asyncpg.Connection, booking_id: UUID, *, policy: CancellationPolicy, by: UUID | None, now: datetime
) -> Release:
    """Cancel for the candidate, early or late by the policy; the seat is free at once. Of what was only held nothing is
    held against anybody: it is declined. Refuses NotInThatState once the test has begun or the candidate is checked in."""
    await seats.lock_session(tx, booking_id)
    booking = await get(tx, booking_id)
    if booking.checked_in_at is not None or booking.starts_at <= now:
        raise NotInThatState
    release: Release = "declined" if booking.state == "held" else policy.release(booking.starts_at, now)
    await seats.release(tx, booking_id, release, by=by, now=now)
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
    await seats.lock_session(tx, booking_id)
    await seats.release(tx, booking_id, release, by=by, now=now)


async def excuse(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """An absence, or a late cancellation, is excused: that is how the booking ended. Refuses NotInThatState."""
    status = await tx.execute(
        """with excused as (
               update scheduling.bookings set release = 'excused', changed_at = $2, sequence = sequence + 1
               where id = $1 and release in ('no_show', 'cancelled_late')
               returning id, session_id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.excused', id, jsonb_build_object(
               'session_id', session_id, 'candidate_id', candidate_id, 'by', $3::uuid), $2 from excused""",
        booking_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise NotInThatState


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
        await seats.release(tx, booking["id"], "cancelled_by_centre", by=by, now=now)
    return len(bookings)


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
