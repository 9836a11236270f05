"""Measures granted after a booking was made: what is booked already grows with them, or the measure cannot be granted yet."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling.refusals import RoomNotAccessible


async def lock_coming(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> list[UUID]:
    """Lock the sessions of a candidate's coming tests in the order of their ids, then the candidate: a booking that is
    under way waits, and reckons anew. Return the bookings."""
    await tx.execute(
        """select from scheduling.sessions s where s.id in (
               select b.session_id from scheduling.bookings b
               where b.candidate_id = $1 and b.released_at is null and b.attended_at is null and lower(b.test_time) > $2)
           order by s.id for no key update""",
        candidate_id,
        now,
    )
    await tx.execute("select from assessments.candidates c where c.id = $1 for update", candidate_id)
    rows = await tx.fetch(
        """select b.id from scheduling.bookings b
           where b.candidate_id = $1 and b.released_at is null and b.attended_at is null and lower(b.test_time) > $2
           order by b.session_id""",
        candidate_id,
        now,
    )
    return [row["id"] for row in rows]


async def widen(tx: asyncpg.Connection, booking_ids: list[UUID], *, now: datetime) -> int:
    """Give bookings, locked by `lock_coming`, what was granted to their candidate; return how many grew.

    Refuses RoomNotAccessible; where the extra time reaches into something else, RoomBusy, EquipmentBusy, AssessorBusy,
    CompanionBusy or CandidateBusy.
    """
    if await tx.fetchval(
        """select exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                          join scheduling.rooms r on r.id = s.room_id
                          where b.id = any ($1) and not r.accessible and assessments.needs_ground_floor(b.candidate_id))""",
        booking_ids,
    ):
        raise RoomNotAccessible
    status = await tx.execute(
        """with more as (
               select b.id, b.session_id, scheduling.extra_minutes(b.candidate_id, b.test_time) as minutes
               from scheduling.bookings b where b.id = any ($1)),
           room as (
               update scheduling.sessions s set extra_minutes = m.minutes, changed_at = $2
               from more m where s.id = m.session_id and s.extra_minutes < m.minutes)
           update scheduling.bookings b set extra_minutes = m.minutes, changed_at = $2, sequence = b.sequence + 1
           from more m where b.id = m.id and b.extra_minutes < m.minutes""",
        booking_ids,
        now,
    )
    return int(status.rsplit(" ", 1)[1])
