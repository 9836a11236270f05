"""Standards: the versions of a unit's test. Published means frozen; the next version retires the one before."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments.grids import Grid
from assessments.refusals import NotFound


class Content(Struct, frozen=True):
    """What one version of a test says. Times in minutes."""

    duration_minutes: int
    setup_minutes: int
    teardown_minutes: int
    candidates_per_evaluator: int
    room_kind: str
    equipment_kind: str | None
    languages: tuple[str, ...]
    task: dict[str, str]
    conditions: dict[str, str]
    grid: Grid


class Standard(Struct, frozen=True):
    id: UUID
    unit_id: UUID
    version: int
    content: Content
    published_at: datetime | None
    retired_at: datetime | None


async def draft(tx: asyncpg.Connection, unit_id: UUID, content: Content) -> UUID:
    """Write the unit's next version, not in force yet; return its id."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
               candidates_per_evaluator, room_kind, equipment_kind, languages, task, conditions, grid)
           select $1, coalesce((select max(v.version) from assessments.standards v where v.unit_id = $1), 0) + 1,
                  $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
           returning id""",
        unit_id,
        content.duration_minutes,
        content.setup_minutes,
        content.teardown_minutes,
        content.candidates_per_evaluator,
        content.room_kind,
        content.equipment_kind,
        content.languages,
        content.task,
        content.conditions,
        msgspec.to_builtins(content.grid),
    )


async def publish(tx: asyncpg.Connection, standard_id: UUID, *, now: datetime) -> None:
    """Put a version in force and retire the one before; sessions keep the version they opened with.

    Publishing it again changes nothing. Refuses NotFound.
    """
    unit_id = await tx.fetchval(
        """select u.id from assessments.units u
           where u.id = (select s.unit_id from assessments.standards s where s.id = $1) for no key update""",
        standard_id,
    )
    if unit_id is None:
        raise NotFound
    published = await tx.fetchval(
        """update assessments.standards set published_at = $2 where id = $1 and published_at is null
           returning version""",
        standard_id,
        now,
    )
    if published is not None:
        await tx.execute(
            """update assessments.standards set retired_at = $3
               where unit_id = $1 and version < $2 and published_at is not null and retired_at is null""",
            unit_id,
            published,
            now,
        )


async def in_force(tx: asyncpg.Connection, unit_id: UUID, at: datetime) -> Standard:
    """The version by which the unit is tested at a moment. Refuses NotFound."""
    return _standard(
        await tx.fetchrow(
            """select s.* from assessments.standards s
               where s.unit_id = $1 and s.published_at <= $2 and (s.retired_at is null or s.retired_at > $2)
               order by s.version desc limit 1""",
            unit_id,
            at,
        )
    )


async def latest(tx: asyncpg.Connection, unit_id: UUID) -> Standard | None:
    """The newest version, published or not; None when nothing was ever written for the unit."""
    row = await tx.fetchrow(
        "select s.* from assessments.standards s where s.unit_id = $1 order by s.version desc limit 1", unit_id
    )
    return _standard(row) if row else None


async def get(tx: asyncpg.Connection, standard_id: UUID) -> Standard:
    """Refuses NotFound."""
    return _standard(await tx.fetchrow("select s.* from assessments.standards s where s.id = $1", standard_id))


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Standard:
    """The version that a candidate is assessed by: that of their session. Refuses NotFound."""
    return _standard(
        await tx.fetchrow(
            """select s.* from scheduling.bookings b
               join scheduling.sessions x on x.id = b.session_id
               join assessments.standards s on s.id = x.standard_id
               where b.id = $1""",
            booking_id,
        )
    )


def _standard(row: asyncpg.Record | None) -> Standard:
    if row is None:
        raise NotFound
    content = msgspec.convert({field: row[field] for field in Content.__struct_fields__}, Content)
    return Standard(row["id"], row["unit_id"], row["version"], content, row["published_at"], row["retired_at"])
