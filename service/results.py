"""A result in plain language, for the candidate it belongs to, and never before its release."""

from datetime import date
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import (
    appeals,
    decisions,
    deliberations,
    profiles,
    recognitions,
    recommendations,
    schemes,
    standards,
    units,
)
from assessments.marking import CriterionState, Score
from assessments.recommendations import Recommendations
from assessments.refusals import NotFound as Unrecognised
from assessments.standards import Standard
from service import agenda
from service.agenda import BookingLine
from service.refusals import NotFound


class Criterion(Struct, frozen=True):
    """One thing that was rated: how it came out, and what was missing, as labels."""

    label: dict[str, str]
    state: Literal["met", "not_met", "undecided"]
    not_met: tuple[dict[str, str], ...]
    unobserved: tuple[dict[str, str], ...]


class Appeal(Struct, frozen=True):
    lodged_on: date
    due_on: date
    outcome: Literal["rejected", "upheld"] | None
    motivation: str | None


class Result(Struct, frozen=True):
    """`motivation`: the jury's own words, where it gave some. `appeal_until`: the last day; None where no appeal is open."""

    line: BookingLine
    decision_id: UUID
    decided_on: date
    revised: bool
    motivation: str
    criteria: tuple[Criterion, ...]
    appeal: Appeal | None
    appeal_until: date | None


class Domain(Struct, frozen=True):
    """One domain of a screening."""

    label: dict[str, str]
    score: Score


class Report(Struct, frozen=True):
    """The profile of a screening."""

    line: BookingLine
    released_on: date
    domains: tuple[Domain, ...]
    recommended: Recommendations


class Recognised(Struct, frozen=True):
    """What an EVC recognised; `competences` as labels."""

    line: BookingLine
    released_on: date
    result: recognitions.Result
    competences: tuple[dict[str, str], ...]
    motivation: str


async def of_booking(tx: asyncpg.Connection, booking_id: UUID, *, today: date) -> Result | Report | Recognised:
    """What the candidate may read of a booking that is known to be theirs. Refuses NotFound before the release."""
    line = await agenda.booking(tx, booking_id)
    if line.decision_id is not None:
        return await _result(tx, line, line.decision_id, today)
    recognised = await _recognised(tx, line)
    if recognised is not None:
        return recognised
    profile = await tx.fetchval("select p.id from assessments.profiles p where p.booking_id = $1", booking_id)
    if profile is None:
        raise NotFound
    return await _report(tx, line)


async def _result(tx: asyncpg.Connection, line: BookingLine, decision_id: UUID, today: date) -> Result:
    decision = await decisions.get(tx, decision_id)
    deliberation = await deliberations.of_booking(tx, line.id)
    proposal = await deliberations.proposed(tx, line.id)
    labels = _labels(await standards.of_booking(tx, line.id))
    scheme = await schemes.get(tx, (await units.get(tx, line.unit_code)).scheme)
    appeal = await _appeal(tx, line.id)
    assert decision.released_at is not None  # booking_lines shows released ones only
    until = appeals.last_day(decision.released_at, scheme.appeal_days)
    may_appeal = decision.outcome == "fail" and scheme.appeal_days > 0 and appeal is None and today <= until
    return Result(
        line=line,
        decision_id=decision_id,
        decided_on=decision.released_at.astimezone(appeals.BRUSSELS).date(),
        revised=decision.revises is not None,
        motivation="" if decision.revises else deliberation.motivation,
        criteria=tuple(_criterion(state, labels) for state in proposal.criteria),
        appeal=appeal,
        appeal_until=until if may_appeal else None,
    )


async def _appeal(tx: asyncpg.Connection, booking_id: UUID) -> Appeal | None:
    row = await tx.fetchrow(
        """select service.day(a.lodged_at) as lodged_on, a.due_on, a.outcome, a.motivation
           from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
           where d.booking_id = $1 order by a.lodged_at desc limit 1""",
        booking_id,
    )
    return None if row is None else Appeal(**row)


async def _report(tx: asyncpg.Connection, line: BookingLine) -> Report:
    profile = await profiles.of_booking(tx, line.id)
    labels = _labels(await standards.of_booking(tx, line.id))
    domains = tuple(Domain(labels[score.domain], score) for score in profile.scores)
    recommended = await recommendations.of_booking(tx, line.id)
    return Report(line, profile.released_at.astimezone(appeals.BRUSSELS).date(), domains, recommended)


async def _recognised(tx: asyncpg.Connection, line: BookingLine) -> Recognised | None:
    try:
        known = await recognitions.of_booking(tx, line.id)
    except Unrecognised:
        return None
    if known.released_at is None:
        return None
    labels = _labels(await standards.of_booking(tx, line.id))
    told = known.released_at.astimezone(appeals.BRUSSELS).date()
    return Recognised(line, told, known.result, tuple(labels[code] for code in known.competences), known.motivation)


def _labels(standard: Standard) -> dict[str, dict[str, str]]:
    """Criteria and indicators by code."""
    grid = standard.content.grid
    found = {criterion.code: criterion.label for criterion in grid.criteria}
    return found | {one.code: one.label for criterion in grid.criteria for one in criterion.indicators}


def _criterion(state: CriterionState, labels: dict[str, dict[str, str]]) -> Criterion:
    return Criterion(
        label=labels[state.criterion],
        state=state.state,
        not_met=tuple(labels[code] for code in state.not_met),
        unobserved=tuple(labels[code] for code in state.unobserved),
    )
