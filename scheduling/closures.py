"""When a centre or a room is closed: public holidays, works, a training in the room."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import holidays

BRUSSELS = ZoneInfo("Europe/Brussels")


async def close(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    room_id: UUID | None = None,
) -> UUID:
    """Close a centre, or one of its rooms. Sessions that are already planned stay: the planner moves them."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.closures (centre_id, room_id, during, reason)
           values ($1, $2, tstzrange($3, $4), $5) returning id""",
        centre_id,
        room_id,
        starts_at,
        ends_at,
        reason,
    )


async def close_on_public_holidays(tx: asyncpg.Connection, *, centre_id: UUID, year: int) -> int:
    """Close a centre on the Belgian public holidays of a year; return how many days were new."""
    new = 0
    for day, name in sorted(holidays.country_holidays("BE", years=year, language="fr").items()):
        starts_at, ends_at = whole_day(day)
        status = await tx.execute(
            """insert into scheduling.closures (centre_id, during, reason)
               select $1, tstzrange($2, $3), $4
               where not exists (select from scheduling.closures c
                                 where c.centre_id = $1 and c.room_id is null and c.during = tstzrange($2, $3))""",
            centre_id,
            starts_at,
            ends_at,
            name,
        )
        new += int(status.rsplit(" ", 1)[1])
    return new


def whole_day(day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight in Brussels: 23 or 25 hours when the clock changes."""
    return (
        datetime.combine(day, time(), BRUSSELS),
        datetime.combine(day + timedelta(days=1), time(), BRUSSELS),
    )
