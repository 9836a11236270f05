"""Alerts: a candidate's wish that stays, and brings a letter when a place answers it."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import communes
from scheduling.places import Wish, units_of
from scheduling.refusals import AlertTooWide, NotFound

LASTS = timedelta(days=90)  # [proposal]; asked again, it begins anew


class Alert(Struct, frozen=True):
    """`query` is the search it came from, as its address says it."""

    id: UUID
    candidate_id: UUID
    query: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


async def create(tx: asyncpg.Connection, candidate_id: UUID, wish: Wish, *, query: str, now: datetime) -> UUID:
    """Keep a wish until its last day, at most 90 days; the same one again is the same alert, and lasts anew.

    Words are understood now: a unit that the catalogue gains later is not meant. Refuses AlertTooWide (neither words nor
    a trade nor a unit, or none that there is, or a last day that is over), TooManyAlerts, and NotFound
    for a centre that there is not.
    """
    units = await units_of(tx, wish)
    expires_at = min(now + LASTS, wish.until or now + LASTS)
    if not units or expires_at <= now:
        raise AlertTooWide
    centre_id = wish.centre and await tx.fetchval("select id from scheduling.centres where code = $1", wish.centre)
    if wish.centre and centre_id is None:
        raise NotFound
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.alerts (candidate_id, query, units, language, centre_id, since, until, weekdays, half,
                                          accessible, postcodes, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           on conflict (candidate_id, query) where ended_at is null do update set expires_at = excluded.expires_at
           returning id""",
        candidate_id,
        query,
        [*units],
        wish.language,
        centre_id,
        wish.since,
        wish.until,
        [*wish.weekdays] or None,
        wish.half,
        wish.accessible,
        [*communes.around(wish.near, wish.within)] if wish.near and wish.within else None,
        now,
        expires_at,
    )


async def get(tx: asyncpg.Connection, alert_id: UUID) -> Alert:
    """The alert, ended or not. Refuses NotFound."""
    row = await tx.fetchrow(
        "select id, candidate_id, query, created_at, expires_at, ended_at from scheduling.alerts where id = $1",
        alert_id,
    )
    if row is None:
        raise NotFound
    return Alert(**row)


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> list[Alert]:
    """The live ones, newest first."""
    rows = await tx.fetch(
        """select id, candidate_id, query, created_at, expires_at, ended_at from scheduling.alerts
           where candidate_id = $1 and ended_at is null and expires_at > $2 order by created_at desc, id""",
        candidate_id,
        now,
    )
    return [Alert(**row) for row in rows]


async def end(tx: asyncpg.Connection, alert_id: UUID, *, now: datetime) -> None:
    """No more letters. Twice is once. Refuses NotFound."""
    status = await tx.execute(
        "update scheduling.alerts set ended_at = coalesce(ended_at, $2) where id = $1", alert_id, now
    )
    if status.endswith(" 0"):
        raise NotFound


async def end_of_unit(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, now: datetime) -> None:
    """A candidate who gives up a unit is told of its places no longer; an alert about others, too, goes on."""
    await tx.execute(
        "update scheduling.alerts set ended_at = $3 where candidate_id = $1 and units = array[$2::uuid] and ended_at is null",
        candidate_id,
        unit_id,
        now,
    )


async def end_expired(tx: asyncpg.Connection, *, now: datetime) -> int:
    """End what has lasted its time; return how many."""
    status = await tx.execute(
        "update scheduling.alerts set ended_at = expires_at where ended_at is null and expires_at <= $1", now
    )
    return int(status.rsplit(" ", 1)[1])


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Delete a candidate's alerts, with what they were told."""
    await tx.execute("delete from scheduling.alerts where candidate_id = $1", candidate_id)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` alerts that ended before; return how many."""
    status = await tx.execute(
        """delete from scheduling.alerts where id in (
               select id from scheduling.alerts where ended_at < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
