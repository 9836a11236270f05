"""The certification decision: taken by who did not examine, told once, revised only for an upheld appeal."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from assessments import appeal_reviewers, appeals, decisions, links, refusals
from tests.builders.assessments import (
    SCREENING,
    VALIDATION,
    Sitting,
    a_released_decision,
    a_sitting,
    an_assessor,
    deliberated,
    news,
    recorded,
)
from tests.builders.refused import refused

Tx = asyncpg.Connection
STRICT = msgspec.structs.replace(VALIDATION, decision_profile="strict-17024")


@pytest.fixture
async def judged(tx: Tx, now: datetime) -> Sitting:
    """A candidate whom the jury has deliberated on: fail."""
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await deliberated(tx, sitting, "fail")
    return sitting


async def test_the_decision_is_what_the_jury_said(tx: Tx, now: datetime, judged: Sitting) -> None:
    decision = await decisions.get(tx, await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now))
    assert (decision.outcome, decision.profile, decision.candidate_id) == ("fail", "cvdc", judged.candidate)
    assert decision.released_at is None
    assert await news(tx, "decision") == []


async def test_no_decision_without_deliberation_nor_twice(tx: Tx, now: datetime, judged: Sitting) -> None:
    other = await a_sitting(tx, now=now)
    async with refused(tx, refusals.NotDeliberated):
        await decisions.take(tx, other.booking, taken_by=other.manager, now=now)
    await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now)
    async with refused(tx, refusals.AlreadyDecided):
        await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now)


async def test_who_examined_does_not_decide(tx: Tx, now: datetime, judged: Sitting) -> None:
    for examiner in (judged.evaluator, judged.observer):
        async with refused(tx, refusals.DeciderExamined):
            await decisions.take(tx, judged.booking, taken_by=examiner, now=now)


async def test_leaving_the_jury_afterwards_does_not_help(tx: Tx, now: datetime, judged: Sitting) -> None:
    await tx.execute("update scheduling.jury_seats set released_at = $2 where assessor_id = $1", judged.evaluator, now)
    async with refused(tx, refusals.DeciderExamined):
        await decisions.take(tx, judged.booking, taken_by=judged.evaluator, now=now)


async def test_the_strict_profile_bars_the_whole_jury(tx: Tx, now: datetime, judged: Sitting) -> None:
    async with refused(tx, refusals.DeciderExamined):
        await decisions.take(tx, judged.booking, taken_by=judged.manager, profile="strict-17024", now=now)
    issuer = await an_assessor(tx, now=now)
    assert await decisions.take(tx, judged.booking, taken_by=issuer, profile="strict-17024", now=now)


async def test_a_strict_scheme_is_not_made_laxer(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=STRICT)
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    async with refused(tx, refusals.LaxerProfile):
        await decisions.take(tx, sitting.booking, taken_by=sitting.manager, profile="cvdc", now=now)
    async with refused(tx, refusals.DeciderExamined):
        await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=now)


async def test_a_tie_with_the_candidate_bars_again_at_the_decision(tx: Tx, now: datetime, judged: Sitting) -> None:
    issuer = await an_assessor(tx, now=now)
    await links.declare(tx, issuer, judged.candidate, "teaching", by=None, now=now)
    async with refused(tx, refusals.DeciderKnowsCandidate):
        await decisions.take(tx, judged.booking, taken_by=issuer, now=now)


async def test_the_candidate_does_not_decide_on_themselves(tx: Tx, now: datetime, judged: Sitting) -> None:
    await an_assessor(tx, now=now, assessor_id=judged.candidate)
    async with refused(tx, refusals.DeciderKnowsCandidate):
        await decisions.take(tx, judged.booking, taken_by=judged.candidate, now=now)


async def test_a_screening_has_no_decision(tx: Tx, now: datetime) -> None:
    screening = await a_sitting(tx, now=now, scheme=SCREENING)
    async with refused(tx, refusals.NoJuryInScheme):
        await decisions.take(tx, screening.booking, taken_by=screening.manager, now=now)


async def test_a_decision_is_told_once(tx: Tx, now: datetime, judged: Sitting) -> None:
    decision = await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now)
    await decisions.release(tx, decision, by=judged.manager, now=now)
    await decisions.release(tx, decision, by=None, now=now + timedelta(days=1))
    assert (await decisions.get(tx, decision)).released_at == now
    (told,) = await tx.fetch("select aggregate, payload from service.outbox where topic = 'decision.released'")
    assert told["aggregate"] == judged.booking
    assert told["payload"] == {
        "decision_id": str(decision),
        "booking_id": str(judged.booking),
        "candidate_id": str(judged.candidate),
        "unit_id": str(judged.unit.id),
        "session_id": str(judged.session),
        "outcome": "fail",
    }


async def test_failures_count_when_told_and_guidance_begins_anew(tx: Tx, now: datetime, judged: Sitting) -> None:
    failures = "select assessments.failures_since_guidance($1, $2)"
    decision = await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now)
    assert await tx.fetchval(failures, judged.candidate, judged.unit.id) == 0
    await decisions.release(tx, decision, by=None, now=now)
    assert await tx.fetchval(failures, judged.candidate, judged.unit.id) == 1


async def test_an_upheld_appeal_brings_a_new_decision_and_keeps_the_old(tx: Tx, now: datetime) -> None:
    sitting, old = await a_released_decision(tx, now=now)
    at = sitting.test_day + timedelta(days=3)
    reviewer = await an_assessor(tx, now=now)
    async with refused(tx, refusals.AppealNotUpheld):
        await decisions.revise(tx, old, "pass", taken_by=reviewer, now=at)
    appeal = await appeals.lodge(tx, old, "Le mur était d'aplomb.", by=sitting.candidate, now=at)
    await appeals.admit(tx, appeal, by=None, now=at)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    await appeals.answer(tx, appeal, "upheld", "Mesure refaite.", reviewer_id=reviewer, now=at)
    async with refused(tx, refusals.NotAReviewer):
        await decisions.revise(tx, old, "pass", taken_by=await an_assessor(tx, now=now), now=at)
    new = await decisions.revise(tx, old, "pass", taken_by=reviewer, now=at)
    await decisions.release(tx, new, by=None, now=at)
    assert [(one.id, one.outcome, one.revises) for one in await decisions.of_booking(tx, sitting.booking)] == [
        (old, "fail", None),
        (new, "pass", old),
    ]
    async with refused(tx, refusals.DecisionSuperseded):
        await decisions.revise(tx, old, "pass", taken_by=reviewer, now=at)
    assert await news(tx, "decision") == ["decision.released", "decision.revised", "decision.released"]


async def test_only_a_released_decision_is_revised(tx: Tx, now: datetime, judged: Sitting) -> None:
    decision = await decisions.take(tx, judged.booking, taken_by=judged.manager, now=now)
    async with refused(tx, refusals.DecisionUnreleased):
        await decisions.revise(tx, decision, "pass", taken_by=judged.manager, now=now)


async def test_postgresql_knows_what_the_jury_said(tx: Tx, now: datetime, judged: Sitting) -> None:
    async with refused(tx, refusals.DecisionDiffersFromJury):
        await tx.execute(
            """insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile,
                                                  taken_by, taken_at)
               select booking_id, id, $2, $3, 'pass', 'cvdc', $4, $5 from assessments.deliberations
               where booking_id = $1""",
            judged.booking,
            judged.candidate,
            judged.unit.id,
            judged.manager,
            now,
        )
