"""Two people at once, staged: one transaction is held open, and the rival starts inside it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from assessments import decisions, deliberations, ratings, recordings, refusals
from service.db import speak_json, translated
from tests.builders.assessments import Sitting, a_sitting, all_met, deliberated, news, recorded
from tests.builders.rivals import held_up

Tx = asyncpg.Connection


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Tx, Tx]]:
    """Two connections to a database of this test's own, where things are committed."""
    first, second = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    for connection in (first, second):
        await speak_json(connection)
    yield first, second
    await first.close()
    await second.close()


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
