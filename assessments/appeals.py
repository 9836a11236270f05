"""Appeals: within the scheme's days of the release, examined for their form, answered by a panel that had no part in it.

lodged → admitted → before a panel (→ mediation) → ended: rejected, upheld (the decision is revised) or a new test;
before that it may end as not admissible, taken back by the candidate, or settled by the mediation.
"""

from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import appeal_reviewers, working_days
from assessments.outcome_refusals import AppealAlreadyRuled, AppealNotAdmitted
from assessments.refusals import (
    AnswerUnmotivated,
    AppealAnswered,
    AppealTooLate,
    DecisionSuperseded,
    DecisionUnreleased,
    NotAReviewer,
    NotFound,
)
from assessments.working_days import BRUSSELS, USUAL, Deadlines

Answer = Literal["rejected", "upheld", "new_test"]
Outcome = Literal["rejected", "upheld", "new_test", "inadmissible", "withdrawn", "settled"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


class Appeal(Struct, frozen=True):
    """`admissible_by`: the last day of the formal examination; `due_on`: the last day for the answer. `motivation`: the
    reasons with which it ended."""

    id: UUID
    decision_id: UUID
    grounds: str
    lodged_at: datetime
    admissible_by: date | None
    due_on: date
    ruled_at: datetime | None
    answered_at: datetime | None
    outcome: Outcome | None
    motivation: str | None

    @property
    def deadline(self) -> date | None:
        """The next day by which somebody has to act; None once it has ended."""
        first = self.admissible_by if self.ruled_at is None else None
        return working_days.next_deadline(first, self.due_on, is_over=self.answered_at is not None)


async def lodge(
    tx: asyncpg.Connection,
    decision_id: UUID,
    grounds: str,
    *,
    deadlines: Deadlines = USUAL,
    by: UUID | None,
    now: datetime,
) -> UUID:
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
    if not decision["appeal_days"] or working_days.today(now) > last_day(
        decision["released_at"], decision["appeal_days"]
    ):
        raise AppealTooLate
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with lodged as (
               insert into assessments.appeals (decision_id, grounds, lodged_at, due_on, admissible_by)
               values ($1, $2, $3, $4, $6) returning id, decision_id, due_on, admissible_by),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'appeal.lodged', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                          'candidate_id', d.candidate_id, 'admissible_by', a.admissible_by, 'due_on', a.due_on,
                          'by', $5::uuid), $3
               from lodged a join assessments.decisions d on d.id = a.decision_id)
           select id from lodged""",
        decision_id,
        grounds,
        now,
        working_days.after(now, decision["appeal_answer_days"]),
        by,
        working_days.after(now, deadlines.ruling),
    )


def last_day(released_at: datetime, appeal_days: int) -> date:
    """The last day, Brussels time, on which an appeal is in time. The day of the release is not counted."""
    return released_at.astimezone(BRUSSELS).date() + timedelta(days=appeal_days)


async def admit(tx: asyncpg.Connection, appeal_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Its form is in order: a panel may be appointed. `by`: an account.

    Refuses NotFound, AppealAnswered, AppealAlreadyRuled, RulingByJury.
    """
    await _hold_unruled(tx, appeal_id)
    await tx.execute(
        """with admitted as (
               update assessments.appeals set ruled_at = $2, ruled_by = $3 where id = $1 returning id, decision_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.admitted', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'by', $3::uuid), $2
           from admitted a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        now,
        by,
    )


async def turn_down(tx: asyncpg.Connection, appeal_id: UUID, reason: str, *, by: UUID | None, now: datetime) -> None:
    """It is not admissible, for a reason of form; that ends it.

    Refuses NotFound, AppealAnswered, AppealAlreadyRuled, AnswerUnmotivated, RulingByJury.
    """
    await _hold_unruled(tx, appeal_id)
    if not reason.strip():
        raise AnswerUnmotivated
    await tx.execute(
        """with ended as (
               update assessments.appeals set ruled_at = $3, ruled_by = $4, answered_at = $3,
                   outcome = 'inadmissible', motivation = $2
               where id = $1 returning id, decision_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.turned_down', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'by', $4::uuid), $3
           from ended a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        reason,
        now,
        by,
    )


async def withdraw(tx: asyncpg.Connection, appeal_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """The candidate takes it back; the decision stands. Refuses NotFound, AppealAnswered."""
    await _hold(tx, appeal_id)
    await tx.execute(
        """with ended as (
               update assessments.appeals set answered_at = $2, outcome = 'withdrawn' where id = $1
               returning id, decision_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.withdrawn', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'by', $3::uuid), $2
           from ended a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        now,
        by,
    )


async def settle(tx: asyncpg.Connection, appeal_id: UUID, agreed: str, *, now: datetime) -> None:
    """A mediation came to this agreement, and the decision stands. Refuses NotFound, AppealAnswered, AnswerUnmotivated."""
    await _hold(tx, appeal_id)
    await tx.execute(
        """with ended as (
               update assessments.appeals set answered_at = $3, outcome = 'settled', motivation = $2 where id = $1
               returning id, decision_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.settled', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id), $3
           from ended a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        agreed,
        now,
    )


async def answer(
    tx: asyncpg.Connection, appeal_id: UUID, outcome: Answer, motivation: str, *, reviewer_id: UUID, now: datetime
) -> None:
    """Answer the appeal, with the reasons. What follows is done in the same transaction: of an upheld one
    decisions.revise, of a new test new_tests.grant.

    Refuses NotFound, AppealAnswered, AppealNotAdmitted, NotAReviewer, AnswerUnmotivated, ReviewerInJury (a tie came up).
    """
    appeal = await _hold(tx, appeal_id)
    if appeal.ruled_at is None:
        raise AppealNotAdmitted
    if reviewer_id not in await appeal_reviewers.of(tx, appeal_id):
        raise NotAReviewer
    await tx.execute(
        """with answered as (
               update assessments.appeals set answered_at = $4, outcome = $2, motivation = $3, answered_by = $5
               where id = $1 returning id, decision_id, outcome)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.answered', d.booking_id, jsonb_build_object('appeal_id', a.id, 'decision_id', d.id,
                      'candidate_id', d.candidate_id, 'outcome', a.outcome), $4
           from answered a join assessments.decisions d on d.id = a.decision_id""",
        appeal_id,
        outcome,
        motivation,
        now,
        reviewer_id,
    )


async def _hold_unruled(tx: asyncpg.Connection, appeal_id: UUID) -> None:
    if (await _hold(tx, appeal_id)).ruled_at is not None:
        raise AppealAlreadyRuled


async def _hold(tx: asyncpg.Connection, appeal_id: UUID) -> Appeal:
    await tx.execute("select from assessments.appeals where id = $1 for no key update", appeal_id)
    appeal = await get(tx, appeal_id)
    if appeal.answered_at is not None:
        raise AppealAnswered
    return appeal


async def get(tx: asyncpg.Connection, appeal_id: UUID) -> Appeal:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, decision_id, grounds, lodged_at, admissible_by, due_on, ruled_at, answered_at, outcome, motivation
           from assessments.appeals where id = $1""",
        appeal_id,
    )
    if row is None:
        raise NotFound
    return Appeal(**row)


async def find_late(tx: asyncpg.Connection, *, today: date, now: datetime) -> int:
    """Tell of every appeal whose next deadline has passed, once for each deadline; return how many."""
    status = await tx.execute(
        """with late as (
               update assessments.appeals a set late_at = $2, late_for = n.deadline
               from (select w.id, case when w.ruled_at is null then coalesce(w.admissible_by, w.due_on) else w.due_on end
                         as deadline
                     from assessments.appeals w where w.answered_at is null) n
               where n.id = a.id and a.answered_at is null and n.deadline < $1 and a.late_for is distinct from n.deadline
               returning a.id, a.decision_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'appeal.late', d.booking_id, jsonb_build_object('appeal_id', l.id), $2
           from late l join assessments.decisions d on d.id = l.decision_id""",
        today,
        now,
    )
    return int(status.rsplit(" ", 1)[1])


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: that they appealed and what came of it stays, not in whose words."""
    await tx.execute(
        """update assessments.appeals a set grounds = '–', motivation = case when a.motivation is not null then '–' end
           from assessments.decisions d where d.id = a.decision_id and d.candidate_id = $1""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the words of up to `most` appeals that ended before; that there was one, and how it ended, stays."""
    status = await tx.execute(
        """update assessments.appeals a set grounds = '–', motivation = case when a.motivation is not null then '–' end
           where a.id in (select w.id from assessments.appeals w where w.answered_at < $1 and w.grounds <> '–' limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
