"""Recommendations: what is advised after a screening, units to be tested in and trainings to follow. A person says it."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

MOST = 10  # of each kind: who is advised everything is advised nothing


class Unit(Struct, frozen=True):
    """`label`: in four languages."""

    code: str
    label: dict[str, str]


class Recommendations(Struct, frozen=True):
    """`trainings`: as they were written."""

    units: tuple[Unit, ...]
    trainings: tuple[str, ...]


async def hold(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """Until the end of the transaction nobody else writes down what is recommended to this candidate."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('recommended ' || $1::uuid, 0))", booking_id)


async def put(
    tx: asyncpg.Connection,
    booking_id: UUID,
    *,
    units: list[str],
    trainings: list[str],
    by: UUID | None,
    now: datetime,
) -> None:
    """Write down what is recommended instead of what was; a unit that is not known is left out, and so is all beyond MOST.

    Refuses NotAScreening, and ProfileAlreadyReleased: what the candidate has read does not change.
    """
    await hold(tx, booking_id)
    await tx.execute("delete from assessments.recommendations where booking_id = $1", booking_id)
    await tx.execute(
        """insert into assessments.recommendations (booking_id, position, unit_id, training, recommended_at, recommended_by)
           select $1, row_number() over (order by c.kind, c.nth), c.unit_id, c.training, $4, $5
           from (select 1 as kind, k.nth, u.id as unit_id, null as training
                 from unnest($2::text[]) with ordinality k(code, nth) join assessments.units u on u.code = k.code
                 where k.nth <= $6
                 union all
                 select 2, k.nth, null, k.training from unnest($3::text[]) with ordinality k(training, nth)
                 where k.nth <= $6) c""",
        booking_id,
        list(dict.fromkeys(units)),
        [one.strip()[:200] for one in trainings if one.strip()],
        now,
        by,
        MOST,
    )


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Recommendations:
    """In the order in which they were written down; perhaps none."""
    rows = await tx.fetch(
        """select r.training, u.code, u.label::jsonb as label from assessments.recommendations r
           left join assessments.units u on u.id = r.unit_id where r.booking_id = $1 order by r.position""",
        booking_id,
    )
    return Recommendations(
        tuple(Unit(row["code"], row["label"]) for row in rows if row["code"]),
        tuple(row["training"] for row in rows if row["training"]),
    )


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the words go, the units stay."""
    await tx.execute(
        """delete from assessments.recommendations r using scheduling.bookings b
           where b.id = r.booking_id and b.candidate_id = $1 and r.training is not null""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` trainings advised after screenings that were over before; the units stay."""
    status = await tx.execute(
        """delete from assessments.recommendations where (booking_id, position) in (
               select r.booking_id, r.position from assessments.recommendations r
               where r.training is not null and r.recommended_at < $1 and assessments.over_since(r.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
