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


async def close_on_the_holidays_to_come(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Every centre, on the public holidays of this year and the two after it; return how many days were new.

    A year that a centre knows any holiday of is left alone: what it has opened again stays open.
    """
    this_year, new = now.astimezone(BRUSSELS).year, 0
    for year in range(this_year, this_year + 3):
        days = [whole_day(day) for day in holidays.country_holidays("BE", years=year)]
        rows = await tx.fetch(
            """select t.id from scheduling.centres t
               where not exists (select from scheduling.closures c
                                 join unnest($1::timestamptz[], $2::timestamptz[]) as d (starts_at, ends_at)
                                   on c.during = tstzrange(d.starts_at, d.ends_at)
                                 where c.centre_id = t.id and c.room_id is null)""",
            [starts_at for starts_at, _ in days],
            [ends_at for _, ends_at in days],
        )
        for row in rows:
            new += await close_on_public_holidays(tx, centre_id=row["id"], year=year)
    return new


def whole_day(day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight in Brussels: 23 or 25 hours when the clock changes."""
    return (
        datetime.combine(day, time(), BRUSSELS),
        datetime.combine(day + timedelta(days=1), time(), BRUSSELS),
    )
