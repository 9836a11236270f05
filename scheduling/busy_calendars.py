"""Addresses of assessors' own calendars, which the worker reads again and again (service/calendar_readings.py).

Whoever has such an address can read the calendar: it is shown to nobody again, only its host.
"""

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from msgspec import Struct

Failure = Literal["not_public", "unreachable", "too_large", "unreadable"]
EVERY = timedelta(hours=6)


class BusyCalendar(Struct, frozen=True):
    """`read_at`: when it was last read; `failure`: why the last time did not go well."""

    assessor_id: UUID
    url: str
    due_at: datetime
    read_at: datetime | None
    failure: Failure | None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


async def put(tx: asyncpg.Connection, assessor_id: UUID, url: str, *, now: datetime) -> None:
    """Read this address from now on, in the place of another one."""
    await tx.execute(
        """insert into scheduling.busy_calendars (assessor_id, url, asked_at, due_at) values ($1, $2, $3, $3)
           on conflict (assessor_id) do update
               set url = $2, asked_at = $3, due_at = $3, read_at = null, failure = null""",
        assessor_id,
        url,
        now,
    )


async def drop(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Read it no longer; what was read stays until another calendar takes its place."""
    await tx.execute("delete from scheduling.busy_calendars where assessor_id = $1", assessor_id)


async def of_assessor(tx: asyncpg.Connection, assessor_id: UUID) -> BusyCalendar | None:
    row = await tx.fetchrow(
        "select assessor_id, url, due_at, read_at, failure from scheduling.busy_calendars where assessor_id = $1",
        assessor_id,
    )
    return None if row is None else BusyCalendar(**row)


async def take_due(tx: asyncpg.Connection, *, now: datetime) -> BusyCalendar | None:
    """The calendar that is due longest, put off to its next time: another worker does not read it meanwhile."""
    row = await tx.fetchrow(
        """update scheduling.busy_calendars c set due_at = $2
           from (select x.assessor_id from scheduling.busy_calendars x
                 join assessments.assessors a on a.id = x.assessor_id and a.retired_at is null
                 where x.due_at <= $1 order by x.due_at limit 1 for update of x skip locked) due
           where c.assessor_id = due.assessor_id
           returning c.assessor_id, c.url, c.due_at, c.read_at, c.failure""",
        now,
        now + EVERY,
    )
    return None if row is None else BusyCalendar(**row)


async def note(tx: asyncpg.Connection, calendar: BusyCalendar, failure: Failure | None, *, now: datetime) -> bool:
    """How reading it went; False: the address was changed or dropped meanwhile, and what was read is not wanted."""
    status = await tx.execute(
        """update scheduling.busy_calendars
           set failure = $3, read_at = case when $3::text is null then $4::timestamptz else read_at end
           where assessor_id = $1 and url = $2""",
        calendar.assessor_id,
        calendar.url,
        failure,
        now,
    )
    return not status.endswith(" 0")
