"""Two people at once, staged: one transaction is held open, and the rival starts inside it."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from assessments import decisions, deliberations, entries, ratings, recordings, refusals, syncing
from assessments.entries import Entry
from assessments.marking import Mark, Rating
from scheduling import sessions
from scheduling.refusals import NotInThatState
from service.db import translated
from tests.builders.assessments import Sitting, a_sitting, all_met, deliberated, news, recorded
from tests.builders.rivals import held_up

Tx = asyncpg.Connection


@pytest.fixture
async def sitting(two: tuple[Tx, Tx], now: datetime) -> Sitting:
    async with two[0].transaction():
        return await a_sitting(two[0], now=now)


async def rival(tx: Tx, act: Coroutine[Any, Any, object]) -> None:
    """The second one's whole transaction, refusals translated as at the edge."""
    with translated(tx):
        async with tx.transaction():
            await act


async def waits(tx: Tx, task: "asyncio.Task[None]") -> None:
    """Until the rival is held up by a lock: here it always has to wait."""
    await held_up(tx, task)
    assert not task.done(), "the rival did not have to wait"


async def test_a_recording_is_submitted_once(two: tuple[Tx, Tx], sitting: Sitting, now: datetime) -> None:
    first, second = two
    async with first.transaction():
        recording = await recordings.start(first, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(first, recording, all_met(), by=None, now=now)
    async with first.transaction():
        await recordings.submit(first, recording, by=None, now=now)
        task = asyncio.create_task(rival(second, recordings.submit(second, recording, by=None, now=now)))
        await waits(first, task)
    with pytest.raises(refusals.RecordingSubmitted):
        await task
    assert await news(first, "recording") == ["recording.submitted"]


async def test_a_rating_that_comes_during_the_submission_is_refused(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        recording = await recordings.start(first, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(first, recording, all_met(), by=None, now=now)
    async with first.transaction():
        await recordings.submit(first, recording, by=None, now=now)
        late = all_met(i1_1="not_met")
        task = asyncio.create_task(rival(second, ratings.rate(second, recording, late, by=None, now=now)))
        await waits(first, task)
    with pytest.raises(refusals.RecordingSubmitted):
        await task
    stored = await recordings.get(first, recording)
    assert stored.digest == recordings.digest(stored)


async def test_nobody_begins_to_record_while_the_jury_deliberates(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
    async with first.transaction():
        await deliberated(first, sitting)
        start = recordings.start(second, sitting.booking, sitting.evaluator, "evaluator", now=now)
        task = asyncio.create_task(rival(second, start))
        await waits(first, task)
    with pytest.raises(refusals.AlreadyDeliberated):
        await task


async def test_the_jury_deliberates_once(two: tuple[Tx, Tx], sitting: Sitting) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
    async with first.transaction():
        await deliberated(first, sitting, "pass")
        task = asyncio.create_task(rival(second, deliberated(second, sitting, "fail")))
        await waits(first, task)
    with pytest.raises(refusals.AlreadyDeliberated):
        await task
    assert (await deliberations.of_booking(first, sitting.booking)).outcome == "pass"


async def test_there_is_one_decision_on_a_booking(two: tuple[Tx, Tx], sitting: Sitting, now: datetime) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
        await deliberated(first, sitting)
    async with first.transaction():
        decision = await decisions.take(first, sitting.booking, taken_by=sitting.manager, now=now)
        take = decisions.take(second, sitting.booking, taken_by=sitting.manager, now=now)
        task = asyncio.create_task(rival(second, take))
        await waits(first, task)
    with pytest.raises(refusals.AlreadyDecided):
        await task
    assert [one.id for one in await decisions.of_booking(first, sitting.booking)] == [decision]


async def test_a_decision_released_twice_at_once_is_told_once(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
        await deliberated(first, sitting)
        decision = await decisions.take(first, sitting.booking, taken_by=sitting.manager, now=now)
    async with first.transaction():
        await decisions.release(first, decision, by=None, now=now)
        task = asyncio.create_task(rival(second, decisions.release(second, decision, by=None, now=now)))
        await waits(first, task)
    await task
    assert await news(first, "decision") == ["decision.released"]


def on_a_tablet(sitting: Sitting, mark: Mark = "met") -> syncing.Batch:
    """An observation of one line, entered an hour into the test."""
    entry = Entry(uuid4(), sitting.booking, 1, "rating", sitting.test_day, "1.1", mark)
    return syncing.Batch(uuid4(), [entry])


async def test_a_batch_that_comes_during_the_submission_is_kept_and_changes_nothing(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        recording = await recordings.start(first, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(first, recording, all_met(), by=None, now=now)
    async with first.transaction():
        await recordings.submit(first, recording, by=None, now=now)
        late = syncing.take(
            second, sitting.session, on_a_tablet(sitting, "not_met"), assessor_id=sitting.evaluator, now=now
        )
        task = asyncio.create_task(rival(second, late))
        await waits(first, task)
    await task
    stored = await recordings.get(first, recording)
    assert stored.digest == recordings.digest(stored)
    (kept,) = [
        one
        for one in await entries.of_session(first, sitting.session, assessor_id=sitting.evaluator)
        if one.device_id is not None
    ]
    assert (kept.rating, kept.set_aside) == ("not_met", "recording_submitted")


async def test_a_submission_that_comes_during_a_batch_seals_the_batch_too(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        recording = await recordings.start(first, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(first, recording, all_met()[1:], by=None, now=now)
    async with first.transaction():
        await syncing.take(first, sitting.session, on_a_tablet(sitting), assessor_id=sitting.evaluator, now=now)
        task = asyncio.create_task(rival(second, recordings.submit(second, recording, by=None, now=now)))
        await waits(first, task)
    await task
    stored = await recordings.get(first, recording)
    assert stored.digest == recordings.digest(stored)
    assert len(stored.ratings) == 5


async def test_the_same_batch_from_two_requests_at_once_is_stored_once(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    batch = on_a_tablet(sitting)
    async with first.transaction():
        await syncing.take(first, sitting.session, batch, assessor_id=sitting.evaluator, now=now)
        again = syncing.take(second, sitting.session, batch, assessor_id=sitting.evaluator, now=now)
        task = asyncio.create_task(rival(second, again))
        await waits(first, task)
    await task
    assert len(await entries.of_session(first, sitting.session, assessor_id=sitting.evaluator)) == 1


async def test_a_session_cancelled_while_a_batch_arrives_sets_it_aside(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        sitting = await a_sitting(first, now=now, attended=False)
    async with first.transaction():
        await sessions.cancel(first, sitting.session, reason="Panne", by=None, now=now)
        batch = syncing.take(second, sitting.session, on_a_tablet(sitting), assessor_id=sitting.evaluator, now=now)
        task = asyncio.create_task(rival(second, batch))
        await waits(first, task)
    await task
    (kept,) = await entries.of_session(first, sitting.session, assessor_id=sitting.evaluator)
    assert kept.set_aside == "session_cancelled"


async def test_a_session_is_not_cancelled_while_a_grid_of_it_is_submitted(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        recording = await recordings.start(first, sitting.booking, sitting.evaluator, "evaluator", now=now)
        await ratings.rate(first, recording, all_met(), by=None, now=now)
    async with first.transaction():
        await recordings.submit(first, recording, by=None, now=now)
        with pytest.raises(NotInThatState):
            await rival(second, sessions.cancel(second, sitting.session, reason="Panne", by=None, now=now))
    assert (await recordings.get(first, recording)).submitted_at == now


async def test_a_test_that_begins_while_it_is_cancelled_is_cancelled(two: tuple[Tx, Tx], now: datetime) -> None:
    first, second = two
    async with first.transaction():
        sitting = await a_sitting(first, now=now, attended=False)
    async with first.transaction():
        await sessions.cancel(first, sitting.session, reason="Panne", by=None, now=now)
        task = asyncio.create_task(rival(second, sessions.start(second, sitting.session, by=None, now=now)))
        await waits(first, task)
    with pytest.raises(NotInThatState):
        await task


async def test_no_correction_comes_through_while_the_jury_deliberates(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
    (grid, *_) = [
        one for one in await recordings.of_booking(first, sitting.booking) if one.assessor_id == sitting.evaluator
    ]
    async with first.transaction():
        await deliberated(first, sitting)
        wrong = recordings.correct(second, grid.id, Rating("1.1", "not_met"), "Erreur", by=None, now=now)
        task = asyncio.create_task(rival(second, wrong))
        await waits(first, task)
    with pytest.raises(refusals.AlreadyDeliberated):
        await task
    assert (await recordings.get(first, grid.id)).digest == grid.digest


async def test_postgresql_keeps_corrections_and_the_deliberation_apart_whatever_python_does(
    two: tuple[Tx, Tx], sitting: Sitting, now: datetime
) -> None:
    first, second = two
    async with first.transaction():
        await recorded(first, sitting)
    async with first.transaction():
        await deliberated(first, sitting)
        bare = second.execute(
            """insert into assessments.entries (id, booking_id, assessor_id, role, kind, indicator, rating, motive, digest,
                   at, received_at)
               values ($1, $2, $3, 'evaluator', 'correction', '1.1', 'not_met', 'Erreur', 'x', $4, $4)""",
            uuid4(),
            sitting.booking,
            sitting.evaluator,
            now,
        )
        task = asyncio.create_task(rival(second, bare))
        await waits(first, task)
    with pytest.raises(refusals.AlreadyDeliberated):
        await task
