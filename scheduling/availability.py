"""When assessors offer time: weekly wall-clock patterns.

What is known of an assessor's time has three strengths. Being in two places is impossible: a constraint (assessor_busy).
A dated no, a busy time of their own calendar, their maximum of sessions and the way between two sites are objections:
the seat is refused, unless a manager gives the reason why it is given all the same. The weekly pattern is an offer, not
a rule: outside it a seat is only marked, for a person may always agree to come.
"""

from datetime import date, datetime, time
from uuid import UUID

import asyncpg
from msgspec import Struct


class Hours(Struct, frozen=True):
    """A weekday (1 = Monday … 7 = Sunday), Brussels time, between two days; `until` is the first day after."""

    weekday: int
    opens: time
    closes: time
    since: date
    until: date | None


async def offer(
    tx: asyncpg.Connection,
    *,
    assessor_id: UUID,
    weekday: int,
    opens: time,
    closes: time,
    since: date,
    until: date | None = None,
) -> None:
    """Offer a weekday (1 = Monday … 7 = Sunday) from `opens` to `closes`, Brussels time, between two days."""
    await tx.execute(
        """insert into scheduling.availability (assessor_id, weekday, opens, closes, valid)
           values ($1, $2, $3, $4, daterange($5, $6))
           on conflict (assessor_id, weekday, opens) do update set closes = $4, valid = daterange($5, $6)""",
        assessor_id,
        weekday,
        opens,
        closes,
        since,
        until,
    )


async def take_back(tx: asyncpg.Connection, *, assessor_id: UUID, weekday: int, opens: time) -> None:
    """Offer these hours no longer. Seats already given stay."""
    await tx.execute(
        "delete from scheduling.availability where assessor_id = $1 and weekday = $2 and opens = $3",
        assessor_id,
        weekday,
        opens,
    )


async def of_assessor(tx: asyncpg.Connection, assessor_id: UUID) -> list[Hours]:
    """What is offered, by weekday and hour."""
    rows = await tx.fetch(
        """select weekday, opens, closes, lower(valid) as since, upper(valid) as until
           from scheduling.availability where assessor_id = $1 order by weekday, opens""",
        assessor_id,
    )
    return [Hours(**row) for row in rows]


async def erase(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: the hours they offered."""
    await tx.execute("delete from scheduling.availability where assessor_id = $1", assessor_id)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` weekly hours that were offered until a day before; return how many."""
    status = await tx.execute(
        """delete from scheduling.availability v where (v.assessor_id, v.weekday, v.opens) in (
               select a.assessor_id, a.weekday, a.opens from scheduling.availability a
               where not upper_inf(a.valid) and upper(a.valid) <= service.day($1) limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
