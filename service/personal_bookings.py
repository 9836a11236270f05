"""What we hold about a candidate beside their bookings: excuses, companions, the waiting list."""

from uuid import UUID

import asyncpg

from service.personal_readers import Reader


async def _excuses(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select e.booking_id as booking, e.asked_at, e.reason, e.accepted_at, e.refused_at, e.motivation
           from scheduling.excuses e join scheduling.bookings b on b.id = e.booking_id
           where b.candidate_id = $1 order by e.asked_at""",
        candidate_id,
    )


async def _waiting(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select u.code as unit, u.label::jsonb as unit_label, array_to_string(w.languages, ', ') as languages,
                  w.earliest, w.latest,
                  array_to_string(w.mornings, ', ') as mornings, array_to_string(w.afternoons, ', ') as afternoons,
                  (select string_agg(c.name, ', ' order by c.name) from scheduling.centres c
                   where c.id = any (w.centres)) as centres,
                  w.joined_at, w.left_at, w.leaving
           from scheduling.waiting w join assessments.units u on u.id = w.unit_id
           where w.candidate_id = $1 order by w.joined_at""",
        candidate_id,
    )


async def _companions(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select k.booking_id as booking, k.measure, k.given_at, k.released_at as ended_at
           from scheduling.companions k join scheduling.bookings b on b.id = k.booking_id
           where b.candidate_id = $1 order by k.given_at""",
        candidate_id,
    )


READERS: dict[str, Reader] = {
    "scheduling.excuses": _excuses,
    "scheduling.companions": _companions,
    "scheduling.waiting": _waiting,
}
