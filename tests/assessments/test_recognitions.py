"""An EVC: three kinds of result, proposed by the grids, decided by somebody from outside the jury; and its fee."""

from datetime import datetime

import asyncpg
import pytest

from assessments import fees, ratings, recognitions, recordings, refusals, schemes
from assessments.grids import Criterion, Grid, Indicator
from assessments.marking import Mark, Rating
from assessments.recognitions import Proposal
from tests.builders.assessments import LABEL, Sitting, a_sitting, all_met, an_assessor, news
from tests.builders.refused import refused

Tx = asyncpg.Connection
EVC = schemes.Scheme(
    code="evc", label=LABEL, evaluators_min=1, observers_min=0, manager_required=False, needs_accreditation=True,
    issues_certificate=True, result_types=["full-qualification", "part-qualification", "competences"], minimum_age=18,
    failures_before_guidance=0, appeal_days=15, appeal_answer_days=20, decision_profile="strict-17024", fee_cents=12000,
    fee_cents_jobseeker=0,
)  # fmt: skip
GRID = Grid(1, ("nl",), tuple(Criterion(str(n), LABEL, 1, (Indicator(f"{n}.1", LABEL, False),)) for n in range(1, 5)))


def marks(*given: Mark) -> list[Rating]:
    return [Rating(f"{number}.1", mark, "–") for number, mark in enumerate(given, 1)]


@pytest.mark.parametrize(
    ("evaluators", "result", "competences"),
    [
        ([("met", "met", "met", "met")], "full-qualification", ("1", "2", "3", "4")),
        ([("met", "met", "not_met", "not_met")], "part-qualification", ("1", "2")),
        ([("met", "not_met", "not_met", "not_met")], "competences", ("1",)),
        ([("not_met",) * 4], "competences", ()),
        ([("met",) * 4, ("met", "met", "met", "not_met")], "part-qualification", ("1", "2", "3")),
        ([("met",) * 4, ("not_observed",) * 4], "competences", ()),  # what one did not see is not recognised
        ([], "competences", ()),
    ],
)
def test_a_competence_is_what_every_evaluator_saw(
    evaluators: list[tuple[Mark, ...]], result: recognitions.Result, competences: tuple[str, ...]
) -> None:
    assert recognitions.propose(GRID, [marks(*given) for given in evaluators]) == Proposal(result, competences)


async def submitted(tx: Tx, sitting: Sitting, now: datetime) -> None:
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await ratings.rate(tx, recording, all_met(), by=None, now=now)
    await recordings.submit(tx, recording, by=None, now=now)


async def test_who_was_not_on_the_jury_decides_and_says_why_it_departs(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    outsider = await an_assessor(tx, now=now)
    asked = {"motivation": "", "now": now}
    async with refused(tx, refusals.RecognitionTooEarly):
        await recognitions.decide(tx, sitting.booking, "competences", by=outsider, **asked)
    await submitted(tx, sitting, now)
    async with refused(tx, refusals.DeciderExamined):
        await recognitions.decide(tx, sitting.booking, "full-qualification", by=sitting.evaluator, **asked)
    async with refused(tx, refusals.MotivationMissing):
        await recognitions.decide(tx, sitting.booking, "competences", by=outsider, **asked)
    await recognitions.decide(tx, sitting.booking, "full-qualification", by=outsider, **asked)
    async with refused(tx, refusals.AlreadyRecognised):
        await recognitions.decide(tx, sitting.booking, "full-qualification", by=outsider, **asked)
    for _ in range(2):
        await recognitions.release(tx, sitting.booking, by=None, now=now)
    assert await news(tx, "recognition") == ["recognition.released"]
    assert await tx.fetchval("select assessments.is_told($1)", sitting.booking)
    with pytest.raises(asyncpg.CheckViolationError, match="not rewritten"):
        async with tx.transaction():
            await tx.execute("update assessments.recognitions set result = 'competences', motivation = 'x'")


async def test_a_validation_recognises_nothing(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await submitted(tx, sitting, now)
    async with refused(tx, refusals.NotARecognition):
        await recognitions.decide(
            tx, sitting.booking, "full-qualification", motivation="", by=await an_assessor(tx, now=now), now=now
        )


async def test_a_fee_is_free_for_jobseekers_and_settled_once(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    await tx.execute("update assessments.candidates set status = 'jobseeker' where id = $1", sitting.candidate)
    assert (await fees.of_booking(tx, sitting.booking)).status == "free"
    async with refused(tx, refusals.FeeNotDue):
        await fees.settle(tx, sitting.booking, "paid", reason="", by=None, now=now)
    await tx.execute("update assessments.candidates set status = 'worker' where id = $1", sitting.candidate)
    due = await fees.of_booking(tx, sitting.booking)
    assert (due.status, due.amount_cents) == ("due", 12000)
    async with refused(tx, refusals.ReasonMissing):
        await fees.settle(tx, sitting.booking, "waived", reason=" ", by=None, now=now)
    await fees.settle(tx, sitting.booking, "waived", reason="Convention avec l’employeur", by=None, now=now)
    async with refused(tx, refusals.FeeNotDue):
        await fees.settle(tx, sitting.booking, "paid", reason="", by=None, now=now)
    told = await fees.of_booking(tx, sitting.booking)
    assert (told.status, told.amount_cents, told.settled_at) == ("waived", 12000, now)


async def test_of_an_erased_candidate_the_result_stays_and_the_words_go(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    await submitted(tx, sitting, now)
    outsider = await an_assessor(tx, now=now)
    await recognitions.decide(tx, sitting.booking, "full-qualification", motivation="Noor", by=outsider, now=now)
    await recognitions.release(tx, sitting.booking, by=None, now=now)
    await tx.execute("update scheduling.bookings set closed_at = $2 where id = $1", sitting.booking, now)
    await tx.execute("update assessments.candidates set erased_at = $2 where id = $1", sitting.candidate, now)
    await recognitions.wipe(tx, sitting.candidate)
    kept = await recognitions.of_booking(tx, sitting.booking)
    assert (kept.result, kept.motivation) == ("full-qualification", "–")
