"""When assessors offer time: weekly wall-clock patterns. An offer, not a rule: a jury seat may go beyond it."""

from datetime import date, time
from uuid import UUID

import asyncpg


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
