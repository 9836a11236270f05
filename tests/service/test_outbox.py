"""The outbox: in order per aggregate, an effect exactly once, a failure tried again and then seen."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from service import outbox, wiring
from service.outbox import Event, Reactions
from service.queue import NAME, unpack
from service.refusals import Unavailable
from tests.builders.web import settings_for

Tx = asyncpg.Connection
NOBODY_LISTENS = "redis://127.0.0.1:1"


class Hand:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand(now: datetime) -> Hand:
    return Hand(now)


@pytest.fixture
async def process(database_url: str, valkey_url: str, tmp_path: Path, hand: Hand) -> AsyncIterator[wiring.Running]:
    async with wiring.running(settings_for(database_url, valkey_url, tmp_path), clock=hand, house=True) as process:
        yield process


async def happened(process: wiring.Running, aggregate: UUID, *topics: str) -> None:
    async with process.db.transaction() as tx:
        for topic in topics:
            await tx.execute(
                "insert into service.outbox (topic, aggregate, occurred_at) values ($1, $2, $3)",
                topic,
                aggregate,
                process.now(),
            )


async def note(tx: Tx, event: Event, running: wiring.Running) -> None:
    await tx.execute("insert into service.milestones values ($1, $2)", f"{event.id} {event.topic}", running.now())


async def note_and_fail(tx: Tx, event: Event, running: wiring.Running) -> None:
    await note(tx, event, running)
    raise ValueError("Noor Peeters, noor@example.org")


NOTING: Reactions = {"test.first": note, "test.second": note, "test.bad": note_and_fail}


async def notes(process: wiring.Running) -> list[str]:
    async with process.db.read() as tx:
        return [row["name"] for row in await tx.fetch("select name from service.milestones order by name")]


async def census(process: wiring.Running) -> outbox.Census:
    async with process.db.read() as tx:
        return await outbox.census(tx)


async def test_a_reaction_is_carried_out_once_and_in_order(process: wiring.Running) -> None:
    await happened(process, uuid4(), "test.first", "test.second")
    assert not await outbox.react(process, NOTING, 2), "it is not its turn"
    assert await outbox.drain(process, NOTING) == 2
    assert not await outbox.react(process, NOTING, 1), "it is done already"
    assert await notes(process) == ["1 test.first", "2 test.second"]
    assert await census(process) == outbox.Census(0, 0, 0, None)


async def test_a_reaction_that_is_under_way_is_left_to_who_has_it(process: wiring.Running) -> None:
    await happened(process, uuid4(), "test.first")
    async with process.db.transaction() as rival:
        await rival.fetch("select from service.outbox where id = 1 for update")
        assert not await outbox.react(process, NOTING, 1)
    assert await outbox.react(process, NOTING, 1)


async def test_a_failure_undoes_everything_and_holds_up_only_its_own_aggregate(process: wiring.Running) -> None:
    await happened(process, uuid4(), "test.bad", "test.second")
    await happened(process, uuid4(), "test.first")
    assert await outbox.drain(process, NOTING) == 1
    assert await notes(process) == ["3 test.first"]
    assert await census(process) == outbox.Census(2, 1, 0, process.now())


async def test_a_failure_is_noted_without_personal_data(process: wiring.Running) -> None:
    await happened(process, uuid4(), "test.bad")
    await outbox.drain(process, NOTING)
    async with process.db.read() as tx:
        assert await tx.fetchval("select failure from service.outbox") == "builtins.ValueError"


async def test_a_failure_is_tried_again_later_and_later_then_given_up_and_can_be_revived(
    process: wiring.Running, hand: Hand
) -> None:
    await happened(process, uuid4(), "test.bad", "test.second")
    waits = []
    while not (await census(process)).dead:
        await outbox.drain(process, NOTING)
        async with process.db.read() as tx:
            again = await tx.fetchval("select retry_at from service.outbox where id = 1")
        waits.append((again - hand.now).total_seconds())
        assert await outbox.drain(process, NOTING) == 0, "not before its time"
        hand.now = again
    assert len(waits) == outbox.ATTEMPTS
    assert waits[0] <= 3
    assert waits[-2] > 500
    assert await notes(process) == [], "what comes after a dead row waits"
    mended = {**NOTING, "test.bad": note}
    async with process.db.transaction() as tx:
        await outbox.revive(tx, 1)
    assert await outbox.drain(process, mended) == 2


async def test_a_topic_that_nobody_knows_waits_for_a_worker_that_does(process: wiring.Running, hand: Hand) -> None:
    await happened(process, uuid4(), "test.unheard")
    assert await outbox.drain(process, NOTING) == 0
    hand.now += timedelta(minutes=1)
    assert await outbox.drain(process, {"test.unheard": note}) == 1


async def test_the_queue_carries_ids_only_and_each_but_once(process: wiring.Running) -> None:
    await happened(process, uuid4(), "test.first", "test.second")
    await happened(process, uuid4(), "test.first")
    assert await outbox.relay(process, NOTING) == 2
    assert await outbox.relay(process, NOTING) == 0, "both are leased, and the second row of the first has to wait"
    jobs = [unpack(await process.queue.redis.get(f"arq:job:{job.decode()}")) for job in await queued(process)]
    assert [(job["f"], job["a"]) for job in jobs] == [("react", [1]), ("react", [3])]


async def test_what_the_queue_forgot_is_sent_again(process: wiring.Running, hand: Hand) -> None:
    await happened(process, uuid4(), "test.first")
    await outbox.relay(process, NOTING)
    await process.queue.redis.flushall()
    assert await outbox.relay(process, NOTING) == 0
    hand.now += outbox.LEASE
    assert await outbox.relay(process, NOTING) == 1
    assert len(await queued(process)) == 1


async def test_a_job_that_lies_with_a_dead_worker_does_not_hold_up_its_row(process: wiring.Running, hand: Hand) -> None:
    await happened(process, uuid4(), "test.first")
    await outbox.relay(process, NOTING)
    hand.now += outbox.LEASE
    await outbox.relay(process, NOTING)
    assert len(await queued(process)) == 2, "a new job, whatever became of the old one"


async def test_without_a_queue_the_relay_does_the_work(database_url: str, tmp_path: Path, hand: Hand) -> None:
    async with wiring.running(settings_for(database_url, NOBODY_LISTENS, tmp_path), clock=hand, house=True) as process:
        await happened(process, uuid4(), "test.first", "test.second")
        await outbox.relay(process, NOTING)
        assert await notes(process) == ["1 test.first", "2 test.second"]


async def test_a_process_does_not_start_without_its_database(valkey_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        async with wiring.running(settings_for("postgresql://preuve@127.0.0.1:1/preuve", valkey_url, tmp_path)):
            pass


async def test_what_is_done_is_forgotten_after_its_time(process: wiring.Running, hand: Hand) -> None:
    await happened(process, uuid4(), "test.first", "test.bad")
    await outbox.drain(process, NOTING)
    hand.now += outbox.KEPT + timedelta(days=1)
    async with process.db.transaction() as tx:
        assert await outbox.forget(tx, now=hand.now) == 1


async def queued(process: wiring.Running) -> list[bytes]:
    jobs: list[bytes] = await process.queue.redis.zrange(NAME, 0, -1)
    return jobs
