"""Recognitions: what an EVC gives, the whole qualification, a part of it, or single competences.

What the grids propose is a pure function of them; a person who was not on the jury decides (ISO/IEC 17024, 9.4). [proposal]
A competence is a criterion that every evaluator saw met; half of them or more is a part of the qualification. The Flemish
rules leave both to the standard of each qualification.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import marking, recordings, standards
from assessments.grids import Grid
from assessments.marking import Rating
from assessments.refusals import NotFound, RecognitionTooEarly

Result = Literal["full-qualification", "part-qualification", "competences"]
RESULTS: tuple[Result, ...] = get_args(Result)


class Proposal(Struct, frozen=True):
    """`competences`: the codes of the criteria that every evaluator saw met, perhaps none."""

    result: Result
    competences: tuple[str, ...]


class Recognition(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    proposal: Result
    result: Result
    competences: list[str]
    motivation: str
    decided_by: UUID
    decided_at: datetime
    released_at: datetime | None


def propose(grid: Grid, evaluators: Sequence[Sequence[Rating]]) -> Proposal:
    """What the evaluators' ratings come to. Without any of them nothing is recognised."""
    states = [marking.propose(grid, ratings).criteria for ratings in evaluators]
    met = tuple(
        criterion.code
        for nth, criterion in enumerate(grid.criteria)
        if states and all(criteria[nth].state == "met" for criteria in states)
    )
    if len(met) == len(grid.criteria):
        return Proposal("full-qualification", met)
    return Proposal("part-qualification" if 2 * len(met) >= len(grid.criteria) else "competences", met)


async def proposed(tx: asyncpg.Connection, booking_id: UUID) -> Proposal:
    """By the submitted grids. Refuses RecognitionTooEarly before there is one."""
    recorded = await recordings.of_booking(tx, booking_id)
    submitted = [one.ratings for one in recorded if one.role == "evaluator" and one.submitted_at]
    if not submitted:
        raise RecognitionTooEarly
    return propose((await standards.of_booking(tx, booking_id)).content.grid, submitted)


async def decide(
    tx: asyncpg.Connection, booking_id: UUID, result: Result, *, motivation: str, by: UUID, now: datetime
) -> UUID:
    """Recognise. Refuses RecognitionTooEarly, NotARecognition, AlreadyRecognised, MotivationMissing where the result is
    not the proposed one, DeciderExamined and DeciderKnowsCandidate."""
    proposal = await proposed(tx, booking_id)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.recognitions (booking_id, proposal, result, competences, motivation, decided_by, decided_at)
           values ($1, $2, $3, $4, $5, $6, $7) returning id""",
        booking_id,
        proposal.result,
        result,
        list(proposal.competences),
        motivation.strip(),
        by,
        now,
    )


async def release(tx: asyncpg.Connection, booking_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Give it to the candidate. Twice is once, and is told once. Refuses NotFound."""
    await of_booking(tx, booking_id)
    await tx.execute(
        """with released as (
               update assessments.recognitions set released_at = $2, released_by = $3
               where booking_id = $1 and released_at is null returning id, booking_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'recognition.released', r.booking_id, jsonb_build_object('recognition_id', r.id, 'booking_id', b.id,
                      'candidate_id', b.candidate_id, 'unit_id', b.unit_id, 'session_id', b.session_id), $2
           from released r join scheduling.bookings b on b.id = r.booking_id""",
        booking_id,
        now,
        by,
    )


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Recognition:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, proposal, result, competences, motivation, decided_by, decided_at, released_at
           from assessments.recognitions where booking_id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Recognition(**row)


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the result stays, the words of the motivation go."""
    await tx.execute(
        """update assessments.recognitions r set motivation = '–' from scheduling.bookings b
           where b.id = r.booking_id and b.candidate_id = $1 and r.motivation <> ''""",
        candidate_id,
    )
