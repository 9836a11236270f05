"""Series: sessions drafted by a wall-clock pattern, looked at before anything is written.

The preview is the writing itself within a savepoint that is undone: room, equipment, closures, jury and the clock are
judged by the rules that will judge the order. So what was seen is what is written, or nothing is (SeriesChanged).
"""

from datetime import date, datetime, time
from functools import partial
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from scheduling import attempts, clock, drafts, recurrence, sessions
from scheduling.drafts import Conflict, Seat
from scheduling.refusals import HourSkipped, NotFound, Refusal, SeriesChanged


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """`rule` is an RRULE of days from `first_day` on; the test begins when the clock in Brussels shows `at`."""

    room_id: UUID
    unit_id: UUID
    language: Literal["fr", "nl", "en", "de"]
    seats: int
    rule: str
    first_day: date
    at: time
    jury: tuple[Seat, ...] = ()


class Occurrence(Struct, frozen=True):
    """A date of the pattern. `starts_at` is None where the clock skips that hour; where the hour comes twice there are
    two occurrences, `which` telling them apart, and neither counts as wished for before somebody says so.

    A `blocked` date cannot be ordered. One with somebody `missing` can: that person's seat stays to be given.
    """

    day: date
    starts_at: datetime | None
    which: Literal["first", "second"] | None = None
    blocked: Conflict | None = None
    missing: tuple[Conflict, ...] = ()


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """A date as it was seen: its moment, and who was missing from the jury."""

    starts_at: datetime
    without: tuple[UUID, ...] = ()


async def preview(tx: asyncpg.Connection, pattern: Pattern, *, by: UUID | None, now: datetime) -> list[Occurrence]:
    """Every date of the pattern with what stands in its way; nothing is written.

    The dates are tried one after another, each beside those before it. Refuses RuleUnreadable, SeriesTooLong, NotFound.
    """
    wanted = _moments(pattern)
    undone = tx.transaction()
    await undone.start()
    try:
        return [await _tried(tx, pattern, each, by=by, now=now) for each in wanted]
    finally:
        await undone.rollback()


async def plan(
    tx: asyncpg.Connection, pattern: Pattern, chosen: list[Choice], *, by: UUID | None, now: datetime
) -> list[UUID]:
    """Draft the chosen dates as they were seen, and only those; return the sessions' ids, soonest first.

    Refuses SeriesChanged, and then writes nothing, when a date is not of the pattern, has passed, or a room, a piece of
    equipment or a jury member that was free is not any more. Refuses NotFound, RuleUnreadable, SeriesTooLong.
    """
    moments = {each.starts_at for each in _moments(pattern)}
    chosen = sorted(chosen, key=lambda each: each.starts_at)
    if not chosen or len({each.starts_at for each in chosen}) < len(chosen):
        raise SeriesChanged
    if any(each.starts_at not in moments or each.starts_at <= now for each in chosen):
        raise SeriesChanged
    series_id = await _record(tx, pattern, by=by, now=now)
    planned = []
    for each in chosen:
        jury = tuple(seat for seat in pattern.jury if seat.assessor_id not in each.without)
        outcome = await drafts.draft(tx, _plan(pattern, each.starts_at), jury, by=by, now=now, series_id=series_id)
        if outcome.session_id is None or outcome.missing:
            raise SeriesChanged
        planned.append(outcome.session_id)
    return planned


def _moments(pattern: Pattern) -> list[Occurrence]:
    found = []
    for day in recurrence.days(pattern.rule, pattern.first_day):
        moments = clock.moments(day, pattern.at)
        if not moments:
            found.append(Occurrence(day, None, blocked=Conflict(HourSkipped)))
        elif len(moments) == 1:
            found.append(Occurrence(day, moments[0]))
        else:
            found += [Occurrence(day, moments[0], "first"), Occurrence(day, moments[1], "second")]
    return found


async def _tried(
    tx: asyncpg.Connection, pattern: Pattern, wanted: Occurrence, *, by: UUID | None, now: datetime
) -> Occurrence:
    if wanted.starts_at is None:
        return wanted
    alone = (
        tx.transaction()
    )  # of two moments with one name at most one will be ordered: neither stands in the other's way
    await alone.start()
    outcome = await drafts.draft(tx, _plan(pattern, wanted.starts_at), pattern.jury, by=by, now=now)
    await (alone.commit() if wanted.which is None else alone.rollback())
    return structs.replace(wanted, blocked=outcome.blocked, missing=outcome.missing)


def _plan(pattern: Pattern, starts_at: datetime) -> sessions.Plan:
    return sessions.Plan(pattern.room_id, pattern.unit_id, pattern.language, starts_at, pattern.seats)


async def _record(tx: asyncpg.Connection, pattern: Pattern, *, by: UUID | None, now: datetime) -> UUID:
    series_id: UUID | None = await tx.fetchval(
        """insert into scheduling.series (centre_id, room_id, unit_id, language, seats, rule, first_day, at, planned_at,
                                          planned_by)
           select r.centre_id, r.id, $2, $3, $4, $5, $6, $7, $8, $9 from scheduling.rooms r where r.id = $1
           returning id""",
        pattern.room_id,
        pattern.unit_id,
        pattern.language,
        pattern.seats,
        pattern.rule.upper(),
        pattern.first_day,
        pattern.at,
        now,
        by,
    )
    if series_id is None:
        raise NotFound
    return series_id


async def drafts_beside(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> list[UUID]:
    """The drafts to come of the series that a session is of, soonest first; of none that session alone."""
    rows = await tx.fetch(
        """select s.id from scheduling.sessions s join scheduling.sessions mine on mine.id = $1
           where (s.series_id = mine.series_id or s.id = mine.id) and s.opened_at is null and s.cancelled_at is null
             and lower(s.test_time) > $2 order by lower(s.test_time)""",
        session_id,
        now,
    )
    return [row["id"] for row in rows]


async def open_drafts(
    tx: asyncpg.Connection, session_id: UUID, *, by: UUID | None, now: datetime
) -> dict[UUID, type[Refusal] | None]:
    """Open each of `drafts_beside` that can be; of those that cannot, and stay drafts, say what refuses them."""
    return {
        each: await attempts.refusal_of(tx, partial(sessions.open_for_booking, tx, each, by=by, now=now))
        for each in await drafts_beside(tx, session_id, now=now)
    }
