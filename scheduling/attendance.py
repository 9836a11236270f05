"""The day itself, seen from the bookings: convoked, checked in, contract signed, attended, closed.

A second module on scheduling.bookings: bookings.py takes and frees seats, this one follows those who hold one.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling import seats
from scheduling.refusals import NotInThatState


async def convoke_all(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> int:
    """Summon everyone booked in a locked session, once; return how many are newly convoked."""
    status = await tx.execute(
        """with convoked as (
               update scheduling.bookings b set convoked_at = $2, changed_at = $2
               from scheduling.sessions s
               where b.session_id = $1 and s.id = b.session_id and s.locked_at is not null
                 and b.released_at is null and b.convoked_at is null and b.confirmed_at is not null
               returning b.id, b.session_id, b.candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.convoked', id, jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id), $2
           from convoked""",
        session_id,
        now,
    )
    return int(status.rsplit(" ", 1)[1])


async def check_in(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The identity was seen, in a locked session that has not ended. Doing it twice changes nothing."""
    status = await tx.execute(
        """update scheduling.bookings b
           set checked_in_at = coalesce(b.checked_in_at, $2), checked_in_by = coalesce(b.checked_in_by, $3),
               changed_at = $2
           from scheduling.sessions s
           where b.id = $1 and s.id = b.session_id and b.released_at is null and b.confirmed_at is not null
             and s.locked_at is not null and s.ended_at is null""",
        booking_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def sign_contract(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> None:
    """The test contract is signed: the candidate is insured. After the identity check. In a test under way (whoever was
    absent, and is not) they attend from this moment on."""
    status = await tx.execute(
        """update scheduling.bookings set contract_signed_at = coalesce(contract_signed_at, $2), changed_at = $2
           where id = $1 and released_at is null and checked_in_at is not null""",
        booking_id,
        now,
    )
    _refuse_unchanged(status)
    await attend_late(tx, booking_id, now=now)


async def attend_late(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> None:
    """In a test under way whoever has signed attends from this moment on; else nothing happens."""
    await tx.execute(
        """with attended as (
               update scheduling.bookings b set attended_at = $2
               from scheduling.sessions s
               where b.id = $1 and s.id = b.session_id and s.started_at is not null and s.ended_at is null
                 and b.released_at is null and b.contract_signed_at is not null and b.attended_at is null
               returning b.id, b.session_id, b.candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.attended', id, jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id), $2
           from attended""",
        booking_id,
        now,
    )


async def take_back_check_in(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The identity was noted as seen by mistake: it goes, and the contract with it; in a test under way the presence, too.

    Refuses NotFound, NotInThatState (nothing is noted), SessionOver, AttendanceInUse.
    """
    await seats.lock_session(tx, booking_id)
    status = await tx.execute(
        """with back as (
               update scheduling.bookings
               set checked_in_at = null, checked_in_by = null, contract_signed_at = null, attended_at = null,
                   changed_at = $2
               where id = $1 and released_at is null and checked_in_at is not null
               returning id, session_id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'check_in.taken_back', id,
                  jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id, 'by', $3::uuid), $2
           from back""",
        booking_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def take_back_absence(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Somebody was noted as absent by mistake: they have their seat again, as far as they had come.

    Refuses what seats.give_back says: NotInThatState where there is no absence, or an excused one.
    """
    await seats.give_back(tx, booking_id, "no_show", by=by, now=now)
    await attend_late(tx, booking_id, now=now)


async def attend_all(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> int:
    """Everyone checked in attends from the moment the test begins; return how many. Refuses ContractUnsigned."""
    status = await tx.execute(
        """with attended as (
               update scheduling.bookings b set attended_at = $2, changed_at = $2
               from scheduling.sessions s
               where b.session_id = $1 and s.id = b.session_id and s.started_at is not null
                 and b.released_at is null and b.checked_in_at is not null and b.attended_at is null
               returning b.id, b.session_id, b.candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'booking.attended', id, jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id), $2
           from attended""",
        session_id,
        now,
    )
    return int(status.rsplit(" ", 1)[1])


async def close(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> None:
    """The outcome is known: the candidate may book this unit again. Doing it twice changes nothing."""
    await tx.execute(
        """update scheduling.bookings set closed_at = coalesce(closed_at, $2), changed_at = $2
           where id = $1 and attended_at is not null""",
        booking_id,
        now,
    )


def _refuse_unchanged(status: str) -> None:
    if status.endswith(" 0"):
        raise NotInThatState
