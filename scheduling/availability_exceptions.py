"""A dated yes or no of an assessor, stronger than the weekly pattern: a no is an objection, a yes overrules a calendar."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound


class AvailabilityException(Struct, frozen=True):
    id: UUID
    assessor_id: UUID
    starts_at: datetime
    ends_at: datetime
    can_come: bool


async def say(
    tx: asyncpg.Connection,
    *,
    assessor_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    can_come: bool,
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Record that an assessor can, or cannot, come then. Seats already given stay: the centre repairs them."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.availability_exceptions (assessor_id, during, can_come, said_at, said_by)
           values ($1, tstzrange($2, $3), $4, $5, $6) returning id""",
        assessor_id,
        starts_at,
        ends_at,
        can_come,
        now,
        by,
    )


async def withdraw(tx: asyncpg.Connection, exception_id: UUID, *, assessor_id: UUID, now: datetime) -> None:
    """It no longer holds. Refuses NotFound when it is not this assessor's, or was withdrawn before."""
    status = await tx.execute(
        """update scheduling.availability_exceptions set withdrawn_at = $3
           where id = $1 and assessor_id = $2 and withdrawn_at is null""",
        exception_id,
        assessor_id,
        now,
    )
    if status.endswith(" 0"):
        raise NotFound


async def coming(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> list[AvailabilityException]:
    """Those that hold and are not over, soonest first."""
    rows = await tx.fetch(
        """select id, assessor_id, lower(during) as starts_at, upper(during) as ends_at, can_come
           from scheduling.availability_exceptions
           where assessor_id = $1 and withdrawn_at is null and upper(during) > $2 order by during""",
        assessor_id,
        now,
    )
    return [AvailabilityException(**row) for row in rows]


async def erase(tx: asyncpg.Connection, assessor_id: UUID) -> list[UUID]:
    """Of an erased assessor: all they said; return the ids, by which the audit trail knows them."""
    rows = await tx.fetch(
        "delete from scheduling.availability_exceptions where assessor_id = $1 returning id", assessor_id
    )
    return [row["id"] for row in rows]


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` exceptions that were over before; return how many."""
    status = await tx.execute(
        """delete from scheduling.availability_exceptions where id in (
               select x.id from scheduling.availability_exceptions x where upper(x.during) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
