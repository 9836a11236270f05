"""How many sessions an assessor takes at most on a day and in a week; the manager's seat does not count."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct


class Limits(Struct, frozen=True):
    """None: no limit."""

    sessions_per_day: int | None = None
    sessions_per_week: int | None = None


async def put(tx: asyncpg.Connection, assessor_id: UUID, limits: Limits, *, by: UUID | None, now: datetime) -> None:
    """Set both limits, 1 to 20 a day and 1 to 100 a week (Monday to Sunday). Seats already given stay."""
    await tx.execute(
        """insert into scheduling.assessor_limits (assessor_id, sessions_per_day, sessions_per_week, changed_at, changed_by)
           values ($1, $2, $3, $4, $5)
           on conflict (assessor_id) do update
           set sessions_per_day = $2, sessions_per_week = $3, changed_at = $4, changed_by = $5""",
        assessor_id,
        limits.sessions_per_day,
        limits.sessions_per_week,
        now,
        by,
    )


async def get(tx: asyncpg.Connection, assessor_id: UUID) -> Limits:
    row = await tx.fetchrow(
        "select sessions_per_day, sessions_per_week from scheduling.assessor_limits where assessor_id = $1", assessor_id
    )
    return Limits(**row) if row else Limits()


async def erase(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: how many sessions they took."""
    await tx.execute("delete from scheduling.assessor_limits where assessor_id = $1", assessor_id)
