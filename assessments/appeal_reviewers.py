"""Who reviews an appeal, its panel: appointed once it is admitted, and nobody who had a part in the decision."""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments.outcome_refusals import AppealNotAdmitted
from assessments.refusals import AppealAnswered, NotFound


async def appoint(tx: asyncpg.Connection, appeal_id: UUID, assessor_id: UUID, *, now: datetime) -> None:
    """Give an appeal's panel a member. Appointing the same one twice is once.

    Refuses NotFound, AppealAnswered, AppealNotAdmitted and ReviewerInJury (was on the jury, took the decision, reviewed
    an appeal that led to it, or knows the candidate).
    """
    await tx.execute("select from assessments.appeals where id = $1 for no key update", appeal_id)
    appeal = await tx.fetchrow("select ruled_at, answered_at from assessments.appeals where id = $1", appeal_id)
    if appeal is None:
        raise NotFound
    if appeal["answered_at"] is not None:
        raise AppealAnswered
    if appeal["ruled_at"] is None:
        raise AppealNotAdmitted
    await tx.execute(
        """with appointed as (
               insert into assessments.appeal_reviewers (appeal_id, assessor_id, appointed_at) values ($1, $2, $3)
               on conflict (appeal_id, assessor_id) do nothing returning appeal_id, assessor_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'reviewer.appointed', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'assessor_id', p.assessor_id,
                      'is_first', not exists (select from assessments.appeal_reviewers w where w.appeal_id = a.id)), $3
           from appointed p
           join assessments.appeals a on a.id = p.appeal_id
           join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        assessor_id,
        now,
    )


async def of(tx: asyncpg.Connection, appeal_id: UUID) -> list[UUID]:
    """The panel of an appeal, first appointed first."""
    rows = await tx.fetch(
        "select assessor_id from assessments.appeal_reviewers where appeal_id = $1 order by appointed_at, assessor_id",
        appeal_id,
    )
    return [row["assessor_id"] for row in rows]
