"""Appeals: in time, answered in working days, by somebody who had no part in the decision (invariant 14)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from assessments import appeal_reviewers, appeals, decisions, links, refusals, working_days
from tests.builders.assessments import (
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


@pytest.fixture
async def told(tx: Tx, now: datetime) -> tuple[Sitting, UUID]:
    """A failure, told on 15 September 2026 at 15:00 in Brussels; an appeal is in time until the 30th."""
    return await a_released_decision(tx, now=now)


async def lodged(tx: Tx, decision: UUID, at: datetime) -> UUID:
    return await appeals.lodge(tx, decision, "Le temps imparti n'a pas été respecté.", by=None, now=at)


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (datetime(2026, 9, 15, 13, tzinfo=UTC), True),
        (datetime(2026, 9, 30, 21, 59, tzinfo=UTC), True),  # one minute to midnight in Brussels
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), False),
    ],
)
async def test_an_appeal_is_in_time_until_midnight_of_the_last_day(
    tx: Tx, told: tuple[Sitting, UUID], at: datetime, in_time: bool
) -> None:
    if in_time:
        assert await lodged(tx, told[1], at)
    else:
        async with refused(tx, refusals.AppealTooLate):
            await lodged(tx, told[1], at)


@pytest.mark.parametrize(
    ("lodged_at", "days", "due"),
    [
        (datetime(2026, 9, 16, 8, tzinfo=UTC), 20, date(2026, 10, 14)),
        (datetime(2026, 10, 30, 8, tzinfo=UTC), 1, date(2026, 11, 2)),  # a Friday; All Saints falls on the Sunday
        (datetime(2026, 11, 10, 8, tzinfo=UTC), 1, date(2026, 11, 12)),  # the Armistice between
        (datetime(2026, 12, 24, 23, 30, tzinfo=UTC), 5, date(2027, 1, 4)),  # already Christmas in Brussels
        (datetime(2026, 9, 16, 8, tzinfo=UTC), 0, date(2026, 9, 16)),
    ],
)
def test_the_answer_is_due_in_belgian_working_days(lodged_at: datetime, days: int, due: date) -> None:
    assert working_days.after(lodged_at, days) == due


async def test_an_appeal_is_lodged_once_with_its_grounds(tx: Tx, told: tuple[Sitting, UUID]) -> None:
    sitting, decision = told
    at = sitting.test_day + timedelta(days=1)
    async with refused(tx, refusals.GroundsMissing):
        await appeals.lodge(tx, decision, "  ", by=None, now=at)
    appeal = await appeals.get(tx, await lodged(tx, decision, at))
    assert appeal.due_on == date(2026, 10, 14)
    async with refused(tx, refusals.AlreadyAppealed):
        await lodged(tx, decision, at)
    assert await news(tx, "appeal") == ["appeal.lodged"]


async def test_what_was_not_told_is_not_appealed(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await deliberated(tx, sitting, "fail")
    decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=now)
    async with refused(tx, refusals.DecisionUnreleased):
        await lodged(tx, decision, now)


async def test_a_scheme_without_appeal_days_has_no_appeal(tx: Tx, now: datetime) -> None:
    final = msgspec.structs.replace(VALIDATION, code="final", appeal_days=0)
    sitting, decision = await a_released_decision(tx, now=now, scheme=final)
    async with refused(tx, refusals.AppealTooLate):
        await lodged(tx, decision, sitting.test_day + timedelta(hours=7))


async def test_who_had_a_part_in_it_does_not_review(tx: Tx, now: datetime, told: tuple[Sitting, UUID]) -> None:
    sitting, decision = told
    appeal = await lodged(tx, decision, sitting.test_day + timedelta(days=1))
    await appeals.admit(tx, appeal, by=None, now=now)
    friend = await an_assessor(tx, now=now)
    await links.declare(tx, friend, sitting.candidate, "kinship", by=None, now=now)
    await an_assessor(tx, now=now, assessor_id=sitting.candidate)
    for person in (sitting.evaluator, sitting.observer, sitting.manager, friend, sitting.candidate):
        async with refused(tx, refusals.ReviewerInJury):
            await appeal_reviewers.appoint(tx, appeal, person, now=now)


async def test_only_a_reviewer_answers_once_and_with_reasons(tx: Tx, now: datetime, told: tuple[Sitting, UUID]) -> None:
    at = told[0].test_day + timedelta(days=1)
    appeal = await lodged(tx, told[1], at)
    await appeals.admit(tx, appeal, by=None, now=at)
    reviewer, stranger = await an_assessor(tx, now=now), await an_assessor(tx, now=now)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    async with refused(tx, refusals.NotAReviewer):
        await appeals.answer(tx, appeal, "upheld", "Oui.", reviewer_id=stranger, now=at)
    async with refused(tx, refusals.AnswerUnmotivated):
        await appeals.answer(tx, appeal, "rejected", " ", reviewer_id=reviewer, now=at)
    await appeals.answer(tx, appeal, "rejected", "Le temps a été respecté.", reviewer_id=reviewer, now=at)
    async with refused(tx, refusals.AppealAnswered):
        await appeals.answer(tx, appeal, "upheld", "Si.", reviewer_id=reviewer, now=at)
    async with refused(tx, refusals.AppealAnswered):
        await appeal_reviewers.appoint(tx, appeal, stranger, now=at)
    assert await appeal_reviewers.of(tx, appeal) == [reviewer]
    assert await news(tx, "appeal") == ["appeal.lodged", "appeal.admitted", "appeal.answered"]
