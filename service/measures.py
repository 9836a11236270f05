"""Measures for a candidate: what is granted is also given to what they have booked already, in one transaction."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import accommodations
from scheduling import widening


class Asked(Struct, frozen=True):
    """A measure that a candidate asked for; `coming`: the units of their coming tests."""

    id: UUID
    given_name: str
    family_name: str
    measure: accommodations.Measure
    extra_percent: int
    requested_at: datetime
    coming: tuple[str, ...]


async def grant(
    tx: asyncpg.Connection, accommodation_id: UUID, *, extra_percent: int | None = None, by: UUID | None, now: datetime
) -> int:
    """Grant it, and widen what is booked; how many bookings grew. `extra_percent`: of the test's duration, for extra time;
    None as it was asked for.

    Refuses NotFound, AccommodationSettled, and, where a booking cannot grow, the reason why: RoomBusy, AssessorBusy,
    EquipmentBusy, CompanionBusy, CandidateBusy, RoomNotAccessible. Then nothing is granted: first another date.
    """
    asked = await accommodations.get(tx, accommodation_id)
    coming = await widening.lock_coming(tx, asked.candidate_id, now=now)
    await accommodations.grant(tx, accommodation_id, extra_percent=extra_percent, by=by, now=now)
    return await widening.widen(tx, coming, now=now)


async def unanswered(tx: asyncpg.Connection, centre_id: UUID | None, *, now: datetime) -> list[Asked]:
    """Requests of candidates who have, or wait for, a test in the centre, or are in nobody's hands yet; oldest first. None
    asks for every centre."""
    rows = await tx.fetch(
        """select a.id, c.given_name, c.family_name, a.measure, a.extra_percent, a.requested_at,
                  array(select u.code from scheduling.bookings b join assessments.units u on u.id = b.unit_id
                        where b.candidate_id = a.candidate_id and b.released_at is null and lower(b.test_time) > $2
                        order by u.code) as coming
           from assessments.accommodations a join assessments.candidates c on c.id = a.candidate_id
           where a.granted_at is null and a.refused_at is null and c.erased_at is null
             and ($1::uuid is null
                  or exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                             where b.candidate_id = a.candidate_id and s.centre_id = $1)
                  or scheduling.has_no_booking(a.candidate_id))
           order by a.requested_at, a.id""",
        centre_id,
        now,
    )
    return [msgspec.convert(dict(row), Asked) for row in rows]


async def answers(tx: asyncpg.Connection, centre_id: UUID | None, accommodation_id: UUID) -> bool:
    """Whether the request is one that the centre answers (`unanswered`, or settled by now)."""
    return bool(
        await tx.fetchval(
            """select exists (
                   select from assessments.accommodations a
                   where a.id = $2 and ($1::uuid is null
                     or exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                                where b.candidate_id = a.candidate_id and s.centre_id = $1)
                     or scheduling.has_no_booking(a.candidate_id)))""",
            centre_id,
            accommodation_id,
        )
    )
