"""Complaints: about conduct, a facility or staff. They never change a result: who objects to a decision appeals.

lodged → taken up → answered (founded, in part, unfounded); taken back by the candidate before the answer.
"""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import working_days
from assessments.outcome_refusals import ComplaintEnded, ComplaintMissing, ComplaintNotTakenUp
from assessments.refusals import NotFound
from assessments.working_days import USUAL, Deadlines

About = Literal["conduct", "facility", "staff", "other"]
Finding = Literal["founded", "partly", "unfounded"]
ABOUT: tuple[About, ...] = get_args(About)
FINDINGS: tuple[Finding, ...] = get_args(Finding)


class Complaint(Struct, frozen=True):
    """`take_up_by`: the last day to take it up; `due_on`: the last day for the answer."""

    id: UUID
    candidate_id: UUID
    centre_id: UUID
    booking_id: UUID | None
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
    def deadline(self) -> date | None:
        """The next day by which somebody has to act; None once it has ended."""
        first = self.take_up_by if self.taken_up_at is None else None
        is_over = self.answered_at is not None or self.withdrawn_at is not None
        return working_days.next_deadline(first, self.due_on, is_over=is_over)


async def lodge(
    tx: asyncpg.Connection,
    candidate_id: UUID,
    centre_id: UUID,
    about: About,
    complaint: str,
    *,
    booking_id: UUID | None = None,
    deadlines: Deadlines = USUAL,
    now: datetime,
) -> UUID:
    """Complain to a centre; return the complaint's id. `booking_id`: the test it is about, the candidate's own there.

    Refuses ComplaintMissing.
    """
    if not complaint.strip():
        raise ComplaintMissing
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with lodged as (
               insert into assessments.complaints
                   (candidate_id, centre_id, booking_id, about, complaint, lodged_at, take_up_by, due_on)
               values ($1, $2, $3, $4, $5, $6, $7, $8) returning id, candidate_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'complaint.lodged', id, jsonb_build_object('candidate_id', candidate_id), $6 from lodged)
           select id from lodged""",
        candidate_id,
        centre_id,
        booking_id,
        about,
        complaint,
        now,
        working_days.after(now, deadlines.taking_up),
        working_days.after(now, deadlines.complaint),
    )


async def take_up(tx: asyncpg.Connection, complaint_id: UUID, *, by: UUID, now: datetime) -> None:
    """Somebody looks into it; twice is once. `by`: an account. Refuses NotFound, ComplaintEnded, ComplaintAboutYou."""
    await _hold(tx, complaint_id)
    await tx.execute(
        """with taken as (
               update assessments.complaints set taken_up_at = $2, taken_up_by = $3 where id = $1 and taken_up_at is null
               returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'complaint.taken_up', id, jsonb_build_object('candidate_id', candidate_id), $2 from taken""",
        complaint_id,
        now,
        by,
    )


async def answer(
    tx: asyncpg.Connection, complaint_id: UUID, finding: Finding, said: str, *, by: UUID, now: datetime
) -> None:
    """Say what was found and what follows. Refuses NotFound, ComplaintEnded, ComplaintNotTakenUp,
    ComplaintAnswerMissing, ComplaintAboutYou."""
    if (await _hold(tx, complaint_id)).taken_up_at is None:
        raise ComplaintNotTakenUp
    await tx.execute(
        """with answered as (
               update assessments.complaints set answered_at = $4, answered_by = $5, finding = $2, answer = $3
               where id = $1 returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'complaint.answered', id, jsonb_build_object('candidate_id', candidate_id), $4 from answered""",
        complaint_id,
        finding,
        said,
        now,
        by,
    )


async def withdraw(tx: asyncpg.Connection, complaint_id: UUID, *, now: datetime) -> None:
    """The candidate takes it back. Refuses NotFound, ComplaintEnded."""
    await _hold(tx, complaint_id)
    await tx.execute(
        """with ended as (
               update assessments.complaints set withdrawn_at = $2 where id = $1 returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'complaint.withdrawn', id, jsonb_build_object('candidate_id', candidate_id), $2 from ended""",
        complaint_id,
        now,
    )


async def _hold(tx: asyncpg.Connection, complaint_id: UUID) -> Complaint:
    await tx.execute("select from assessments.complaints where id = $1 for no key update", complaint_id)
    complaint = await get(tx, complaint_id)
    if complaint.answered_at is not None or complaint.withdrawn_at is not None:
        raise ComplaintEnded
    return complaint


async def get(tx: asyncpg.Connection, complaint_id: UUID) -> Complaint:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, candidate_id, centre_id, booking_id, about, complaint, lodged_at, take_up_by, due_on, taken_up_at,
                  answered_at, finding, answer, withdrawn_at
           from assessments.complaints where id = $1""",
        complaint_id,
    )
    if row is None:
        raise NotFound
    return Complaint(**row)


async def find_late(tx: asyncpg.Connection, *, today: date, now: datetime) -> int:
    """Tell of every complaint whose next deadline has passed, once for each deadline; return how many."""
    status = await tx.execute(
        """with late as (
               update assessments.complaints c set late_at = $2, late_for = n.deadline
               from (select w.id, case when w.taken_up_at is null then w.take_up_by else w.due_on end as deadline
                     from assessments.complaints w where w.answered_at is null and w.withdrawn_at is null) n
               where n.id = c.id and c.answered_at is null and c.withdrawn_at is null
                 and n.deadline < $1 and c.late_for is distinct from n.deadline
               returning c.id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'complaint.late', id, '{}', $2 from late""",
        today,
        now,
    )
    return int(status.rsplit(" ", 1)[1])


async def wipe(tx: asyncpg.Connection, candidate_id: UUID, *, now: datetime) -> None:
    """Of an erased candidate: that they complained and what came of it stays; what waits is taken back, the words go."""
    await tx.execute(
        """update assessments.complaints set withdrawn_at = $2
           where candidate_id = $1 and answered_at is null and withdrawn_at is null""",
        candidate_id,
        now,
    )
    await tx.execute(
        """update assessments.complaints set complaint = '–', answer = case when answer is not null then '–' end
           where candidate_id = $1""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` complaints that ended before; return how many."""
    status = await tx.execute(
        """delete from assessments.complaints where id in (
               select id from assessments.complaints where coalesce(answered_at, withdrawn_at) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
