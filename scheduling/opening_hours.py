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
    for weekday, opens, closes in hours:
        await set_day(tx, room_id=room_id, weekday=weekday, opens=opens, closes=closes)


async def of_room(tx: asyncpg.Connection, room_id: UUID) -> tuple[tuple[int, time, time], ...]:
    """Weekday, from and until, in the order of the week."""
    rows = await tx.fetch(
        "select weekday, opens, closes from scheduling.opening_hours where room_id = $1 order by weekday, opens",
        room_id,
    )
    return tuple((row["weekday"], row["opens"], row["closes"]) for row in rows)
