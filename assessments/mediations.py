"""Mediations: a meeting about an appeal, led by somebody of its panel; what it agrees on ends the appeal."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import appeal_reviewers, appeals
from assessments.outcome_refusals import MediationMissing, MediationOver, MediationResultMissing
from assessments.refusals import AppealAnswered, NotAReviewer

Result = Literal["agreed", "not_agreed", "not_held"]


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """When and where the candidate, the centre and somebody of the panel meet."""

    meets_at: datetime
    minutes: int
    place: str
    led_by: UUID


class Mediation(Struct, frozen=True):
    id: UUID
    appeal_id: UUID
    led_by: UUID
    meets_at: datetime
    minutes: int
    place: str
    sequence: int
    changed_at: datetime
    held_at: datetime | None
    result: Result | None
    note: str


async def plan(tx: asyncpg.Connection, appeal_id: UUID, meeting: Meeting, *, by: UUID | None, now: datetime) -> UUID:
    """Set the date, or change it; return the mediation's id. The same meeting again is no news.

    Refuses NotFound, AppealAnswered, MediationOver, NotAReviewer (who leads is of the panel), PlaceMissing.
    """
    before = await hold(tx, appeal_id)
    if meeting.led_by not in await appeal_reviewers.of(tx, appeal_id):
        raise NotAReviewer
    if before is not None and before.held_at is not None:
        raise MediationOver
    if before is not None and _same(before, meeting):
        return before.id
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with planned as (
               insert into assessments.mediations as m
                   (appeal_id, led_by, meets_at, minutes, place, planned_at, planned_by, changed_at)
               values ($1, $2, $3, $4, $5, $7, $6, $7)
               on conflict (appeal_id) do update set led_by = $2, meets_at = $3, minutes = $4, place = $5,
                   sequence = m.sequence + 1, changed_at = $7
               returning id, appeal_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'mediation.planned', d.booking_id, jsonb_build_object('mediation_id', p.id, 'appeal_id', a.id,
                          'candidate_id', d.candidate_id), $7
               from planned p join assessments.appeals a on a.id = p.appeal_id
               join assessments.decisions d on d.id = a.decision_id)
           select id from planned""",
        appeal_id,
        meeting.led_by,
        meeting.meets_at,
        meeting.minutes,
        meeting.place,
        by,
        now,
    )


def _same(before: Mediation, meeting: Meeting) -> bool:
    return (before.led_by, before.meets_at, before.minutes, before.place) == (
        meeting.led_by, meeting.meets_at, meeting.minutes, meeting.place,
    )  # fmt: skip


async def conclude(tx: asyncpg.Connection, appeal_id: UUID, result: Result, note: str, *, now: datetime) -> None:
    """Say what came of it. An agreement ends the appeal, and the decision stands; otherwise the panel goes on.

    Refuses NotFound, AppealAnswered, MediationMissing, MediationOver, MediationResultMissing.
    """
    mediation = await hold(tx, appeal_id)
    if mediation is None:
        raise MediationMissing
    if mediation.held_at is not None:
        raise MediationOver
    if not note.strip():
        raise MediationResultMissing
    await tx.execute(
        """with held as (
               update assessments.mediations set held_at = $4, result = $2, note = $3, changed_at = $4
               where id = $1 returning id, appeal_id, result)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'mediation.held', d.booking_id, jsonb_build_object('mediation_id', h.id, 'appeal_id', a.id,
                      'candidate_id', d.candidate_id, 'result', h.result), $4
           from held h join assessments.appeals a on a.id = h.appeal_id
           join assessments.decisions d on d.id = a.decision_id""",
        mediation.id,
        result,
        note,
        now,
    )
    if result == "agreed":
        await appeals.settle(tx, appeal_id, note, now=now)


async def hold(tx: asyncpg.Connection, appeal_id: UUID) -> Mediation | None:
    """Of an appeal that nobody else changes until the end of the transaction. Refuses NotFound, AppealAnswered."""
    await tx.execute("select from assessments.appeals where id = $1 for no key update", appeal_id)
    if (await appeals.get(tx, appeal_id)).answered_at is not None:
        raise AppealAnswered
    return await of_appeal(tx, appeal_id)


async def of_appeal(tx: asyncpg.Connection, appeal_id: UUID) -> Mediation | None:
    """The mediation of an appeal; None where none was planned."""
    row = await tx.fetchrow(
        """select id, appeal_id, led_by, meets_at, minutes, place, sequence, changed_at, held_at, result, note
           from assessments.mediations where appeal_id = $1""",
        appeal_id,
    )
    return None if row is None else Mediation(**row)


async def leader(tx: asyncpg.Connection, appeal_id: UUID) -> str | None:
    """The name of who leads it, to the candidate, the centre and the panel; None to others, and once they were erased."""
    return await tx.fetchval("select assessments.mediation_leader($1)", appeal_id)  # type: ignore[no-any-return]


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: that there was a meeting stays, not what was said about it."""
    await tx.execute(
        """update assessments.mediations m set note = '–'
           from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
           where a.id = m.appeal_id and d.candidate_id = $1 and m.note <> ''""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the words of up to `most` mediations of appeals that ended before."""
    status = await tx.execute(
        """update assessments.mediations m set note = '–' where m.id in (
               select w.id from assessments.mediations w join assessments.appeals a on a.id = w.appeal_id
               where a.answered_at < $1 and w.note not in ('', '–') limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
