"""Enrolments: a candidate's file for one unit. Guidance is an advice, and no advice refuses an enrolment."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.enrolment_refusals import EnrolmentWithdrawn
from assessments.refusals import NotFound

Advice = Literal["favourable", "reserved", "unfavourable"]


class Enrolment(Struct, frozen=True):
    id: UUID
    candidate_id: UUID
    unit_id: UUID
    enrolled_at: datetime
    guided_at: datetime | None
    guided_by: UUID | None
    advice: Advice | None
    withdrawn_at: datetime | None


class EnrolledUnit(Struct, frozen=True):
    id: UUID
    code: str
    label: dict[str, str]


async def enrol(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, by: UUID | None, now: datetime) -> UUID:
    """Open the candidate's file for a unit, or again after a withdrawal; return its id.

    Enrolling twice is the same enrolment, and tells nobody twice.
    """
    opened: UUID | None = await tx.fetchval("select assessments.enrol($1, $2, $3, $4)", candidate_id, unit_id, now, by)
    return opened or (await of(tx, candidate_id, unit_id)).id


async def guide(tx: asyncpg.Connection, enrolment_id: UUID, advice: Advice, *, by: UUID | None, now: datetime) -> None:
    """Record that the candidate was guided, and the advice: whatever it is, they may book.

    Failures count anew from here. Refuses NotFound, EnrolmentWithdrawn.
    """
    guided = await tx.fetchval(
        """with guided as (
               update assessments.enrolments set guided_at = $3, guided_by = $4, advice = $2
               where id = $1 and withdrawn_at is null returning id, candidate_id, unit_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'guidance.given', candidate_id,
                      jsonb_build_object('enrolment_id', id, 'unit_id', unit_id, 'advice', $2::text), $3 from guided)
           select id from guided""",
        enrolment_id,
        advice,
        now,
        by,
    )
    if guided is None:
        await get(tx, enrolment_id)
        raise EnrolmentWithdrawn


async def withdraw(tx: asyncpg.Connection, enrolment_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The candidate gives up the unit; the file stays and can be opened again. Twice is once.

    Refuses NotFound, StillBooked, OutcomeUnderWay, and scheduling's TitreAlreadyHeld.
    """
    withdrawn = await tx.fetchval(
        """with withdrawn as (
               update assessments.enrolments set withdrawn_at = $2 where id = $1 and withdrawn_at is null
               returning id, candidate_id, unit_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'enrolment.withdrawn', candidate_id,
                      jsonb_build_object('enrolment_id', id, 'unit_id', unit_id, 'by', $3::uuid), $2 from withdrawn)
           select id from withdrawn""",
        enrolment_id,
        now,
        by,
    )
    if withdrawn is None:
        await get(tx, enrolment_id)


async def hold(tx: asyncpg.Connection, enrolment_id: UUID) -> Enrolment:
    """The file, locked: who enrols meanwhile, to book or to wait, waits for the end of this transaction. Refuses NotFound."""
    await tx.execute("select from assessments.enrolments where id = $1 for no key update", enrolment_id)
    return await get(tx, enrolment_id)


async def get(tx: asyncpg.Connection, enrolment_id: UUID) -> Enrolment:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, candidate_id, unit_id, enrolled_at, guided_at, guided_by, advice, withdrawn_at
           from assessments.enrolments where id = $1""",
        enrolment_id,
    )
    if row is None:
        raise NotFound
    return Enrolment(**row)


async def of(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID) -> Enrolment:
    """The candidate's file for a unit. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, candidate_id, unit_id, enrolled_at, guided_at, guided_by, advice, withdrawn_at
           from assessments.enrolments where candidate_id = $1 and unit_id = $2""",
        candidate_id,
        unit_id,
    )
    if row is None:
        raise NotFound
    return Enrolment(**row)


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Enrolment]:
    """Every file of a candidate, those withdrawn from included; the newest first."""
    rows = await tx.fetch(
        """select id, candidate_id, unit_id, enrolled_at, guided_at, guided_by, advice, withdrawn_at
           from assessments.enrolments where candidate_id = $1 order by enrolled_at desc, id""",
        candidate_id,
    )
    return [Enrolment(**row) for row in rows]


async def units_of(tx: asyncpg.Connection, candidate_id: UUID) -> list[EnrolledUnit]:
    """The units a candidate ever enrolled for, by code."""
    rows = await tx.fetch(
        """select u.id, u.code, u.label::jsonb from assessments.enrolments e join assessments.units u on u.id = e.unit_id
           where e.candidate_id = $1 order by u.code""",
        candidate_id,
    )
    return [EnrolledUnit(**row) for row in rows]
