"""What we hold about a candidate beside their bookings: excuses."""

from uuid import UUID

import asyncpg

from service.personal_traces import Reader


async def _excuses(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.booking_id as booking, e.asked_at, e.reason, e.accepted_at, e.refused_at, e.motivation
           from scheduling.excuses e join scheduling.bookings b on b.id = e.booking_id
           where b.candidate_id = $1 order by e.asked_at""",
        candidate_id,
    )


READERS: dict[str, Reader] = {"scheduling.excuses": _excuses}
