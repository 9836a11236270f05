"""Valkey hangs, dies or forgets everything: the outbox is the truth, so nothing is lost and nothing done twice."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from service import embedded

from .conftest import Ledger, Worker

AWAY_SECONDS = 10


@pytest.fixture
def own_valkey(servers_folder: Path, tmp_path: Path) -> Iterator[embedded.Server]:
    """A Valkey that this test may stop."""
    folder = servers_folder / tmp_path.name
    folder.mkdir(mode=0o711)
    server = embedded.start_valkey(folder)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


async def test_a_valkey_that_hangs_for_ten_seconds(
    ledger: Ledger, start_worker: Callable[..., Worker], own_valkey: embedded.Server
) -> None:
    await ledger.add(aggregates=20, rows=10)
    worker = start_worker(own_valkey.url)
    await ledger.until_in_the_middle()
    own_valkey.process.send_signal(signal.SIGSTOP)
    before = await ledger.effects()
    await asyncio.sleep(AWAY_SECONDS)
    assert await ledger.effects() > before, "the work goes on without Valkey"
    own_valkey.process.send_signal(signal.SIGCONT)
    await ledger.add(aggregates=20, rows=10)
    await ledger.until_done(seconds=60)
    await ledger.assert_each_once_and_in_order(rows=400)
    assert worker.process.poll() is None, "the worker has outlived it"


async def test_a_valkey_that_is_gone_for_ten_seconds(
    ledger: Ledger,
    start_worker: Callable[..., Worker],
    own_valkey: embedded.Server,
    servers_folder: Path,
    tmp_path: Path,
) -> None:
    await ledger.add(aggregates=20, rows=10)
    worker = start_worker(own_valkey.url)
    await ledger.until_in_the_middle()
    own_valkey.process.kill()
    own_valkey.process.wait()
    await asyncio.sleep(AWAY_SECONDS)
    again = embedded.start_valkey(servers_folder / tmp_path.name)
    await ledger.add(aggregates=20, rows=10)
    await ledger.until_done(seconds=60)
    await ledger.assert_each_once_and_in_order(rows=400)
    assert worker.process.poll() is None, "the worker has outlived it"
    again.stop()


async def test_a_valkey_that_forgets_everything(
    ledger: Ledger, start_worker: Callable[..., Worker], own_valkey: embedded.Server
) -> None:
    await ledger.add(aggregates=100, rows=3)
    start_worker(own_valkey.url)
    async with redis.asyncio.from_url(own_valkey.url) as client:
        for _ in range(3):
            await ledger.until_in_the_middle()
            await client.flushall()
    await ledger.until_done(seconds=60)
    await ledger.assert_each_once_and_in_order(rows=300)


async def test_a_worker_started_without_valkey_works(
    ledger: Ledger, start_worker: Callable[..., Worker], own_valkey: embedded.Server
) -> None:
    own_valkey.stop()
    await ledger.add(aggregates=5, rows=5)
    start_worker(own_valkey.url)
    await ledger.until_done(seconds=30)
    await ledger.assert_each_once_and_in_order(rows=25)
