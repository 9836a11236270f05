"""Accreditations (agréments): which centre may validate which trade, on which days; two years as a rule."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
from msgspec import Struct


class Accreditation(Struct, frozen=True):
    """Both days included."""

    id: UUID
    centre_id: UUID
    trade_id: UUID
    first_day: date
    last_day: date
    reference: str


async def grant(
    tx: asyncpg.Connection,
    centre_id: UUID,
    trade_id: UUID,
    *,
    first_day: date,
    last_day: date,
    reference: str,
    document_id: UUID | None = None,
    by: UUID | None = None,
    now: datetime | None = None,
) -> UUID:
    """Record an accreditation, both days included; return its id. Refuses AccreditationOverlaps."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.accreditations (centre_id, trade_id, valid, reference, document_id, recorded_by,
               recorded_at)
           values ($1, $2, daterange($3, $4, '[]'), $5, $6, $7, $8) returning id""",
        centre_id,
        trade_id,
        first_day,
        last_day,
        reference,
        document_id,
        by,
        now,
    )


async def covering(
    tx: asyncpg.Connection, centre_id: UUID, unit_id: UUID, during: "asyncpg.Range[datetime]"
) -> Accreditation | None:
    """The accreditation that covers every day (Brussels) of a session of this unit; None when there is none.

    A scheme that needs none is answered by the database's assessments.accredited().
    """
    row = await tx.fetchrow(
        """select a.id, a.centre_id, a.trade_id, lower(a.valid) as first_day, upper(a.valid) - 1 as last_day,
                  a.reference
           from assessments.accreditations a join assessments.units u on u.trade_id = a.trade_id
           where a.centre_id = $1 and u.id = $2
             and a.valid @> daterange(service.day(lower($3::tstzrange)), service.day(upper($3::tstzrange)), '[]')""",
        centre_id,
        unit_id,
        during,
    )
    return Accreditation(**row) if row else None
