"""When a room is open, by weekday, in the wall-clock time of Brussels."""

from collections.abc import Mapping
from datetime import datetime, time
from uuid import UUID

import asyncpg
from msgspec import Struct

Hours = tuple[tuple[int, time, time], ...]  # weekday (1 = Monday), from, until


class OpeningDay(Struct, frozen=True):
    """When a room is open on one day; `spans` is empty when it stays shut. `weekday`: 1 = Monday."""

    weekday: int
    spans: tuple[tuple[datetime, datetime], ...]


async def of_day(tx: asyncpg.Connection, room_id: UUID, moment: datetime) -> OpeningDay:
    """The day of a moment, as Brussels counts them."""
    rows = await tx.fetch(
        """select extract(isodow from d.day)::int as weekday, (d.day + h.opens) at time zone 'Europe/Brussels' as opens,
                  (d.day + h.closes) at time zone 'Europe/Brussels' as closes
           from (select ($2::timestamptz at time zone 'Europe/Brussels')::date as day) d
           left join scheduling.opening_hours h on h.room_id = $1 and h.weekday = extract(isodow from d.day)
           order by h.opens""",
        room_id,
        moment,
    )
    return OpeningDay(rows[0]["weekday"], tuple((row["opens"], row["closes"]) for row in rows if row["opens"]))


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


async def replace(tx: asyncpg.Connection, *, room_id: UUID, hours: Hours) -> None:
    """Open a room at these hours of these weekdays, and at no others. What is planned already stays."""
    await replace_all(tx, {room_id: hours})


async def replace_all(tx: asyncpg.Connection, hours: Mapping[UUID, Hours]) -> None:
    """Open rooms at these hours (see `replace`)."""
    await tx.execute("delete from scheduling.opening_hours where room_id = any ($1::uuid[])", list(hours))
    await tx.executemany(
        "insert into scheduling.opening_hours (room_id, weekday, opens, closes) values ($1, $2, $3, $4)",
        [(room_id, *each) for room_id, given in hours.items() for each in given],
    )
