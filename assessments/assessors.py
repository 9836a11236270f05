"""Assessors: everyone who may sit on a jury, and who of them may take a given seat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, to_builtins

from assessments import departures
from assessments.outcome_refusals import AssessorAwaited
from assessments.refusals import NotFound

Role = Literal["evaluator", "observer", "manager"]


class Assessor(Struct, frozen=True):
    """`centre_id`: the centre that employs them; None for people of the trade from outside."""

    id: UUID
    given_name: str
    family_name: str
    email: str
    employer: str | None
    centre_id: UUID | None
    languages: list[str]
    registered_at: datetime
    retired_at: datetime | None
    leaving_at: datetime | None
    erased_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Registration(Struct, frozen=True):
    """Who an assessor is, as a list says it. `id`: that of the candidate that they are, or None."""

    id: UUID | None
    given_name: str
    family_name: str
    email: str
    languages: tuple[str, ...]
    employer: str | None = None
    centre_id: UUID | None = None


class Standing(Struct, frozen=True):
    """An assessor before a given seat: `obstacles` names the rules that keep them from it, empty when none does.

    Outside their offered hours is no obstacle, only said: a person may always agree to come.
    """

    assessor_id: UUID
    name: str
    employer: str | None
    obstacles: list[str]
    offered: bool


async def register(
    tx: asyncpg.Connection,
    *,
    given_name: str,
    family_name: str,
    email: str,
    languages: list[str],
    now: datetime,
    employer: str | None = None,
    centre_id: UUID | None = None,
    assessor_id: UUID | None = None,
) -> UUID:
    """Record an assessor; return their id. Refuses AssessorEmailKnown.

    A candidate who becomes an assessor keeps their id, given as `assessor_id`: one person, one calendar.
    """
    who = Registration(assessor_id, given_name, family_name, email, tuple(languages), employer, centre_id)
    return (await register_all(tx, [who], now=now))[0]


async def register_all(tx: asyncpg.Connection, people: Sequence[Registration], *, now: datetime) -> list[UUID]:
    """Record assessors by one statement, all or none; return their ids in the order given. Refuses AssessorEmailKnown."""
    rows = await tx.fetch(
        """with given as materialized (
               select coalesce(kept_id, gen_random_uuid()) as id, g.*
               from rows from (jsonb_to_recordset($1) as (
                   id uuid, given_name text, family_name text, email text, employer text, centre_id uuid,
                   languages text[])) with ordinality
                   g (kept_id, given_name, family_name, email, employer, centre_id, languages, place)),
           registered as (
               insert into assessments.assessors (id, given_name, family_name, email, employer, centre_id, languages,
                                                  registered_at)
               select id, given_name, family_name, email, employer, centre_id, languages, $2 from given order by place)
           select id from given order by place""",
        [to_builtins(who) for who in people],
        now,
    )
    return [row["id"] for row in rows]


async def amend(
    tx: asyncpg.Connection,
    assessor_id: UUID,
    *,
    given_name: str,
    family_name: str,
    email: str,
    languages: list[str],
    employer: str | None,
    centre_id: UUID | None,
) -> None:
    """Say anew who they are and for whom they work; seats they have stay. Refuses AssessorEmailKnown, NotFound."""
    status = await tx.execute(
        """update assessments.assessors
           set given_name = $2, family_name = $3, email = $4, languages = $5, employer = $6, centre_id = $7
           where id = $1 and retired_at is null""",
        assessor_id,
        given_name,
        family_name,
        email,
        languages,
        employer,
        centre_id,
    )
    if status.endswith(" 0"):
        raise NotFound


async def retire(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> None:
    """No new seats from now on; past ones stay. Retiring twice changes nothing."""
    await tx.execute(
        "update assessments.assessors set retired_at = $2 where id = $1 and retired_at is null", assessor_id, now
    )


async def get(tx: asyncpg.Connection, assessor_id: UUID) -> Assessor:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, given_name, family_name, email, employer, centre_id, languages, registered_at, retired_at,
                  leaving_at, erased_at
           from assessments.assessors where id = $1""",
        assessor_id,
    )
    if row is None:
        raise NotFound
    return Assessor(**row)


async def standing(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    unit_id: UUID,
    role: Role,
    language: str,
    during: "asyncpg.Range[datetime]",
) -> list[Standing]:
    """Every assessor before a seat of a session that is being planned, those who may take it first.

    `during` is the whole time the seat takes, set-up and tear-down included. The obstacles bear the names of the rules
    that guard scheduling.jury_seats; ties with candidates are not among them, since there are no candidates yet.
    """
    rows = await tx.fetch(
        """select a.id as assessor_id, a.given_name || ' ' || a.family_name as name, a.employer,
                  array(select r.rule from (values
                      (1, 'assessor_unqualified',
                          $3 <> 'manager' and not assessments.qualified(a.id, u.trade_id, $3, $5)),
                      (2, 'language_not_spoken', $3 <> 'manager' and not $4 = any (a.languages)),
                      (3, 'observer_not_external', $3 = 'observer' and a.centre_id = $1),
                      (4, 'manager_not_of_centre', $3 = 'manager' and a.centre_id is distinct from $1),
                      (5, 'assessor_busy', $3 <> 'manager' and scheduling.is_seated(a.id, $5)),
                      (6, 'declaration_missing',
                          assessments.undertaking_missing(a.id, u.trade_id, $5) = 'declaration_missing'),
                      (7, 'confidentiality_unsigned',
                          assessments.undertaking_missing(a.id, u.trade_id, $5) = 'confidentiality_unsigned')
                  ) r (position, rule, broken) where r.broken order by r.position) as obstacles,
                  exists (select from scheduling.availability v
                          where v.assessor_id = a.id and v.valid @> service.day(lower($5))
                            and v.weekday = extract(isodow from lower($5) at time zone 'Europe/Brussels')
                            and v.opens <= (lower($5) at time zone 'Europe/Brussels')::time
                            and v.closes >= (upper($5) at time zone 'Europe/Brussels')::time) as offered
           from assessments.assessors a, assessments.units u
           where u.id = $2 and a.retired_at is null and a.leaving_at is null
           order by a.family_name, a.given_name""",
        centre_id,
        unit_id,
        role,
        language,
        during,
    )
    found = [Standing(**row) for row in rows]
    return sorted(found, key=lambda one: (len(one.obstacles), not one.offered))


async def leave(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> None:
    """Take down that an assessor wants to be forgotten: from now on nobody gives them a seat. Twice is once."""
    await tx.execute("select from assessments.assessors where id = $1 for update", assessor_id)
    await tx.execute(
        """with asked as (
               update assessments.assessors set leaving_at = $2
               where id = $1 and leaving_at is null and erased_at is null returning id)
           insert into service.outbox (topic, aggregate, occurred_at) select 'assessor.leaving', id, $2 from asked""",
        assessor_id,
        now,
    )


async def stay(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """They stay after all, as long as nothing was erased."""
    await tx.execute(
        "update assessments.assessors set leaving_at = null where id = $1 and erased_at is null", assessor_id
    )


async def erase(tx: asyncpg.Connection, assessor_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Forget who the assessor was; twice is once. Languages and the centre stay: whether a jury was in order rests on them.

    Refuses NotFound, AssessorAwaited. The lock keeps out who would give them a seat meanwhile.
    """
    held = await tx.fetchrow("select erased_at from assessments.assessors where id = $1 for update", assessor_id)
    if held is None:
        raise NotFound
    if held["erased_at"] is not None:
        return
    if await departures.awaits(tx, assessor_id, now=now):
        raise AssessorAwaited
    await tx.execute(
        """with erased as (
               update assessments.assessors
               set given_name = '–', family_name = left(id::text, 8), email = id || '@erased.invalid', employer = null,
                   retired_at = coalesce(retired_at, $2), erased_at = $2
               where id = $1 returning id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'assessor.erased', id, jsonb_build_object('by', $3::uuid), $2 from erased""",
        assessor_id,
        now,
        by,
    )
