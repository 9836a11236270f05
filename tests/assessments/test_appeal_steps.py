"""An appeal step by step: its form, its panel, a mediation, and each way in which it may end."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from assessments import appeal_reviewers, appeals, decisions, links, mediations, new_tests, outcome_refusals, refusals
from assessments.working_days import left
from service import accounts
from tests.builders.assessments import Sitting, a_released_decision, an_assessor, news
from tests.builders.refused import refused

Tx = asyncpg.Connection
Lodged = tuple[Sitting, UUID, UUID, datetime]


@pytest.fixture
async def lodged(tx: Tx, now: datetime) -> Lodged:
    """A failure told on Tuesday 15 September 2026, and an appeal of the next day: sitting, decision, appeal, now."""
    sitting, decision = await a_released_decision(tx, now=now)
    at = sitting.test_day + timedelta(days=1)
    return sitting, decision, await appeals.lodge(tx, decision, "Le mur était d’aplomb.", by=None, now=at), at


async def before_a_panel(tx: Tx, appeal: UUID, at: datetime) -> UUID:
    reviewer = await an_assessor(tx, now=at)
    await appeals.admit(tx, appeal, by=None, now=at)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    return reviewer


async def test_its_form_is_ruled_on_once_and_within_working_days(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    waiting = await appeals.get(tx, appeal)
    assert (waiting.deadline, waiting.due_on) == (date(2026, 9, 23), date(2026, 10, 14))
    assert left(at, date(2026, 9, 23)) == 5
    await appeals.admit(tx, appeal, by=None, now=at)
    assert (await appeals.get(tx, appeal)).deadline == date(2026, 10, 14)
    async with refused(tx, outcome_refusals.AppealAlreadyRuled):
        await appeals.turn_down(tx, appeal, "Trop tard", by=None, now=at)
    assert await news(tx, "appeal") == ["appeal.lodged", "appeal.admitted"]


async def test_turned_down_it_has_ended_with_its_reason(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    async with refused(tx, refusals.AnswerUnmotivated):
        await appeals.turn_down(tx, appeal, " ", by=None, now=at)
    await appeals.turn_down(tx, appeal, "Ce n’est pas la personne concernée.", by=None, now=at)
    ended = await appeals.get(tx, appeal)
    assert (ended.outcome, ended.deadline) == ("inadmissible", None)
    async with refused(tx, refusals.AppealAnswered):
        await appeals.admit(tx, appeal, by=None, now=at)


async def test_nobody_of_the_jury_rules_on_its_form(tx: Tx, lodged: Lodged) -> None:
    sitting, _, appeal, at = lodged
    account = await accounts.register(
        tx, email="a@example.org", role="administrator", language="fr", assessor_id=sitting.observer, now=at
    )
    async with refused(tx, outcome_refusals.RulingByJury):
        await appeals.admit(tx, appeal, by=account, now=at)


async def test_a_panel_comes_after_the_ruling_whatever_python_does(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    reviewer = await an_assessor(tx, now=at)
    async with refused(tx, outcome_refusals.AppealNotAdmitted):
        await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    async with refused(tx, outcome_refusals.AppealNotAdmitted):
        await tx.execute("insert into assessments.appeal_reviewers values ($1, $2, $3)", appeal, reviewer, at)


async def test_postgresql_keeps_the_jury_and_the_decider_off_the_panel(tx: Tx, lodged: Lodged) -> None:
    sitting, _, appeal, at = lodged
    await appeals.admit(tx, appeal, by=None, now=at)
    for person in (sitting.evaluator, sitting.observer, sitting.manager):
        async with refused(tx, refusals.ReviewerInJury):
            await tx.execute("insert into assessments.appeal_reviewers values ($1, $2, $3)", appeal, person, at)


async def test_a_tie_that_comes_up_later_bars_the_answer_too(tx: Tx, lodged: Lodged) -> None:
    sitting, _, appeal, at = lodged
    reviewer = await before_a_panel(tx, appeal, at)
    await links.declare(tx, reviewer, sitting.candidate, "professional", by=None, now=at)
    async with refused(tx, refusals.ReviewerInJury):
        await appeals.answer(tx, appeal, "rejected", "Vu.", reviewer_id=reviewer, now=at)


async def test_who_revised_does_not_review_the_revision(tx: Tx, lodged: Lodged) -> None:
    _, decision, appeal, at = lodged
    reviewer = await before_a_panel(tx, appeal, at)
    colleague = await an_assessor(tx, now=at)
    await appeal_reviewers.appoint(tx, appeal, colleague, now=at)
    await appeals.answer(tx, appeal, "upheld", "Relu, mais insuffisant.", reviewer_id=reviewer, now=at)
    revised = await decisions.revise(tx, decision, "fail", taken_by=reviewer, now=at)
    await decisions.release(tx, revised, by=None, now=at)
    second = await appeals.lodge(tx, revised, "Toujours pas.", by=None, now=at)
    await appeals.admit(tx, second, by=None, now=at)
    for person in (reviewer, colleague):
        async with refused(tx, refusals.ReviewerInJury):
            await appeal_reviewers.appoint(tx, second, person, now=at)


async def test_a_mediation_has_a_date_that_may_move_and_one_result(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", await an_assessor(tx, now=at))
    async with refused(tx, refusals.NotAReviewer):
        await mediations.plan(tx, appeal, meeting, by=None, now=at)
    reviewer = await before_a_panel(tx, appeal, at)
    async with refused(tx, outcome_refusals.MediationMissing):
        await mediations.conclude(tx, appeal, "agreed", "Accord", now=at)
    meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", reviewer)
    for _ in range(2):  # the same again is no news
        planned = await mediations.plan(tx, appeal, meeting, by=None, now=at)
    later = mediations.Meeting(at + timedelta(days=8), 60, "Rue Royale 45", reviewer)
    assert await mediations.plan(tx, appeal, later, by=None, now=at) == planned
    mediation = await mediations.of_appeal(tx, appeal)
    assert mediation is not None
    assert (mediation.sequence, mediation.meets_at) == (1, later.meets_at)
    async with refused(tx, outcome_refusals.MediationResultMissing):
        await mediations.conclude(tx, appeal, "not_agreed", "", now=at)
    await mediations.conclude(tx, appeal, "not_agreed", "Chacun reste sur sa position.", now=at)
    async with refused(tx, outcome_refusals.MediationOver):
        await mediations.plan(tx, appeal, meeting, by=None, now=at)
    assert (await appeals.get(tx, appeal)).answered_at is None
    assert await news(tx, "mediation") == ["mediation.planned", "mediation.planned", "mediation.held"]


async def test_an_agreement_ends_the_appeal_and_the_decision_stands(tx: Tx, lodged: Lodged) -> None:
    sitting, decision, appeal, at = lodged
    reviewer = await before_a_panel(tx, appeal, at)
    meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", reviewer)
    await mediations.plan(tx, appeal, meeting, by=None, now=at)
    await mediations.conclude(tx, appeal, "agreed", "Un entretien de préparation.", now=at)
    assert (await appeals.get(tx, appeal)).outcome == "settled"
    assert [one.id for one in await decisions.of_booking(tx, sitting.booking)] == [decision]
    async with refused(tx, refusals.AppealAnswered):
        await appeals.answer(tx, appeal, "rejected", "Vu.", reviewer_id=reviewer, now=at)


async def test_taken_back_it_has_ended(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    await appeals.withdraw(tx, appeal, by=None, now=at)
    async with refused(tx, refusals.AppealAnswered):
        await appeals.admit(tx, appeal, by=None, now=at)
    async with refused(tx, refusals.AppealAnswered):
        await tx.execute("update assessments.appeals set outcome = 'upheld' where id = $1", appeal)


async def test_a_new_test_is_no_attempt(tx: Tx, lodged: Lodged) -> None:
    sitting, _, appeal, at = lodged
    failures = "select assessments.failures_since_guidance($1, $2)"
    assert await tx.fetchval(failures, sitting.candidate, sitting.unit.id) == 1
    reviewer = await before_a_panel(tx, appeal, at)
    with pytest.raises(asyncpg.CheckViolationError, match="no appeal grants"):
        async with tx.transaction():
            await new_tests.grant(tx, appeal, by=None, now=at)
    await appeals.answer(tx, appeal, "new_test", "Le support était humide.", reviewer_id=reviewer, now=at)
    for _ in range(2):
        await new_tests.grant(tx, appeal, by=None, now=at)
    assert await tx.fetchval(failures, sitting.candidate, sitting.unit.id) == 0
    assert await new_tests.granted_at(tx, sitting.booking) == at
    assert await news(tx, "new_test") == ["new_test.granted"]


async def test_each_deadline_that_passes_is_told_once(tx: Tx, lodged: Lodged) -> None:
    _, _, appeal, at = lodged
    ruling, answer = date(2026, 9, 23), date(2026, 10, 14)
    assert await appeals.find_late(tx, today=ruling, now=at) == 0
    assert [await appeals.find_late(tx, today=ruling + timedelta(days=1), now=at) for _ in range(2)] == [1, 0]
    await appeals.admit(tx, appeal, by=None, now=at)
    assert await appeals.find_late(tx, today=answer, now=at) == 0
    assert [await appeals.find_late(tx, today=answer + timedelta(days=1), now=at) for _ in range(2)] == [1, 0]
    await appeals.withdraw(tx, appeal, by=None, now=at)
    assert await appeals.find_late(tx, today=date(2027, 1, 1), now=at) == 0
    assert left(datetime(2026, 12, 1, tzinfo=UTC), answer) == 0
