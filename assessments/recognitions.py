"""Recognitions: what an EVC gives, the whole qualification, a part of it, or single competences.

What the grids propose is a pure function of them; a person who was not on the jury decides (ISO/IEC 17024, 9.4). It is a
certification decision like any other: released, appealed against and revised as such, with a certificate. [proposal]
A competence is a criterion that every evaluator saw met; half of them or more is a part of the qualification. The Flemish
rules leave both to the standard of each qualification.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import decisions, marking, recordings, standards
from assessments.grids import Grid
from assessments.marking import Outcome, Rating
from assessments.refusals import NotARecognition, NotFound, RecognitionTooEarly

Result = Literal["full-qualification", "part-qualification", "competences"]
RESULTS: tuple[Result, ...] = get_args(Result)


class Proposal(Struct, frozen=True):
    """`competences`: the codes of the criteria that every evaluator saw met, perhaps none."""

    result: Result
    competences: tuple[str, ...]


class Recognition(Struct, frozen=True):
    """`revises`: the recognition whose place it took after an appeal. It is told when its decision is released."""

    id: UUID
    booking_id: UUID
    proposal: Result
    result: Result
    competences: list[str]
    motivation: str
    decided_by: UUID
    decided_at: datetime
    revises: UUID | None


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
    tx: asyncpg.Connection,
    booking_id: UUID,
    result: Result,
    *,
    motivation: str,
    by: UUID,
    now: datetime,
    substitution: decisions.Substitution | None = None,
) -> UUID:
    """Recognise, and take the decision on it; return the decision's id. Nobody is told before decisions.release.

    Refuses RecognitionTooEarly, NotARecognition, AlreadyRecognised, MotivationMissing where the result is not the
    proposed one, TestAnnulled, JuryKnowsCandidate, DeciderExamined and DeciderKnowsCandidate.
    """
    proposal = await proposed(tx, booking_id)
    recognition_id = await _enter(tx, booking_id, proposal, result, list(proposal.competences), motivation, by, now)
    return await decisions.take_recognised(tx, recognition_id, substitution=substitution)


async def revise(
    tx: asyncpg.Connection,
    decision_id: UUID,
    result: Result,
    competences: Sequence[str],
    *,
    motivation: str,
    by: UUID,
    now: datetime,
) -> UUID:
    """After an upheld appeal a reviewer recognises something else; return the new decision's id.

    `competences`: codes of criteria; a whole qualification is all of them, whatever they are. Refuses NotARecognition,
    IndicatorUnknown, MotivationMissing, and what decisions.revise refuses.
    """
    decision = await decisions.get(tx, decision_id)
    if decision.recognition_id is None:
        raise NotARecognition
    grid = (await standards.of_booking(tx, decision.booking_id)).content.grid
    shown = [one.code for one in grid.criteria] if result == "full-qualification" else list(competences)
    proposal = await proposed(tx, decision.booking_id)
    recognition_id = await _enter(
        tx, decision.booking_id, proposal, result, shown, motivation, by, now, revises=decision.recognition_id
    )
    outcome: Outcome = "pass" if shown else "fail"
    return await decisions.revise(tx, decision_id, outcome, taken_by=by, now=now, recognition_id=recognition_id)


async def _enter(
    tx: asyncpg.Connection,
    booking_id: UUID,
    proposal: Proposal,
    result: Result,
    competences: list[str],
    motivation: str,
    by: UUID,
    now: datetime,
    *,
    revises: UUID | None = None,
) -> UUID:
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.recognitions (booking_id, proposal, result, competences, motivation, decided_by,
                                                 decided_at, revises)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning id""",
        booking_id,
        proposal.result,
        result,
        competences,
        motivation.strip(),
        by,
        now,
        revises,
    )


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Recognition:
    """The one that stands. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, proposal, result, competences, motivation, decided_by, decided_at, revises
           from assessments.recognitions r
           where booking_id = $1 and not exists (select from assessments.recognitions o where o.revises = r.id)""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Recognition(**row)


async def get(tx: asyncpg.Connection, recognition_id: UUID) -> Recognition:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, proposal, result, competences, motivation, decided_by, decided_at, revises
           from assessments.recognitions where id = $1""",
        recognition_id,
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


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the motivation of up to `most` recognitions that were over before; what was recognised stays."""
    status = await tx.execute(
        """update assessments.recognitions set motivation = '–' where id in (
               select r.id from assessments.recognitions r
               where r.motivation not in ('', '–') and r.decided_at < $1
                 and assessments.over_since(r.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
