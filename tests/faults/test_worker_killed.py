"""kill -9 in the middle of jobs, again and again: every effect once, and in order."""

from collections.abc import Callable

from .conftest import Ledger, Worker

KILLS = 6


async def test_a_worker_killed_in_the_middle_of_jobs_loses_nothing_and_does_nothing_twice(
    ledger: Ledger, start_worker: Callable[..., Worker]
) -> None:
    await ledger.add(aggregates=20, rows=15)
    for _ in range(KILLS):
        worker = start_worker()
        await ledger.until_in_the_middle()
        worker.kill()
    worker = start_worker()
    await ledger.until_done(seconds=60)
    await ledger.assert_each_once_and_in_order(rows=300)
    assert await ledger.tries() > 300, "no kill hit a job in the middle: the test proved nothing"
    assert worker.end() == 0


async def test_a_worker_asked_to_end_in_the_middle_of_jobs_ends_in_order(
    ledger: Ledger, start_worker: Callable[..., Worker]
) -> None:
    await ledger.add(aggregates=40, rows=5)
    for _ in range(3):
        worker = start_worker()
        await ledger.until_in_the_middle()
        assert worker.end() == 0
        tried = await ledger.tries()
        assert await ledger.effects() == tried, "what was begun was brought to its end"
    start_worker()
    await ledger.until_done(seconds=40)
    await ledger.assert_each_once_and_in_order(rows=200)


async def test_two_workers_share_the_work_and_keep_the_order(
    ledger: Ledger, start_worker: Callable[..., Worker]
) -> None:
    start_worker(), start_worker()
    await ledger.add(aggregates=10, rows=10)
    await ledger.until_done(seconds=40)
    await ledger.assert_each_once_and_in_order(rows=100)


async def test_the_control_an_effect_apart_from_its_mark_happens_twice(
    ledger: Ledger, start_worker: Callable[..., Worker]
) -> None:
    await ledger.add(aggregates=20, rows=2, topic="test.careless")
    for _ in range(3):
        worker = start_worker()
        await ledger.until_in_the_middle()
        worker.kill()
    start_worker()
    await ledger.until_done(seconds=40)
    assert await ledger.twice() > 0
