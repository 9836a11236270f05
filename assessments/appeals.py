"""Appeals: within the scheme's days of the release, answered by somebody who had no part in the decision."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import holidays
from msgspec import Struct

from assessments import appeal_reviewers
from assessments.refusals import (
    AppealAnswered,
    AppealTooLate,
    DecisionSuperseded,
    DecisionUnreleased,
    NotAReviewer,
    NotFound,
)

BRUSSELS = ZoneInfo("Europe/Brussels")


class Appeal(Struct, frozen=True):
    """`due_on`: the last day for the answer."""

    id: UUID
    decision_id: UUID
    grounds: str
    lodged_at: datetime
    due_on: date
    answered_at: datetime | None
    outcome: Literal["rejected", "upheld"] | None
    motivation: str | None


async def lodge(tx: asyncpg.Connection, decision_id: UUID, grounds: str, *, by: UUID | None, now: datetime) -> UUID:
    """Appeal against a released decision; return the appeal's id.

    The last day is the scheme's `appeal_days` after the day of the release, Brussels time, until midnight. Refuses
    NotFound, DecisionUnreleased, DecisionSuperseded, AppealTooLate (also where the scheme has no appeal),
    AlreadyAppealed, GroundsMissing.
    """
    await tx.execute("select from assessments.decisions where id = $1 for no key update", decision_id)
    decision = await tx.fetchrow(
        """select d.released_at, d.superseded_at, s.appeal_days, s.appeal_answer_days
           from assessments.decisions d
           join assessments.units u on u.id = d.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           where d.id = $1""",
        decision_id,
    )
    if decision is None:
        raise NotFound
    if decision["superseded_at"] is not None:
        raise DecisionSuperseded
    if decision["released_at"] is None:
        raise DecisionUnreleased
    if not decision["appeal_days"] or now.astimezone(BRUSSELS).date() > last_day(
        decision["released_at"], decision["appeal_days"]
    ):
        raise AppealTooLate
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with lodged as (
               insert into assessments.appeals (decision_id, grounds, lodged_at, due_on) values ($1, $2, $3, $4)
               returning id, decision_id, due_on),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'appeal.lodged', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                          'candidate_id', d.candidate_id, 'due_on', a.due_on, 'by', $5::uuid), $3
               from lodged a join assessments.decisions d on d.id = a.decision_id)
           select id from lodged""",
        decision_id,
        grounds,
        now,
        due_on(now, decision["appeal_answer_days"]),
        by,
    )


def last_day(released_at: datetime, appeal_days: int) -> date:
    """The last day, Brussels time, on which an appeal is in time. The day of the release is not counted."""
    return released_at.astimezone(BRUSSELS).date() + timedelta(days=appeal_days)


def due_on(lodged_at: datetime, working_days: int) -> date:
    """The day by which an appeal is answered: so many working days (no weekend, no Belgian public holiday) after the
    day it was lodged, Brussels time."""
    free = holidays.country_holidays("BE")
    day = lodged_at.astimezone(BRUSSELS).date()
    while working_days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            working_days -= 1
    return day


async def answer(
    tx: asyncpg.Connection,
    appeal_id: UUID,
    outcome: Literal["rejected", "upheld"],
    motivation: str,
    *,
    reviewer_id: UUID,
    now: datetime,
) -> None:
    """Answer the appeal, with the reasons. When it is upheld, decisions.revise follows in the same transaction.

    Refuses NotFound, AppealAnswered, NotAReviewer, AnswerUnmotivated.
    """
    await _hold(tx, appeal_id)
    if reviewer_id not in await appeal_reviewers.of(tx, appeal_id):
        raise NotAReviewer
    await tx.execute(
        """with answered as (
               update assessments.appeals set answered_at = $4, outcome = $2, motivation = $3 where id = $1
               returning id, decision_id, outcome)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.answered', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'outcome', a.outcome), $4
           from answered a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        outcome,
        motivation,
        now,
    )


async def _hold(tx: asyncpg.Connection, appeal_id: UUID) -> None:
    await tx.execute("select from assessments.appeals where id = $1 for no key update", appeal_id)
    if (await get(tx, appeal_id)).answered_at is not None:
        raise AppealAnswered


async def get(tx: asyncpg.Connection, appeal_id: UUID) -> Appeal:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, decision_id, grounds, lodged_at, due_on, answered_at, outcome, motivation
           from assessments.appeals where id = $1""",
        appeal_id,
    )
    if row is None:
        raise NotFound
    return Appeal(**row)


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: that they appealed and what came of it stays, not in whose words."""
    await tx.execute(
        """update assessments.appeals a set grounds = '–', motivation = case when a.answered_at is not null then '–' end
           from assessments.decisions d where d.id = a.decision_id and d.candidate_id = $1""",
        candidate_id,
    )
