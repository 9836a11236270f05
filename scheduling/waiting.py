"""The waiting list: a candidate waits for a unit, with the centres, languages and times that would do.

In which order people are asked is one view, scheduling.waiting_line, and its sentence on the page /waiting/rule. A free
seat is offered by offers.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from scheduling.refusals import NotFound, UnitAlreadyBooked, WaitingForNothing

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
Group = Literal["new_test", "turned_away", "cancelled_by_centre", "jobseeker", "worker"]


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What would do. `centres`: None for every one; `mornings` and `afternoons`: the weekdays (1 = Monday) on which a test
    may begin before noon and from noon on, by the clock in Brussels."""

    languages: tuple[str, ...]
    earliest: date
    latest: date | None = None
    centres: tuple[UUID, ...] | None = None
    mornings: tuple[int, ...] = EVERY_DAY
    afternoons: tuple[int, ...] = EVERY_DAY


class Waiting(Struct, frozen=True):
    """One entry and where it stands: `place` of `length` on the unit's list, and why. `possibilities`: half-days ×
    languages × centres; `week`: the Monday of the week in which it was joined; `priority`: a group that goes first."""

    id: UUID
    candidate_id: UUID
    unit_id: UUID
    centres: tuple[UUID, ...] | None
    languages: tuple[str, ...]
    earliest: date
    latest: date | None
    mornings: tuple[int, ...]
    afternoons: tuple[int, ...]
    joined_at: datetime
    place: int
    length: int
    priority: Group | None
    week: date
    possibilities: int


async def join(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, wish: Wish, *, now: datetime) -> UUID:
    """Join the unit's list, or change what would do and keep one's moment; return the entry's id.

    Refuses WaitingForNothing, UnitAlreadyBooked.
    """
    if not wish.languages or not (wish.mornings or wish.afternoons) or wish.centres == ():
        raise WaitingForNothing
    if await tx.fetchval(
        """select exists (select from scheduling.bookings b where b.candidate_id = $1 and b.unit_id = $2
                            and b.released_at is null and b.closed_at is null and not scheduling.lapsed(b, $3)
                            and b.waiting_id is null)""",
        candidate_id,
        unit_id,
        now,
    ):
        raise UnitAlreadyBooked
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with joined as (
               insert into scheduling.waiting as w (candidate_id, unit_id, centres, languages, earliest, latest, mornings,
                                                    afternoons, joined_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               on conflict (candidate_id, unit_id) where left_at is null do update
               set centres = $3, languages = $4, earliest = $5, latest = $6, mornings = $7, afternoons = $8
               returning id, unit_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'waiting.joined', id, jsonb_build_object('candidate_id', $1::uuid, 'unit_id', unit_id), $9 from joined)
           select id from joined""",
        candidate_id,
        unit_id,
        None if wish.centres is None else list(wish.centres),
        list(wish.languages),
        wish.earliest,
        wish.latest,
        list(wish.mornings),
        list(wish.afternoons),
        now,
    )


async def leave(tx: asyncpg.Connection, waiting_id: UUID, *, now: datetime) -> None:
    """Wait no longer. Twice is once. Refuses NotFound."""
    found = await tx.fetchval(
        """update scheduling.waiting set left_at = coalesce(left_at, $2), leaving = coalesce(leaving, 'withdrawn')
           where id = $1 returning id""",
        waiting_id,
        now,
    )
    if found is None:
        raise NotFound


async def leave_unit(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, now: datetime) -> None:
    """A candidate who gives up a unit waits for it no longer."""
    await tx.execute(
        """update scheduling.waiting set left_at = $3, leaving = 'withdrawn'
           where candidate_id = $1 and unit_id = $2 and left_at is null""",
        candidate_id,
        unit_id,
        now,
    )


async def serve(tx: asyncpg.Connection, booking_id: UUID, *, now: datetime) -> None:
    """Who has a place waits no longer; nothing happens where the place is free again meanwhile."""
    await tx.execute(
        """update scheduling.waiting w set left_at = $2, leaving = 'booked'
           from scheduling.bookings b
           where b.id = $1 and b.released_at is null and b.confirmed_at is not null
             and w.candidate_id = b.candidate_id and w.unit_id = b.unit_id and w.left_at is null""",
        booking_id,
        now,
    )


async def leave_all(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """A candidate who is erased waits for nothing."""
    await tx.execute(
        "update scheduling.waiting set left_at = $2, leaving = 'withdrawn' where candidate_id = $1 and left_at is null",
        candidate_id,
        now,
    )


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Waiting]:
    """What a candidate waits for, longest first, each with its place."""
    rows = await tx.fetch(
        """select w.id, w.candidate_id, w.unit_id, w.centres, w.languages, w.earliest, w.latest, w.mornings, w.afternoons,
                  w.joined_at, l.place, l.length, l.priority, l.week, l.possibilities
           from scheduling.waiting w join scheduling.waiting_line l on l.id = w.id
           where w.candidate_id = $1 order by w.joined_at, w.id""",
        candidate_id,
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def of_unit(tx: asyncpg.Connection, unit_id: UUID) -> list[Waiting]:
    """The whole list of a unit, in its order."""
    rows = await tx.fetch(
        """select w.id, w.candidate_id, w.unit_id, w.centres, w.languages, w.earliest, w.latest, w.mornings, w.afternoons,
                  w.joined_at, l.place, l.length, l.priority, l.week, l.possibilities
           from scheduling.waiting_line l join scheduling.waiting w on w.id = l.id
           where l.unit_id = $1 order by l.place""",
        unit_id,
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` entries left before; return how many. Offers that came of them stay as bookings."""
    status = await tx.execute(
        """delete from scheduling.waiting where id in (
               select w.id from scheduling.waiting w
               where w.left_at < $1 and not exists (select from scheduling.bookings b where b.waiting_id = w.id)
               limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])


def weekdays(numbers: Sequence[int]) -> tuple[int, ...]:
    """The numbers that are weekdays, each once and in order."""
    return tuple(sorted({number for number in numbers if number in EVERY_DAY}))
