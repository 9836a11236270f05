"""Undertakings: what an assessor signs for a time, their declaration of interests and their promise of confidentiality.

A scheme says which of them its juries must have on the day of the test (schemes.interest_declared and
schemes.confidentiality_signed; ISO/IEC 17024, 5.2 and 7.3).
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

Kind = Literal["interest", "confidentiality"]


class Undertaking(Struct, frozen=True):
    """Both days included; `last_day` None: until further notice. `statement`: which interests, in their words."""

    id: UUID
    assessor_id: UUID
    kind: Kind
    first_day: date
    last_day: date | None
    statement: str
    document_id: UUID | None


async def record(
    tx: asyncpg.Connection,
    assessor_id: UUID,
    kind: Kind,
    *,
    first_day: date,
    last_day: date | None,
    by: UUID | None,
    now: datetime,
    statement: str = "",
    document_id: UUID | None = None,
) -> UUID:
    """Record what was signed, both days included; return its id. Refuses UndertakingOverlaps."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.undertakings (assessor_id, kind, valid, statement, document_id, recorded_at,
               recorded_by)
           values ($1, $2, daterange($3, $4, '[]'), $5, $6, $7, $8) returning id""",
        assessor_id,
        kind,
        first_day,
        last_day,
        statement,
        document_id,
        now,
        by,
    )


async def of(tx: asyncpg.Connection, assessor_id: UUID) -> list[Undertaking]:
    """All that an assessor signed, oldest first."""
    rows = await tx.fetch(
        """select id, assessor_id, kind, lower(valid) as first_day, upper(valid) - 1 as last_day, statement, document_id
           from assessments.undertakings where assessor_id = $1 order by valid, kind""",
        assessor_id,
    )
    return [Undertaking(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: which interests they declared; that they declared, and for which time, stays."""
    await tx.execute(
        "update assessments.undertakings set statement = '' where assessor_id = $1 and statement <> ''", assessor_id
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Blank up to `most` statements that were recorded, and whose time ended, before; that something was signed stays.

    Return how many.
    """
    status = await tx.execute(
        """update assessments.undertakings set statement = '' where id in (
               select v.id from assessments.undertakings v
               where v.statement <> '' and v.recorded_at < $1 and upper(v.valid) <= service.day($1) limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
