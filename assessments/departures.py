"""Departures: which assessors asked to be forgotten, and what that has to wait for.

They are (GDPR, art. 17) once nobody waits for them any more. Who they were goes. What they judged stays under their id: seats,
qualifications, seals and ties carry the decisions about others (art. 17, 3), and an appeal's panel is told apart from its
jury by them.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

Awaited = Literal["seat", "result", "appeal", "account"]


class Leaving(Struct, frozen=True):
    """Somebody who asked and is not erased yet. `awaits`: what has to end before."""

    assessor_id: UUID
    name: str
    asked_at: datetime
    awaits: list[Awaited]


async def leaving_since(tx: asyncpg.Connection, assessor_id: UUID) -> datetime | None:
    """Since when an assessor's request waits; None where there is none."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select leaving_at from assessments.assessors where id = $1 and erased_at is null", assessor_id
    )


async def awaits(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> list[Awaited]:
    """What an erasure would have to wait for: a seat, a result, an appeal or the time for one, an account of staff."""
    return await tx.fetchval("select assessments.leaving_awaits($1, $2)", assessor_id, now) or []


async def leaving(tx: asyncpg.Connection, centre_id: UUID | None, *, now: datetime) -> list[Leaving]:
    """Who asked and is not erased yet, the oldest request first: of a centre's own people and of those who have a seat in
    one of its juries to come; None: of all."""
    rows = await tx.fetch(
        """select a.id as assessor_id, a.given_name || ' ' || a.family_name as name, a.leaving_at as asked_at,
                  assessments.leaving_awaits(a.id, $2) as awaits
           from assessments.assessors a
           where a.leaving_at is not null and a.erased_at is null
             and ($1::uuid is null or a.centre_id = $1 or exists (
                 select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                 where j.assessor_id = a.id and j.released_at is null and s.centre_id = $1 and s.cancelled_at is null
                   and s.closed_at is null))
           order by a.leaving_at, a.id""",
        centre_id,
        now,
    )
    return [Leaving(**row) for row in rows]


async def idle(tx: asyncpg.Connection, *, before: datetime, most: int) -> list[UUID]:
    """Up to `most` assessors who are not erased and with whom nothing has happened since."""
    rows = await tx.fetch(
        """select a.id from assessments.assessors a
           where a.erased_at is null and a.registered_at < $1
             and not exists (select from scheduling.jury_seats j
                             where j.assessor_id = a.id and (upper(j.during) >= $1 or j.given_at >= $1))
             and not exists (select from assessments.qualifications q
                             where q.assessor_id = a.id and q.recorded_at >= $1)
             and not exists (select from assessments.appeal_reviewers w
                             where w.assessor_id = a.id and w.appointed_at >= $1)
             and not exists (select from service.logins l join service.accounts k on k.id = l.account_id
                             where k.assessor_id = a.id and l.seen_at >= $1)
           limit $2""",
        before,
        most,
    )
    return [row["id"] for row in rows]
