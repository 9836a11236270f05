"""A result in plain language, for the candidate it belongs to, and never before its release."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import (
    appeals,
    decisions,
    deliberations,
    mediations,
    new_tests,
    profiles,
    recognitions,
    recommendations,
    schemes,
    standards,
    units,
)
from assessments.marking import CriterionState, Score, State, Weighed
from assessments.recommendations import Recommendations
from assessments.standards import Standard
from assessments.working_days import BRUSSELS
from certificates import numbers
from service import agenda
from service.agenda import BookingLine
from service.refusals import NotFound

Label = dict[str, str]


class Criterion(Struct, frozen=True):
    """One thing that was rated: how it came out, out of how much, and what was missing, as labels. `eliminating`: what
    had to be met whatever the rest, and was not."""

    label: Label
    state: State
    met: int
    threshold: int
    indicators: int
    not_met: tuple[Label, ...]
    eliminating: tuple[Label, ...]
    unobserved: tuple[Label, ...]
    weight: int = 0


class Appeal(Struct, frozen=True):
    """As its candidate reads it."""

    id: UUID
    lodged_on: date
    ruled_at: datetime | None
    mediation: mediations.Mediation | None
    leader: str | None
    deadline: date | None
    due_on: date
    outcome: appeals.Outcome | None
    motivation: str | None


class Next(Struct, frozen=True):
    """What comes next. `guidance`: a meeting with a specialist before another attempt; `others`: the other units of the
    trade without a certificate; `serial`: of the certificate, once it is there; `appeal_until`: None where none is open."""

    serial: str | None
    certificate_id: UUID | None
    others: tuple[tuple[str, Label], ...]
    guidance: bool
    failures_before_guidance: int
    centre_email: str
    appeal_until: date | None


class Result(Struct, frozen=True):
    """`motivation`: the jury's own words, where it gave some. `annulled`: an appeal brought a new test instead."""

    line: BookingLine
    decision_id: UUID
    decided_on: date
    revised: bool
    annulled: bool
    motivation: str
    criteria: tuple[Criterion, ...]
    appeal: Appeal | None
    next: Next
    weighed: Weighed | None = None


class Annulled(Struct, frozen=True):
    """A test that nobody judged and that does not count: a tie with the jury came to light."""

    line: BookingLine
    granted_at: datetime


class Domain(Struct, frozen=True):
    """One domain of a screening."""

    label: Label
    score: Score


class Report(Struct, frozen=True):
    """The profile of a screening."""

    line: BookingLine
    released_on: date
    domains: tuple[Domain, ...]
    recommended: Recommendations


class Recognised(Struct, frozen=True):
    """What an EVC recognised; `competences` as labels, `missing` those that it did not show."""

    line: BookingLine
    decision_id: UUID
    released_on: date
    revised: bool
    annulled: bool
    result: recognitions.Result
    competences: tuple[Label, ...]
    missing: tuple[Label, ...]
    motivation: str
    appeal: Appeal | None
    next: Next


async def of_booking(
    tx: asyncpg.Connection, booking_id: UUID, *, today: date
) -> Result | Report | Recognised | Annulled:
    """What the candidate may read of a booking that is known to be theirs. Refuses NotFound before the release."""
    line = await agenda.booking(tx, booking_id)
    if line.decision_id is not None:
        decision = await decisions.get(tx, line.decision_id)
        if decision.recognition_id is not None:
            return await _recognised(tx, line, decision, decision.recognition_id, today)
        return await _result(tx, line, decision, today)
    granted_at = await new_tests.granted_at(tx, booking_id)
    if granted_at is not None:
        return Annulled(line, granted_at)
    profile = await tx.fetchval("select p.id from assessments.profiles p where p.booking_id = $1", booking_id)
    if profile is None:
        raise NotFound
    return await _report(tx, line)


async def _result(tx: asyncpg.Connection, line: BookingLine, decision: decisions.Decision, today: date) -> Result:
    deliberation = await deliberations.of_booking(tx, line.id)
    proposal = await deliberations.proposed(tx, line.id)
    standard = await standards.of_booking(tx, line.id)
    labels, sizes = _labels(standard), {one.code: len(one.indicators) for one in standard.content.grid.criteria}
    appeal = await _appeal(tx, line.id)
    return Result(
        line=line,
        decision_id=decision.id,
        decided_on=_told(decision),
        revised=decision.revises is not None,
        annulled=await new_tests.granted_at(tx, line.id) is not None,
        motivation="" if decision.revises else deliberation.motivation,
        criteria=tuple(_criterion(state, sizes[state.criterion], labels) for state in proposal.criteria),
        appeal=appeal,
        next=await _next(tx, line, decision, may_appeal=appeal is None and decision.outcome == "fail", today=today),
        weighed=proposal.weighed,
    )


def _told(decision: decisions.Decision) -> date:
    assert decision.released_at is not None  # booking_lines shows released ones only
    return decision.released_at.astimezone(BRUSSELS).date()


async def _next(
    tx: asyncpg.Connection, line: BookingLine, decision: decisions.Decision, *, may_appeal: bool, today: date
) -> Next:
    scheme = await schemes.get(tx, (await units.get(tx, line.unit_code)).scheme)
    assert decision.released_at is not None
    until = appeals.last_day(decision.released_at, scheme.appeal_days)
    may_appeal = may_appeal and scheme.appeal_days > 0 and today <= until
    facts = await tx.fetchrow(
        """select c.email, k.id as certificate_id, k.year, k.number,
                  assessments.failures_since_guidance(d.candidate_id, d.unit_id) as failures
           from assessments.decisions d
           join scheduling.bookings b on b.id = d.booking_id
           join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres c on c.id = s.centre_id
           left join certificates.register k on k.decision_id = d.id and k.withdrawn_at is null
           where d.id = $1""",
        decision.id,
    )
    assert facts is not None
    limit = scheme.failures_before_guidance
    return Next(
        serial=numbers.serial(facts["year"], facts["number"]) if facts["certificate_id"] else None,
        certificate_id=facts["certificate_id"],
        others=await _other_units(tx, decision),
        guidance=0 < limit <= facts["failures"],
        failures_before_guidance=limit,
        centre_email=facts["email"],
        appeal_until=until if may_appeal else None,
    )


async def _other_units(tx: asyncpg.Connection, decision: decisions.Decision) -> tuple[tuple[str, Label], ...]:
    """The other units of the trade that this candidate has no certificate for, by code."""
    rows = await tx.fetch(
        """select u.code, u.label::jsonb as label from assessments.units u
           join assessments.units own on own.trade_id = u.trade_id
           where own.id = $1 and u.id <> own.id
             and exists (select from assessments.standards st
                         where st.unit_id = u.id and st.published_at is not null and st.retired_at is null)
             and not exists (select from certificates.register k
                             where k.candidate_id = $2 and k.unit_id = u.id and k.withdrawn_at is null)
           order by u.code""",
        decision.unit_id,
        decision.candidate_id,
    )
    return tuple((row["code"], row["label"]) for row in rows)


async def _appeal(tx: asyncpg.Connection, booking_id: UUID) -> Appeal | None:
    """The last one about this test."""
    row = await tx.fetchrow(
        """select a.id from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
           where d.booking_id = $1 order by a.lodged_at desc limit 1""",
        booking_id,
    )
    if row is None:
        return None
    appeal = await appeals.get(tx, row["id"])
    return Appeal(
        id=appeal.id,
        lodged_on=appeal.lodged_at.astimezone(BRUSSELS).date(),
        ruled_at=appeal.ruled_at,
        mediation=await mediations.of_appeal(tx, appeal.id),
        leader=await mediations.leader(tx, appeal.id),
        deadline=appeal.deadline,
        due_on=appeal.due_on,
        outcome=appeal.outcome,
        motivation=appeal.motivation,
    )


async def _report(tx: asyncpg.Connection, line: BookingLine) -> Report:
    profile = await profiles.of_booking(tx, line.id)
    labels = _labels(await standards.of_booking(tx, line.id))
    domains = tuple(Domain(labels[score.domain], score) for score in profile.scores)
    recommended = await recommendations.of_booking(tx, line.id)
    return Report(line, profile.released_at.astimezone(BRUSSELS).date(), domains, recommended)


async def _recognised(
    tx: asyncpg.Connection, line: BookingLine, decision: decisions.Decision, recognition_id: UUID, today: date
) -> Recognised:
    known = await recognitions.get(tx, recognition_id)
    criteria = (await standards.of_booking(tx, line.id)).content.grid.criteria
    appeal = await _appeal(tx, line.id)
    may_appeal = appeal is None and known.result != "full-qualification"
    return Recognised(
        line=line,
        decision_id=decision.id,
        released_on=_told(decision),
        revised=decision.revises is not None,
        annulled=await new_tests.granted_at(tx, line.id) is not None,
        result=known.result,
        competences=tuple(one.label for one in criteria if one.code in known.competences),
        missing=tuple(one.label for one in criteria if one.code not in known.competences),
        motivation=known.motivation,
        appeal=appeal,
        next=await _next(tx, line, decision, may_appeal=may_appeal, today=today),
    )


def _labels(standard: Standard) -> dict[str, Label]:
    """Criteria and indicators by code."""
    grid = standard.content.grid
    found = {criterion.code: criterion.label for criterion in grid.criteria}
    return found | {one.code: one.label for criterion in grid.criteria for one in criterion.indicators}


def _criterion(state: CriterionState, indicators: int, labels: dict[str, Label]) -> Criterion:
    return Criterion(
        label=labels[state.criterion],
        state=state.state,
        met=state.met,
        threshold=state.threshold,
        indicators=indicators,
        not_met=tuple(labels[code] for code in state.not_met if code not in state.eliminated_by),
        eliminating=tuple(labels[code] for code in state.eliminated_by),
        unobserved=tuple(labels[code] for code in state.unobserved),
        weight=state.weight,
    )
