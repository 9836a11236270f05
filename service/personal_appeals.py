"""Appeals, new tests and complaints in service/personal_data.py: what a candidate objected to, and what came of it."""

from uuid import UUID

import asyncpg

from service.personal_readers import Reader


async def _appeals(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.booking_id as booking, a.grounds, a.lodged_at, a.admissible_by, a.due_on, a.ruled_at, a.answered_at,
                  a.outcome, a.motivation
           from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
           where d.candidate_id = $1 order by a.lodged_at""",
        candidate_id,
    )


async def _reviewers(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.booking_id as booking, w.appointed_at
           from assessments.appeal_reviewers w
           join assessments.appeals a on a.id = w.appeal_id
           join assessments.decisions d on d.id = a.decision_id
           where d.candidate_id = $1 order by w.appointed_at""",
        candidate_id,
    )


async def _mediations(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select d.booking_id as booking, m.planned_at, m.meets_at, m.minutes, m.place, m.held_at, m.result, m.note
           from assessments.mediations m
           join assessments.appeals a on a.id = m.appeal_id
           join assessments.decisions d on d.id = a.decision_id
           where d.candidate_id = $1 order by m.planned_at""",
        candidate_id,
    )


async def _new_tests(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select n.booking_id as booking, u.code as unit, n.cause, n.granted_at
           from assessments.new_tests n
           join scheduling.bookings b on b.id = n.booking_id
           join assessments.units u on u.id = b.unit_id
           where b.candidate_id = $1 order by n.granted_at""",
        candidate_id,
    )


async def _complaints(tx: asyncpg.Connection, candidate_id: UUID) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select f.booking_id as booking, e.name as centre, f.about, f.complaint, f.lodged_at, f.due_on, f.taken_up_at,
                  f.answered_at, f.finding, f.answer, f.withdrawn_at
           from assessments.complaints f join scheduling.centres e on e.id = f.centre_id
           where f.candidate_id = $1 order by f.lodged_at""",
        candidate_id,
    )


READERS: dict[str, Reader] = {
    "assessments.appeals": _appeals,
    "assessments.appeal_reviewers": _reviewers,
    "assessments.mediations": _mediations,
    "assessments.new_tests": _new_tests,
    "assessments.complaints": _complaints,
}
