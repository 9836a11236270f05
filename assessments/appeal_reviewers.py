"""Who reviews an appeal: appointed for it, and nobody who had a part in the decision."""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments.refusals import AppealAnswered, NotFound


async def appoint(tx: asyncpg.Connection, appeal_id: UUID, assessor_id: UUID, *, now: datetime) -> None:
    """Give an appeal a reviewer. Appointing the same one twice is once.

    Refuses NotFound, AppealAnswered and ReviewerInJury (was on the jury, took the decision, or knows the candidate).
    """
    await tx.execute("select from assessments.appeals where id = $1 for no key update", appeal_id)
    appeal = await tx.fetchrow("select answered_at from assessments.appeals where id = $1", appeal_id)
    if appeal is None:
        raise NotFound
    if appeal["answered_at"] is not None:
        raise AppealAnswered
    await tx.execute(
        """insert into assessments.appeal_reviewers (appeal_id, assessor_id, appointed_at) values ($1, $2, $3)
           on conflict (appeal_id, assessor_id) do nothing""",
        appeal_id,
        assessor_id,
        now,
    )


async def of(tx: asyncpg.Connection, appeal_id: UUID) -> list[UUID]:
    """The reviewers of an appeal, first appointed first."""
    rows = await tx.fetch(
        "select assessor_id from assessments.appeal_reviewers where appeal_id = $1 order by appointed_at, assessor_id",
        appeal_id,
    )
    return [row["assessor_id"] for row in rows]
