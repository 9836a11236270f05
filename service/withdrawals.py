"""Withdrawing from a unit: the candidate's file is closed, and whatever waited for a place of that unit ends with it."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import enrolments
from assessments.enrolments import Enrolment
from scheduling import alerts, asks, offers, seats, waiting
from service.db import BY_CONSTRAINT


class Offer(Struct, frozen=True):
    """A place that the waiting list offers, and that nobody took or refused yet."""

    starts_at: datetime
    centre_name: str


class Standing(Struct, frozen=True):
    """What a withdrawal meets. `booking_id`: the place in its way; `refusals`: all that is in its way, nearest first; what
    ends with it: `waiting_place` on the list, `offers`, `draws` that the candidate takes part in, and `alerts` about this
    unit alone."""

    unit_code: str
    unit_label: dict[str, str]
    withdrawn_at: datetime | None
    booking_id: UUID | None
    refusals: tuple[type[Exception], ...]
    waiting_place: int | None
    offers: tuple[Offer, ...]
    draws: int
    alerts: int


async def withdraw(tx: asyncpg.Connection, enrolment_id: UUID, *, by: UUID | None, now: datetime) -> Enrolment:
    """Withdraw: draws to come and offers are declined, the waiting list is left, alerts end, and the file is closed; all or
    nothing.

    Twice is once. Refuses NotFound, StillBooked, OutcomeUnderWay, TitreAlreadyHeld. Lock order: draws, sessions, then
    the file, which whoever enrols to book or to wait locks too, then the candidate's bookings.
    """
    file = await enrolments.get(tx, enrolment_id)
    if file.withdrawn_at is not None:
        return file
    await asks.withdraw_from_unit(tx, file.candidate_id, file.unit_id, now=now)
    await seats.expire(tx, now=now, candidate_id=file.candidate_id)
    await offers.decline(tx, file.candidate_id, file.unit_id, by=by, now=now)
    await enrolments.hold(tx, enrolment_id)
    await waiting.leave_unit(tx, file.candidate_id, file.unit_id, now=now)
    await alerts.end_of_unit(tx, file.candidate_id, file.unit_id, now=now)
    await enrolments.withdraw(tx, enrolment_id, by=by, now=now)
    return await enrolments.get(tx, enrolment_id)


async def before(tx: asyncpg.Connection, enrolment_id: UUID, *, now: datetime) -> Standing:
    """How things stand before somebody decides to withdraw. Refuses NotFound."""
    file = await enrolments.get(tx, enrolment_id)
    row = await tx.fetchrow(
        """select u.code as unit_code, u.label::jsonb as unit_label,
                  (select b.id from scheduling.bookings b
                   where b.candidate_id = $1 and b.unit_id = $2 and b.released_at is null and b.closed_at is null
                     and (b.waiting_id is null or b.confirmed_at is not null) and not scheduling.lapsed(b, $3)) as booking_id,
                  (select l.place from scheduling.waiting_line l
                   where l.candidate_id = $1 and l.unit_id = $2) as waiting_place,
                  (select count(*) from scheduling.asks a join scheduling.openings o on o.id = a.opening_id
                   join scheduling.sessions s on s.id = o.session_id
                   where a.candidate_id = $1 and s.unit_id = $2 and a.withdrawn_at is null and o.drawn_at is null
                     and o.called_off_at is null and o.draws_at > $3) as draws,
                  (select count(*) from scheduling.alerts t where t.candidate_id = $1 and t.units = array[$2::uuid]
                   and t.ended_at is null and t.expires_at > $3) as alerts,
                  array(select r from assessments.withdrawal_refusals($1, $2) r) as rules
           from assessments.units u where u.id = $2""",
        file.candidate_id,
        file.unit_id,
        now,
    )
    assert row is not None  # a file is of a unit
    offered = await tx.fetch(
        """select lower(b.test_time) as starts_at, c.name as centre_name from scheduling.bookings b
           join scheduling.sessions s on s.id = b.session_id join scheduling.centres c on c.id = s.centre_id
           where b.candidate_id = $1 and b.unit_id = $2 and b.waiting_id is not null and b.released_at is null
             and b.confirmed_at is null and b.held_until > $3 order by starts_at""",
        file.candidate_id,
        file.unit_id,
        now,
    )
    # An offer is a booking too, and no obstacle: it is declined. Nor is what was held past its time.
    rules = [rule for rule in row["rules"] if rule != "still_booked" or row["booking_id"] is not None]
    return Standing(
        unit_code=row["unit_code"],
        unit_label=row["unit_label"],
        withdrawn_at=file.withdrawn_at,
        booking_id=row["booking_id"],
        refusals=tuple(BY_CONSTRAINT[rule] for rule in rules),
        waiting_place=row["waiting_place"],
        offers=tuple(msgspec.convert(dict(one), Offer) for one in offered),
        draws=row["draws"],
        alerts=row["alerts"],
    )
