"""When a room is open, by weekday, in the wall-clock time of Brussels."""

from datetime import time
from uuid import UUID

import asyncpg


async def set_day(tx: asyncpg.Connection, *, room_id: UUID, weekday: int, opens: time, closes: time) -> None:
    """Open a room on a weekday (1 = Monday … 7 = Sunday) from `opens` to `closes`."""
    await tx.execute(
        """insert into scheduling.opening_hours (room_id, weekday, opens, closes) values ($1, $2, $3, $4)
           on conflict (room_id, weekday, opens) do update set closes = $4""",
        room_id,
        weekday,
        opens,
        closes,
    )


async def replace(tx: asyncpg.Connection, *, room_id: UUID, hours: tuple[tuple[int, time, time], ...]) -> None:
    """Open a room at these hours of these weekdays, and at no others. What is planned already stays."""
    await tx.execute("delete from scheduling.opening_hours where room_id = $1", room_id)
    await tx.executemany(
        "insert into scheduling.opening_hours (room_id, weekday, opens, closes) values ($1, $2, $3, $4)",
        [(room_id, *each) for each in hours],
    )
