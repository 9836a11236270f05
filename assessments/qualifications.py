"""Qualifications: for which trade, in which role and on which days an assessor may assess."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct


class Qualification(Struct, frozen=True):
    """Both days included; `last_day` None: until further notice."""

    assessor_id: UUID
    trade_id: UUID
    role: Literal["evaluator", "observer"]
    first_day: date
    last_day: date | None


async def qualify(
    tx: asyncpg.Connection,
    assessor_id: UUID,
    trade_id: UUID,
    role: Literal["evaluator", "observer"],
    *,
    first_day: date,
    last_day: date | None = None,
    document_id: UUID | None = None,
    by: UUID | None = None,
    now: datetime | None = None,
) -> None:
    """Record that an assessor is qualified, both days included. Refuses QualificationOverlaps."""
    await tx.execute(
        """insert into assessments.qualifications (assessor_id, trade_id, role, valid, document_id, recorded_by,
               recorded_at)
           values ($1, $2, $3, daterange($4, $5, '[]'), $6, $7, $8)""",
        assessor_id,
        trade_id,
        role,
        first_day,
        last_day,
        document_id,
        by,
        now,
    )


async def qualify_all(tx: asyncpg.Connection, qualifications: Sequence[Qualification]) -> None:
    """Record what a list says of assessors, all or none. Refuses QualificationOverlaps."""
    await tx.executemany(
        """insert into assessments.qualifications (assessor_id, trade_id, role, valid)
           values ($1, $2, $3, daterange($4, $5, '[]'))""",
        [(each.assessor_id, each.trade_id, each.role, each.first_day, each.last_day) for each in qualifications],
    )


async def of(tx: asyncpg.Connection, assessor_id: UUID) -> list[Qualification]:
    """All qualifications of an assessor, oldest first."""
    rows = await tx.fetch(
        """select assessor_id, trade_id, role, lower(valid) as first_day, upper(valid) - 1 as last_day
           from assessments.qualifications where assessor_id = $1 order by valid, trade_id, role""",
        assessor_id,
    )
    return [Qualification(**row) for row in rows]
