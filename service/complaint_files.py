"""Complaints as people read them: the candidate theirs, a centre those that were addressed to it."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import working_days
from assessments.complaints import About, Finding
from service.accounts import Account


class File(Struct, frozen=True):
    """A complaint. `unit_code` and `tested_on`: of the test that it is about, where it is about one."""

    id: UUID
    candidate: str
    centre_name: str
    unit_code: str | None
    tested_on: date | None
    about: About
    complaint: str
    lodged_at: datetime
    take_up_by: date
    due_on: date
    taken_up_at: datetime | None
    answered_at: datetime | None
    finding: Finding | None
    answer: str | None
    withdrawn_at: datetime | None

    @property
    def state(self) -> str:
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.finding is not None:
            return self.finding
        return "lodged" if self.taken_up_at is None else "taken_up"

    @property
    def deadline(self) -> date | None:
        """The next day by which somebody has to act; None once it has ended."""
        first = self.take_up_by if self.taken_up_at is None else None
        is_over = self.answered_at is not None or self.withdrawn_at is not None
        return working_days.next_deadline(first, self.due_on, is_over=is_over)

    def is_late(self, today: date) -> bool:
        return self.deadline is not None and self.deadline < today


class Place(Struct, frozen=True):
    """What a candidate can complain about: a test of theirs, or (without a booking) a centre."""

    booking_id: UUID | None
    centre_id: UUID
    centre_name: str
    unit_code: str | None
    tested_on: date | None

    @property
    def value(self) -> str:
        return f"test:{self.booking_id}" if self.booking_id else f"centre:{self.centre_id}"


async def mine(tx: asyncpg.Connection, candidate_id: UUID) -> list[File]:
    """The candidate's complaints, those that wait first, then the latest."""
    return await _files(tx, candidate_id=candidate_id)


async def of_centre(tx: asyncpg.Connection, me: Account) -> list[File]:
    """Those addressed to the account's centre, or to all of them for an administrator; those that wait first, by their
    next deadline."""
    return await _files(tx, centre_id=me.centre_id)


async def one(tx: asyncpg.Connection, complaint_id: UUID) -> File:
    """One that is known to be within reach."""
    (found,) = await _files(tx, complaint_id=complaint_id)
    return found


async def _files(
    tx: asyncpg.Connection,
    *,
    candidate_id: UUID | None = None,
    centre_id: UUID | None = None,
    complaint_id: UUID | None = None,
) -> list[File]:
    rows = await tx.fetch(
        """select f.id, c.given_name || ' ' || c.family_name as candidate, e.name as centre_name, u.code as unit_code,
                  service.day(lower(b.during)) as tested_on, f.about, f.complaint, f.lodged_at, f.take_up_by, f.due_on,
                  f.taken_up_at, f.answered_at, f.finding, f.answer, f.withdrawn_at
           from assessments.complaints f
           join assessments.candidates c on c.id = f.candidate_id
           join scheduling.centres e on e.id = f.centre_id
           left join scheduling.bookings b on b.id = f.booking_id
           left join assessments.units u on u.id = b.unit_id
           where ($1::uuid is null or f.candidate_id = $1) and ($2::uuid is null or f.centre_id = $2)
             and ($3::uuid is null or f.id = $3)
           order by coalesce(f.answered_at, f.withdrawn_at) desc nulls first,
                    case when f.taken_up_at is null then f.take_up_by else f.due_on end, f.id""",
        candidate_id,
        centre_id,
        complaint_id,
    )
    return [msgspec.convert(dict(row), File) for row in rows]


async def places(tx: asyncpg.Connection, candidate_id: UUID) -> list[Place]:
    """The candidate's tests, the latest first, then every centre by name."""
    rows = await tx.fetch(
        """select b.id as booking_id, e.id as centre_id, e.name as centre_name, u.code as unit_code,
                  service.day(lower(b.during)) as tested_on
           from scheduling.bookings b
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres e on e.id = s.centre_id
           join assessments.units u on u.id = b.unit_id
           where b.candidate_id = $1
           union all
           select null, e.id, e.name, null, null from scheduling.centres e
           order by tested_on desc nulls last, centre_name""",
        candidate_id,
    )
    return [Place(**row) for row in rows]
