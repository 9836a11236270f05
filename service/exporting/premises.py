"""Lists of what a centre tests with, and of when it cannot: equipment, what of it is out of order, closures."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

import asyncpg

from scheduling import closures as closed
from scheduling import outages as broken
from service.exporting.words import Asked, Row, cell
from service.i18n import BRUSSELS

AT_ONCE = 500


async def equipment(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The pieces in use, as on their page, and what of them is out of order on the day."""
    async for row in tx.cursor(
        """select e.kind, e.name, lower(o.during) as starts_at, upper(o.during) as ends_at
           from scheduling.equipment e
           left join lateral (
               select o.during from scheduling.outages o
               where o.equipment_id = e.id and o.back_at is null
                 and o.during && tstzrange($2::timestamptz, $2 + interval '1 day')
               order by o.during limit 1) o on true
           where e.centre_id = $1 and e.retired_at is null
           order by e.kind, regexp_replace(e.name, '[0-9]+$', ''), length(e.name), e.name""",
        asked.centre_id,
        asked.since,
        prefetch=AT_ONCE,
    ):
        piece = (row["kind"], row["name"])
        days = span(row["starts_at"], row["ends_at"]) if row["starts_at"] else (None, None)
        yield tuple(cell(value) for value in (*piece, *days))


async def outages(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """What is out of order on the day or later; without an end nobody knows yet."""
    for one in await broken.of_centre(tx, asked.centre_id, now=asked.since):
        cells = (*span(one.starts_at, one.ends_at), one.reason, one.entered_at, one.planned)
        yield tuple(cell(value) for value in (one.kind, one.name, *cells))


async def closures(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """What is closed on the day or later; without a room it is the whole centre."""
    for one in await closed.of_centre(tx, asked.centre_id, since=asked.since, now=asked.since):
        reason = one.reason_in(asked.language)
        cells = (one.room_name, *span(one.starts_at, one.ends_at), reason, one.cause, one.planned)
        yield tuple(cell(value) for value in cells)


Spanned = tuple[date | datetime, date | datetime | None]


def span(starts_at: datetime, ends_at: datetime | None) -> Spanned:
    """From when until when, as the pages say it: whole days by the last of them, all else by its moments."""
    begin, end = starts_at.astimezone(BRUSSELS), ends_at and ends_at.astimezone(BRUSSELS)
    if begin.time() != time() or (end and end.time() != time()):
        return starts_at, ends_at
    return begin.date(), end and end.date() - timedelta(days=1)
