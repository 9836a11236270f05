"""Absences that a centre has to answer, with who asks and for which test."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct


class Asked(Struct, frozen=True):
    """`absences`: how often this candidate was absent or cancelled late before, in any centre, without an excuse."""

    id: UUID
    booking_id: UUID
    given_name: str
    family_name: str
    unit_code: str
    starts_at: datetime
    release: str
    reason: str
    asked_at: datetime
    absences: int


async def unanswered(tx: asyncpg.Connection, centre_id: UUID | None) -> list[Asked]:
    """Oldest first; None asks for every centre."""
    rows = await tx.fetch(
        """select e.id, e.booking_id, c.given_name, c.family_name, u.code as unit_code, lower(b.during) as starts_at,
                  b.release, e.reason, e.asked_at,
                  scheduling.absences_beside(b.id) as absences
           from scheduling.excuses e
           join scheduling.bookings b on b.id = e.booking_id
           join scheduling.sessions s on s.id = b.session_id
           join assessments.candidates c on c.id = b.candidate_id
           join assessments.units u on u.id = b.unit_id
           where e.accepted_at is null and e.refused_at is null and ($1::uuid is null or s.centre_id = $1)
           order by e.asked_at, e.id""",
        centre_id,
    )
    return [msgspec.convert(dict(row), Asked) for row in rows]
