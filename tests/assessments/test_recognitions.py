"""An EVC: three kinds of result, proposed by the grids, decided by somebody from outside the jury; and its fee."""

from datetime import datetime
from uuid import UUID

import asyncpg
import pytest

import scheduling.refusals
from assessments import (
    appeal_reviewers,
    appeals,
    decisions,
    fees,
    links,
    new_tests,
    outcome_refusals,
    ratings,
    recognitions,
    recordings,
    refusals,
    schemes,
)
from assessments.grids import Criterion, Grid, Indicator
from assessments.marking import Mark, Rating
from assessments.recognitions import Proposal
from certificates import codes, register
from scheduling import bookings
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


async def submitted(tx: Tx, sitting: Sitting, now: datetime, **changes: Mark) -> None:
    recording = await recordings.start(tx, sitting.booking, sitting.evaluator, "evaluator", now=now)
    await ratings.rate(tx, recording, all_met(**changes), by=None, now=now)
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
    decision = await recognitions.decide(tx, sitting.booking, "full-qualification", by=outsider, **asked)
    async with refused(tx, refusals.AlreadyRecognised):
        await recognitions.decide(tx, sitting.booking, "full-qualification", by=outsider, **asked)
    assert not await tx.fetchval("select assessments.is_told($1)", sitting.booking)
    for _ in range(2):
        await decisions.release(tx, decision, by=None, now=now)
    assert await news(tx, "decision") == ["decision.released"]
    assert await tx.fetchval("select assessments.is_told($1)", sitting.booking)
    with pytest.raises(asyncpg.CheckViolationError, match="not rewritten"):
        async with tx.transaction():
            await tx.execute("update assessments.recognitions set result = 'competences', motivation = 'x'")


async def recognised(
    tx: Tx, sitting: Sitting, now: datetime, result: recognitions.Result = "competences", **changes: Mark
) -> UUID:
    """By somebody from outside, and told; the decision's id."""
    await submitted(tx, sitting, now, **changes)
    outsider = await an_assessor(tx, now=now)
    decision = await recognitions.decide(tx, sitting.booking, result, motivation="Vu.", by=outsider, now=now)
    await decisions.release(tx, decision, by=None, now=now)
    return decision


async def test_what_it_rests_on_does_not_change_any_more(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    await recognised(tx, sitting, now)
    grid = await tx.fetchval("select id from assessments.recordings where booking_id = $1", sitting.booking)
    async with refused(tx, refusals.AlreadyDeliberated):
        await recordings.correct(tx, grid, Rating("1.1", "not_met"), "Relu", by=sitting.evaluator, now=now)
    await tied(tx, sitting, now)
    async with refused(tx, refusals.AlreadyDeliberated):
        await new_tests.annul(tx, sitting.booking, by=None, now=now)


async def tied(tx: Tx, sitting: Sitting, now: datetime) -> None:
    """That the evaluator is kin of the candidate comes to light after the test."""
    await tx.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, sitting.test_day)
    await links.declare(tx, sitting.evaluator, sitting.candidate, "kinship", by=None, now=now)


async def test_a_jury_with_a_tie_recognises_nothing(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    await submitted(tx, sitting, now)
    outsider = await an_assessor(tx, now=now)
    await tied(tx, sitting, now)
    async with refused(tx, outcome_refusals.JuryKnowsCandidate):
        await recognitions.decide(tx, sitting.booking, "full-qualification", motivation="", by=outsider, now=now)


async def a_panel(tx: Tx, decision: UUID, now: datetime) -> tuple[UUID, UUID]:
    """An appeal that is admitted, and who reviews it."""
    appeal = await appeals.lodge(tx, decision, "J’ai aussi montré le reste.", by=None, now=now)
    reviewer = await an_assessor(tx, now=now)
    await appeals.admit(tx, appeal, by=None, now=now)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=now)
    return appeal, reviewer


async def test_postgresql_holds_the_rules_of_a_recognition_too(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    outsider, kin = await an_assessor(tx, now=now), await an_assessor(tx, now=now)
    await links.declare(tx, kin, sitting.candidate, "kinship", by=None, now=now)

    async def decided(by: UUID, competences: list[str]) -> None:
        await tx.execute(
            """insert into assessments.recognitions (booking_id, proposal, result, competences, decided_by, decided_at)
               values ($1, 'competences', 'competences', $2, $3, $4)""",
            sitting.booking,
            competences,
            by,
            now,
        )

    async with refused(tx, refusals.RecognitionTooEarly):
        await decided(outsider, ["1"])
    await submitted(tx, sitting, now)
    for by, refusal in ((sitting.observer, refusals.DeciderExamined), (kin, refusals.DeciderKnowsCandidate)):
        async with refused(tx, refusal):
            await decided(by, ["1"])
    async with refused(tx, refusals.IndicatorUnknown):
        await decided(outsider, ["nothing"])
    undone = tx.transaction()
    await undone.start()
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        "insert into assessments.new_tests (booking_id, cause, granted_at) values ($1, 'conflict', $2)",
        sitting.booking,
        now,
    )
    await tx.execute("set local session_replication_role = origin")
    async with refused(tx, outcome_refusals.TestAnnulled):
        await decided(outsider, ["1"])
    await undone.rollback()
    await decided(outsider, ["1"])
    async with refused(tx, refusals.AlreadyDeliberated):
        await tx.execute(
            """insert into assessments.recordings (booking_id, assessor_id, role, started_at)
               values ($1, $2, 'observer', $3)""",
            sitting.booking,
            sitting.observer,
            now,
        )


async def test_an_appeal_may_bring_another_recognition_and_only_by_its_panel(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    decision = await recognised(tx, sitting, now, i1_1="not_met")
    appeal, reviewer = await a_panel(tx, decision, now)
    said = {"motivation": "Les photos le montrent.", "now": now}
    async with refused(tx, refusals.AppealNotUpheld):
        await recognitions.revise(tx, decision, "full-qualification", [], by=reviewer, **said)
    await appeals.answer(tx, appeal, "upheld", "Les photos le montrent.", reviewer_id=reviewer, now=now)
    async with refused(tx, refusals.NotARecognition):
        await decisions.revise(tx, decision, "pass", taken_by=reviewer, now=now)
    async with refused(tx, refusals.NotAReviewer):
        await recognitions.revise(tx, decision, "full-qualification", [], by=await an_assessor(tx, now=now), **said)
    async with refused(tx, refusals.IndicatorUnknown):
        await recognitions.revise(tx, decision, "part-qualification", ["9"], by=reviewer, **said)
    revised = await recognitions.revise(tx, decision, "full-qualification", [], by=reviewer, **said)
    stands = await recognitions.of_booking(tx, sitting.booking)
    assert (stands.result, stands.competences, stands.decided_by) == ("full-qualification", ["1", "2"], reviewer)
    assert [one.id for one in await decisions.of_booking(tx, sitting.booking)] == [decision, revised]
    async with refused(tx, refusals.DecisionUnreleased):
        await recognitions.revise(tx, revised, "competences", ["1"], by=reviewer, **said)


async def test_its_certificate_says_what_kind_of_recognition_it_is_and_is_issued_once(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, scheme=EVC)
    decision = await recognised(tx, sitting, now, "part-qualification", i1_1="not_met")
    code = codes.public_code(bytes(range(codes.RANDOM_BYTES)))
    issued = [await register.issue(tx, decision, public_code=code, now=now) for _ in range(2)]
    assert len(set(issued)) == 1
    kept = await register.get(tx, issued[0])
    assert (kept.recognised, kept.competences, kept.is_whole) == ("part-qualification", [LABEL], False)
    proof = await register.proof(tx, code)
    assert proof is not None
    assert (proof.recognised, proof.competences) == ("part-qualification", [LABEL])
    assert await bookings.refusals(tx, sitting.session, sitting.candidate, now=now) == [
        scheduling.refusals.SessionNotOpen, scheduling.refusals.UnitAlreadyBooked,
    ]  # and not that the certificate is held: who showed a part may come for the rest  # fmt: skip
    with pytest.raises(asyncpg.CheckViolationError, match="not rewritten"):
        async with tx.transaction():
            await tx.execute("update certificates.register set recognised = 'full-qualification'")


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
    taken = await recognitions.decide(
        tx, sitting.booking, "full-qualification", motivation="Noor", by=outsider, now=now
    )
    await decisions.release(tx, taken, by=None, now=now)
    await tx.execute("update scheduling.bookings set closed_at = $2 where id = $1", sitting.booking, now)
    await tx.execute("update assessments.candidates set erased_at = $2 where id = $1", sitting.candidate, now)
    await recognitions.wipe(tx, sitting.candidate)
    kept = await recognitions.of_booking(tx, sitting.booking)
    assert (kept.result, kept.motivation) == ("full-qualification", "–")
