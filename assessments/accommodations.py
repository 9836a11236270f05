"""Accommodations: a measure granted to a candidate, never its medical reason. Assessors see the measure only."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import AccommodationSettled, NotFound, RefusalUnmotivated

Measure = Literal["extra_time", "interpreter", "ground_floor", "reader", "other"]


class Accommodation(Struct, frozen=True):
    """`extra_percent`: of the test's duration, for extra time."""

    id: UUID
    candidate_id: UUID
    measure: Measure
    extra_percent: int
    requested_at: datetime
    granted_at: datetime | None
    refused_at: datetime | None
    motivation: str | None


async def request(
    tx: asyncpg.Connection, candidate_id: UUID, measure: Measure, *, now: datetime, extra_percent: int = 0
) -> UUID:
    """Ask for a measure; return the request's id. Refuses AccommodationAlreadyAsked while the same one is unanswered."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at)
           values ($1, $2, $3, $4) returning id""",
        candidate_id,
        measure,
        extra_percent,
        now,
    )


async def grant(
    tx: asyncpg.Connection, accommodation_id: UUID, *, by: UUID | None, now: datetime, extra_percent: int | None = None
) -> None:
    """Grant it, with another share of extra time than was asked for if need be: bookings made from now on carry it; those
    that are there are widened by the caller (service/measures.py). Refuses NotFound, AccommodationSettled."""
    status = await tx.execute(
        """with granted as (
               update assessments.accommodations
               set granted_at = $2, granted_by = $3, extra_percent = coalesce($4, extra_percent)
               where id = $1 and granted_at is null and refused_at is null returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'accommodation.granted', candidate_id, jsonb_build_object('accommodation_id', id), $2 from granted""",
        accommodation_id,
        now,
        by,
        extra_percent,
    )
    await _refuse_settled(tx, accommodation_id, status)


async def refuse(
    tx: asyncpg.Connection, accommodation_id: UUID, motivation: str, *, now: datetime, by: UUID | None = None
) -> None:
    """Refuse it and say why. Refuses RefusalUnmotivated, NotFound, AccommodationSettled."""
    if not motivation.strip():
        raise RefusalUnmotivated
    status = await tx.execute(
        """with refused as (
               update assessments.accommodations set refused_at = $3, refused_by = $4, motivation = $2
               where id = $1 and granted_at is null and refused_at is null returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'accommodation.refused', candidate_id, jsonb_build_object('accommodation_id', id), $3 from refused""",
        accommodation_id,
        motivation,
        now,
        by,
    )
    await _refuse_settled(tx, accommodation_id, status)


async def _refuse_settled(tx: asyncpg.Connection, accommodation_id: UUID, status: str) -> None:
    if status.endswith(" 0"):
        await get(tx, accommodation_id)
        raise AccommodationSettled


async def get(tx: asyncpg.Connection, accommodation_id: UUID) -> Accommodation:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, candidate_id, measure, extra_percent, requested_at, granted_at, refused_at, motivation
           from assessments.accommodations where id = $1""",
        accommodation_id,
    )
    if row is None:
        raise NotFound
    return Accommodation(**row)


async def granted_to(tx: asyncpg.Connection, candidate_id: UUID) -> list[Accommodation]:
    """The measures in force for a candidate."""
    rows = await tx.fetch(
        """select id, candidate_id, measure, extra_percent, requested_at, granted_at, refused_at, motivation
           from assessments.accommodations where candidate_id = $1 and granted_at is not null order by requested_at""",
        candidate_id,
    )
    return [Accommodation(**row) for row in rows]


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Accommodation]:
    """Everything a candidate asked for, newest first."""
    rows = await tx.fetch(
        """select id, candidate_id, measure, extra_percent, requested_at, granted_at, refused_at, motivation
           from assessments.accommodations where candidate_id = $1 order by requested_at desc, id""",
        candidate_id,
    )
    return [Accommodation(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: that there was a measure still counts, which one it was nobody knows any more."""
    await tx.execute(
        """update assessments.accommodations
           set measure = 'other', extra_percent = 0, motivation = case when refused_at is not null then '–' end
           where candidate_id = $1""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` measures settled before, of candidates without a test since; return how many."""
    status = await tx.execute(
        """delete from assessments.accommodations where id in (
               select a.id from assessments.accommodations a
               where coalesce(a.granted_at, a.refused_at, a.requested_at) < $1
                 and not exists (select from scheduling.bookings b
                                 where b.candidate_id = a.candidate_id and upper(b.during) >= $1)
               limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
