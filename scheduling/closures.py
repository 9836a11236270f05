"""When a centre or a room is closed: public holidays, works, a training in the room."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import holidays
from msgspec import Struct

from scheduling.refusals import NotFound

BRUSSELS = ZoneInfo("Europe/Brussels")
Cause = Literal["holiday", "entered", "repair"]
LONGEST_REASON = 500  # characters, as of a repair


class Closure(Struct, frozen=True):
    """From when until when, and why. `room_id` None: the whole centre. `planned`: how many tests to come lie in it."""

    id: UUID
    centre_id: UUID
    room_id: UUID | None
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    cause: Cause
    planned: int = 0

    def reason_in(self, language: str) -> str:
        """Why it is closed: what was written, of a public holiday its name in that language."""
        return (self.cause == "holiday" and holiday_name(self.starts_at, language)) or self.reason


class Met(Struct, frozen=True):
    """A test to come that a closure would meet: how many have a place in it, and how many of these only hold it."""

    session_id: UUID
    booked: int
    held: int


def holiday_name(at: datetime, language: str) -> str | None:
    """What a Belgian public holiday is called in one of our languages; None of any other day."""
    day = at.astimezone(BRUSSELS).date()
    return _names(day.year, {"en": "en_US"}.get(language, language)).get(day)


@cache
def _names(year: int, language: str) -> dict[date, str]:
    known = holidays.country_holidays("BE", years=year, language=language)
    return {day: name.replace("'", "’") for day, name in known.items()}


async def hold(tx: asyncpg.Connection, *, centre_id: UUID, room_id: UUID | None) -> None:
    """Let nobody plan there until the transaction ends; wait for those who are planning."""
    await tx.execute("select scheduling.hold_rooms($1, $2)", centre_id, room_id)


async def close(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    room_id: UUID | None = None,
    cause: Literal["entered", "repair"] = "entered",
    by: UUID | None,
    now: datetime,
) -> UUID:
    """Close a centre, or one of its rooms; the same once more is the same closure.

    Refuses SessionsInClosure while tests to come lie in it: they are mended first (scheduling.repairs), which closes it
    too, as `cause` "repair": what that was told to leave as it is stays, and is listed. A test that has begun goes on.
    Who is planning there meanwhile is waited for, and seen.
    """
    await hold(tx, centre_id=centre_id, room_id=room_id)  # two of the same wait for each other here
    known = await tx.fetchval(
        """select c.id from scheduling.closures c where c.centre_id = $1 and c.room_id is not distinct from $2
             and c.during = tstzrange($3, $4) limit 1""",
        centre_id,
        room_id,
        starts_at,
        ends_at,
    )
    if known is not None:
        return known  # type: ignore[no-any-return]
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.closures (centre_id, room_id, during, reason, cause, entered_at, entered_by)
           values ($1, $2, tstzrange($3, $4), $5, $6, $7, $8) returning id""",
        centre_id,
        room_id,
        starts_at,
        ends_at,
        reason,
        cause,
        now,
        by,
    )


async def met(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    room_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> list[Met]:
    """The tests to come that lie in it, soonest first: what `close` refuses over."""
    rows = await tx.fetch(
        """select s.id as session_id, count(b.id) as booked,
                  count(b.id) filter (where b.confirmed_at is null) as held
           from scheduling.tests_to_come($1, $2, tstzrange($3, $4), $5) s
           left join scheduling.bookings b on b.session_id = s.id and b.released_at is null
                and (b.confirmed_at is not null or b.held_until > $5)
           group by s.id, s.test_time order by lower(s.test_time), s.id""",
        centre_id,
        room_id,
        starts_at,
        ends_at,
        now,
    )
    return [Met(**row) for row in rows]


async def centre_of(tx: asyncpg.Connection, closure_id: UUID) -> UUID:
    """Whose closure it is. Refuses NotFound."""
    found = await tx.fetchval("select c.centre_id from scheduling.closures c where c.id = $1", closure_id)
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


async def reopen(tx: asyncpg.Connection, closure_id: UUID) -> None:
    """Take a closure back, a public holiday too. The audit trail keeps what it was. Refuses NotFound."""
    status = await tx.execute("delete from scheduling.closures where id = $1", closure_id)
    if status.endswith(" 0"):
        raise NotFound


async def of_centre(
    tx: asyncpg.Connection, centre_id: UUID, *, since: datetime, until: datetime | None = None, now: datetime
) -> list[Closure]:
    """Those of a centre and of its rooms that are not over at `since` and begin before `until`, soonest first."""
    rows = await tx.fetch(
        """select c.id, c.centre_id, c.room_id, r.name as room_name, lower(c.during) as starts_at,
                  upper(c.during) as ends_at, c.reason, c.cause,
                  (select count(*) from scheduling.tests_to_come(c.centre_id, c.room_id, c.during, $4)) as planned
           from scheduling.closures c left join scheduling.rooms r on r.id = c.room_id
           where c.centre_id = $1 and upper(c.during) > $2 and ($3::timestamptz is null or lower(c.during) < $3)
           order by c.during, r.name""",
        centre_id,
        since,
        until,
        now,
    )
    return [Closure(**row) for row in rows]


async def in_the_way(
    tx: asyncpg.Connection, room_id: UUID, *, starts_at: datetime, ends_at: datetime
) -> Closure | None:
    """What closes a room, or its whole centre, first in that time; None where only the opening hours do. For the reader:
    whether the room is closed is judged elsewhere."""
    row = await tx.fetchrow(
        """select c.id, c.centre_id, c.room_id, k.name as room_name, lower(c.during) as starts_at,
                  upper(c.during) as ends_at, c.reason, c.cause
           from scheduling.rooms r join scheduling.closures c on c.centre_id = r.centre_id
           left join scheduling.rooms k on k.id = c.room_id
           where r.id = $1 and coalesce(c.room_id, r.id) = r.id and c.during && tstzrange($2, $3)
           order by lower(c.during), c.id limit 1""",
        room_id,
        starts_at,
        ends_at,
    )
    return None if row is None else Closure(**row)


async def close_on_public_holidays(tx: asyncpg.Connection, *, centre_id: UUID, year: int) -> int:
    """Close a centre on the Belgian public holidays of a year; return how many days were new."""
    new = 0
    for day, name in sorted(holidays.country_holidays("BE", years=year, language="fr").items()):
        starts_at, ends_at = whole_day(day)
        status = await tx.execute(
            """insert into scheduling.closures (centre_id, during, reason, cause)
               select $1, tstzrange($2, $3), $4, 'holiday'
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
