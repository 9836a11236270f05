"""Waiting lists as their readers need them: mine with its place and its reason, and a centre's unit by unit."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import enrolments
from scheduling import waiting
from scheduling.waiting import Group
from service.accounts import Account
from service.refusals import NotFound


class Entry(Struct, frozen=True):
    """Who waits for what, and the reasons for their place: see scheduling.waiting_line."""

    id: UUID
    candidate_id: UUID
    given_name: str
    family_name: str
    unit_id: UUID
    unit_code: str
    unit_label: dict[str, str]
    centres: tuple[UUID, ...] | None
    centre_names: tuple[str, ...]
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


class Line(Struct, frozen=True):
    """One unit's list, in its order."""

    unit_code: str
    unit_label: dict[str, str]
    entries: tuple[Entry, ...]


class First(Struct, frozen=True):
    """Who goes first in line for a unit and waits for no place yet."""

    given_name: str
    family_name: str
    unit_code: str
    unit_label: dict[str, str]
    since: datetime


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Entry]:
    """What a candidate waits for, longest first."""
    rows = await tx.fetch(
        "select e.* from service.waiting_entries e where e.candidate_id = $1 order by e.joined_at, e.id", candidate_id
    )
    return [_entry(row) for row in rows]


async def join(
    tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, wish: waiting.Wish, *, by: UUID | None, now: datetime
) -> UUID:
    """Join the unit's list, enrolling for the unit first if need be, as booking does: an offer that is taken is a booking,
    and who waits can be guided meanwhile. Return the entry's id. Refuses what scheduling.waiting.join refuses."""
    await enrolments.enrol(tx, candidate_id, unit_id, by=by, now=now)
    return await waiting.join(tx, candidate_id, unit_id, wish, now=now)


async def waits(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID) -> bool:
    """Whether the candidate is on the unit's list."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """select exists (select from scheduling.waiting w
                          where w.candidate_id = $1 and w.unit_id = $2 and w.left_at is null)""",
        candidate_id,
        unit_id,
    )


async def of_centre(tx: asyncpg.Connection, centre_id: UUID | None) -> list[Line]:
    """The lists with somebody who would come to the centre (None: to any), by unit; those who would not are left
    out, and keep their places in the order."""
    rows = await tx.fetch(
        """select e.* from service.waiting_entries e
           where $1::uuid is null or e.centres is null or $1 = any (e.centres)
           order by e.unit_code, e.place""",
        centre_id,
    )
    return [_line(entries) for _, entries in groupby(map(_entry, rows), key=lambda one: one.unit_code)]


async def first_of_centre(tx: asyncpg.Connection, centre_id: UUID | None) -> list[First]:
    """Those whom the centre (None: any) failed, who go first in line and are on no list: nobody offers them a place before
    they join it. Without those who withdrew from the unit. Longest first."""
    rows = await tx.fetch(
        """select c.given_name, c.family_name, u.code as unit_code, u.label as unit_label, f.since
           from scheduling.first_in_line f
           join assessments.candidates c on c.id = f.candidate_id join assessments.units u on u.id = f.unit_id
           where exists (select from scheduling.priorities p join scheduling.bookings b on b.id = p.booking_id
                         join scheduling.sessions s on s.id = b.session_id
                         where (p.candidate_id, p.unit_id) = (f.candidate_id, f.unit_id)
                           and ($1::uuid is null or s.centre_id = $1))
             and not exists (select from scheduling.waiting w
                             where (w.candidate_id, w.unit_id) = (f.candidate_id, f.unit_id) and w.left_at is null)
             and not exists (select from assessments.enrolments e
                             where (e.candidate_id, e.unit_id) = (f.candidate_id, f.unit_id) and e.withdrawn_at is not null)
           order by f.since, u.code, c.family_name""",
        centre_id,
    )
    return [msgspec.convert(dict(row), First) for row in rows]


async def holds_entry(tx: asyncpg.Connection, me: Account, waiting_id: UUID) -> None:
    """The entry is the caller's own. Refuses NotFound."""
    if not await tx.fetchval(
        "select w.candidate_id = $2 from scheduling.waiting w where w.id = $1", waiting_id, me.candidate_id
    ):
        raise NotFound


def _line(entries: Iterable[Entry]) -> Line:
    found = tuple(entries)
    return Line(found[0].unit_code, found[0].unit_label, found)


def _entry(row: asyncpg.Record) -> Entry:
    return msgspec.convert(dict(row), Entry)
