"""What is valid for a time, and what its end breaks: accreditations, qualifications, undertakings, across centres."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.i18n import BRUSSELS
from service.refusals import NotFound

AHEAD_DAYS = 90
Kind = Literal["accreditation", "qualification", "interest", "confidentiality"]


class Broken(Struct, frozen=True):
    """A session that has not begun and that could not be held."""

    session_id: UUID
    unit_code: str
    starts_at: datetime
    centre_id: UUID


class Lapse(Struct, frozen=True):
    """Something that ends. `name`: whose, None for an accreditation; `renewed`: another one goes on from the next day."""

    kind: Kind
    id: UUID
    centre_name: str | None
    name: str | None
    role: str | None
    trade_code: str | None
    trade_label: dict[str, str] | None
    first_day: date
    last_day: date
    document_id: UUID | None
    renewed: bool
    breaks: tuple[Broken, ...]


async def lapses(tx: asyncpg.Connection, centre_id: UUID | None, *, now: datetime) -> list[Lapse]:
    """What ends within ninety days, or ended and breaks a session, the first end first.

    Of a centre: its accreditations, its own assessors, and those with a seat in one of its coming juries; None: of all.
    """
    today = now.astimezone(BRUSSELS).date()
    rows = await tx.fetch(
        """select v.kind, v.id, c.name as centre_name, p.given_name || ' ' || p.family_name as name, v.role,
                  t.code as trade_code, t.label::jsonb as trade_label, v.first_day, v.last_day, v.document_id, v.renewed,
                  coalesce(b.sessions, '[]') as breaks
           from service.validities v
           left join scheduling.centres c on c.id = v.centre_id
           left join assessments.assessors p on p.id = v.assessor_id
           left join assessments.trades t on t.id = v.trade_id
           left join lateral (
               select jsonb_agg(jsonb_build_object('session_id', s.id, 'unit_code', u.code, 'centre_id', s.centre_id,
                                                   'starts_at', lower(s.test_time)) order by lower(s.test_time)) as sessions
               from service.breakages k join scheduling.sessions s on s.id = k.session_id
               join assessments.units u on u.id = s.unit_id
               where k.kind = v.kind and k.id = v.id and lower(s.test_time) > $2
                 and ($1::uuid is null or s.centre_id = $1)) b on true
           where v.last_day is not null and v.last_day <= $3 and (v.last_day >= $4 or b.sessions is not null)
             and ($1::uuid is null or v.centre_id = $1 or exists (
                 select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                 where j.assessor_id = v.assessor_id and j.released_at is null and s.centre_id = $1
                   and s.cancelled_at is null and lower(s.test_time) > $2))
           order by v.last_day, v.kind, c.name, name, trade_code""",
        centre_id,
        now,
        today + timedelta(days=AHEAD_DAYS),
        today,
    )
    return [_lapse(row) for row in rows]


def _lapse(row: asyncpg.Record) -> Lapse:
    sessions = tuple(
        Broken(
            UUID(one["session_id"]),
            one["unit_code"],
            datetime.fromisoformat(one["starts_at"]),
            UUID(one["centre_id"]),
        )
        for one in row["breaks"]
    )
    return Lapse(**{name: row[name] for name in Lapse.__struct_fields__ if name != "breaks"}, breaks=sessions)


async def of_assessor(tx: asyncpg.Connection, assessor_id: UUID) -> list[asyncpg.Record]:
    """All that is on record about an assessor, the newest first."""
    return await tx.fetch(
        """select v.kind, v.role, t.code as trade_code, t.label::jsonb as trade_label, v.first_day, v.last_day,
                  d.sha256, d.name as document, w.statement
           from service.validities v
           left join assessments.trades t on t.id = v.trade_id
           left join assessments.documents d on d.id = v.document_id
           left join assessments.undertakings w on w.id = v.id
           where v.assessor_id = $1 order by v.first_day desc, v.kind, trade_code""",
        assessor_id,
    )


async def in_reach(tx: asyncpg.Connection, document_id: UUID, centre_id: UUID | None) -> None:
    """The paper is behind something of the centre (None: of any), or of somebody who sits in one of its juries.

    Refuses NotFound.
    """
    found = await tx.fetchval(
        """select exists (
               select from service.validities v
               where v.document_id = $1 and ($2::uuid is null or v.centre_id = $2 or exists (
                   select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                   where j.assessor_id = v.assessor_id and j.released_at is null and s.centre_id = $2)))""",
        document_id,
        centre_id,
    )
    if not found:
        raise NotFound


class Person(Struct, frozen=True):
    id: UUID
    name: str
    employer: str | None


async def people(tx: asyncpg.Connection, centre_id: UUID | None) -> list[Person]:
    """The assessors that a centre answers for: its own, those from outside, and those who sit in its juries; by name."""
    rows = await tx.fetch(
        """select a.id, a.given_name || ' ' || a.family_name as name, a.employer from assessments.assessors a
           where a.retired_at is null and ($1::uuid is null or a.centre_id is null or a.centre_id = $1 or exists (
               select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
               where j.assessor_id = a.id and j.released_at is null and s.centre_id = $1))
           order by a.family_name, a.given_name""",
        centre_id,
    )
    return [Person(**row) for row in rows]
