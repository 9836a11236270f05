"""Two people at once, after a test: one transaction is held open, and the rival starts inside it."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from assessments import (
    appeal_reviewers,
    appeals,
    complaints,
    decisions,
    links,
    mediations,
    new_tests,
    outcome_refusals,
    recordings,
    refusals,
)
from scheduling import attendance, attendance_refusals, sessions
from service import accounts
from service.db import translated
from tests.builders.assessments import (
    Sitting,
    a_released_decision,
    a_sitting,
    an_assessor,
    deliberated,
    news,
    recorded,
)
from tests.builders.rivals import held_up

Tx = asyncpg.Connection


async def rival(tx: Tx, act: Coroutine[Any, Any, object]) -> None:
    with translated(tx):
        async with tx.transaction():
            await act


async def collide(two: tuple[Tx, Tx], ours: Coroutine[Any, Any, object], theirs: Coroutine[Any, Any, object]) -> None:
    """Ours is not committed when theirs begins, and theirs has to wait for it."""
    first, second = two
    async with first.transaction():
        await ours
        task = asyncio.create_task(rival(second, theirs))
        await held_up(first, task)
        assert not task.done(), "the rival did not have to wait"
    await task


async def told(first: Tx, now: datetime) -> tuple[Sitting, UUID, datetime]:
    async with first.transaction():
        sitting, decision = await a_released_decision(first, now=now)
    return sitting, decision, sitting.test_day + timedelta(days=1)


async def appealed(first: Tx, now: datetime) -> tuple[Sitting, UUID, UUID, datetime]:
    """Before a panel of one: the sitting, the appeal, the reviewer, and when."""
    sitting, decision, at = await told(first, now)
    async with first.transaction():
        appeal = await appeals.lodge(first, decision, "Non.", by=None, now=at)
        reviewer = await an_assessor(first, now=at)
        await appeals.admit(first, appeal, by=None, now=at)
        await appeal_reviewers.appoint(first, appeal, reviewer, now=at)
    return sitting, appeal, reviewer, at


async def test_an_appeal_that_comes_during_the_release_waits_for_it(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        sitting = await a_sitting(first, now=now)
        await recorded(first, sitting)
        await deliberated(first, sitting, "fail")
        decision = await decisions.take(first, sitting.booking, taken_by=sitting.manager, now=now)
    await collide(
        two,
        decisions.release(first, decision, by=None, now=now),
        appeals.lodge(second, decision, "Non.", by=None, now=now),
    )
    assert await news(first, "appeal") == ["appeal.lodged"]


async def test_a_grid_begins_while_the_check_in_is_taken_back(two: tuple[Tx, Tx], now: datetime) -> None:
    """Whichever comes first, the other one sees it: nobody is assessed who is not here."""
    first, second = two
    for refusal in (refusals.CandidateNotAttended, attendance_refusals.AttendanceInUse):
        async with first.transaction():
            one = await a_sitting(first, now=now)
        acts = [
            lambda tx, one=one: attendance.take_back_check_in(tx, one.booking, by=None, now=one.test_day),
            lambda tx, one=one: recordings.start(tx, one.booking, one.evaluator, "evaluator", now=one.test_day),
        ]
        ours, theirs = acts if refusal is refusals.CandidateNotAttended else reversed(acts)
        with pytest.raises(refusal):
            await collide(two, ours(first), theirs(second))


async def test_a_test_ends_while_somebody_is_taken_back(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        one = await a_sitting(first, now=now)
    with pytest.raises(attendance_refusals.PresenceUnsettled):
        await collide(
            two,
            attendance.take_back_check_in(first, one.booking, by=None, now=one.test_day),
            sessions.end(second, one.session, by=None, now=one.test_day),
        )


async def test_a_decision_is_appealed_once(two: tuple[Tx, Tx], now: datetime) -> None:
    _, decision, at = await told(two[0], now)
    with pytest.raises(refusals.AlreadyAppealed):
        await collide(
            two,
            appeals.lodge(two[0], decision, "Non.", by=None, now=at),
            appeals.lodge(two[1], decision, "Non plus.", by=None, now=at),
        )


async def test_there_is_one_ruling(two: tuple[Tx, Tx], now: datetime) -> None:
    _, decision, at = await told(two[0], now)
    async with two[0].transaction():
        appeal = await appeals.lodge(two[0], decision, "Non.", by=None, now=at)
    with pytest.raises(outcome_refusals.AppealAlreadyRuled):
        await collide(
            two,
            appeals.admit(two[0], appeal, by=None, now=at),
            appeals.turn_down(two[1], appeal, "Forme.", by=None, now=at),
        )
    assert (await appeals.get(two[0], appeal)).outcome is None
    assert await news(two[0], "appeal") == ["appeal.lodged", "appeal.admitted"]


async def test_an_appeal_has_one_answer(two: tuple[Tx, Tx], now: datetime) -> None:
    _, appeal, reviewer, at = await appealed(two[0], now)
    with pytest.raises(refusals.AppealAnswered):
        await collide(
            two,
            appeals.answer(two[0], appeal, "rejected", "Vu.", reviewer_id=reviewer, now=at),
            appeals.answer(two[1], appeal, "upheld", "Vu.", reviewer_id=reviewer, now=at),
        )
    assert (await appeals.get(two[0], appeal)).outcome == "rejected"


async def test_what_is_taken_back_while_it_is_answered_has_its_answer(two: tuple[Tx, Tx], now: datetime) -> None:
    _, appeal, reviewer, at = await appealed(two[0], now)
    with pytest.raises(refusals.AppealAnswered):
        await collide(
            two,
            appeals.answer(two[0], appeal, "new_test", "Vu.", reviewer_id=reviewer, now=at),
            appeals.withdraw(two[1], appeal, by=None, now=at),
        )


async def test_no_meeting_is_planned_for_what_is_being_answered(two: tuple[Tx, Tx], now: datetime) -> None:
    _, appeal, reviewer, at = await appealed(two[0], now)
    meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", reviewer)
    with pytest.raises(refusals.AppealAnswered):
        await collide(
            two,
            appeals.answer(two[0], appeal, "rejected", "Vu.", reviewer_id=reviewer, now=at),
            mediations.plan(two[1], appeal, meeting, by=None, now=at),
        )
    assert await mediations.of_appeal(two[0], appeal) is None


async def test_two_revisions_are_one(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    sitting, appeal, reviewer, at = await appealed(first, now)
    async with first.transaction():
        await appeals.answer(first, appeal, "upheld", "Vu.", reviewer_id=reviewer, now=at)
    decision = (await appeals.get(first, appeal)).decision_id
    with pytest.raises(refusals.DecisionSuperseded):
        await collide(
            two,
            decisions.revise(first, decision, "pass", taken_by=reviewer, now=at),
            decisions.revise(second, decision, "fail", taken_by=reviewer, now=at),
        )
    assert [one.outcome for one in await decisions.of_booking(first, sitting.booking)] == ["fail", "pass"]


async def test_a_tie_that_is_declared_while_the_jury_deliberates_waits(two: tuple[Tx, Tx], now: datetime) -> None:
    """The other way round, the deliberation waits and is refused."""
    first, second = two
    async with first.transaction():
        sittings = [await a_sitting(first, now=now) for _ in range(2)]
        for sitting in sittings:
            await recorded(first, sitting)
            ended = sitting.test_day + timedelta(hours=4)
            await first.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, ended)
    one, other = sittings
    await collide(
        two,
        deliberated(first, one),
        links.declare(second, one.observer, one.candidate, "kinship", by=None, now=now),
    )
    with pytest.raises(outcome_refusals.JuryKnowsCandidate):
        await collide(
            two,
            links.declare(first, other.observer, other.candidate, "kinship", by=None, now=now),
            deliberated(second, other),
        )


async def test_a_test_is_judged_or_annulled(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        sitting = await a_sitting(first, now=now)
        await recorded(first, sitting)
        ended = sitting.test_day + timedelta(hours=4)
        await first.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, ended)
        tie = await links.declare(first, sitting.observer, sitting.candidate, "kinship", by=None, now=now)

    async def end_the_tie_and_deliberate() -> None:
        await links.end(first, tie, now=now)
        await deliberated(first, sitting)

    with pytest.raises(refusals.AlreadyDeliberated):
        await collide(two, end_the_tie_and_deliberate(), new_tests.annul(second, sitting.booking, by=None, now=now))


async def test_a_session_is_told_once(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        sitting = await a_sitting(first, now=now)
        await recorded(first, sitting)
        await deliberated(first, sitting)
        await decisions.take(first, sitting.booking, taken_by=sitting.manager, now=now)
    await collide(
        two,
        decisions.release_session(first, sitting.session, by=None, now=now),
        decisions.release_session(second, sitting.session, by=None, now=now),
    )
    assert await news(first, "decision") == ["decision.released"]


async def test_a_complaint_is_answered_or_taken_back(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    sitting, _, at = await told(first, now)
    async with first.transaction():
        handler = await accounts.register(first, email="h@example.org", role="administrator", language="fr", now=now)
        complaint = await complaints.lodge(first, sitting.candidate, sitting.centre, "facility", "Froid.", now=at)
        await complaints.take_up(first, complaint, by=handler, now=at)
    with pytest.raises(outcome_refusals.ComplaintEnded):
        await collide(
            two,
            complaints.withdraw(first, complaint, now=at),
            complaints.answer(second, complaint, "founded", "Réparé.", by=handler, now=at),
        )
