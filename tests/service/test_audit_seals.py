"""The sequencer: nobody who commits late is passed over, there is one at a time, and it does not build on sand."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from msgspec import structs

from service import audit_seals, checkpoints
from service.audit_seals import BrokenLog
from tests.builders.archive import Archive, an_archive


@pytest.fixture
async def archive(database_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Archive]:
    async with an_archive(database_url, tmp_path, now) as archive:
        yield archive


async def test_the_sequencer_leaves_no_gap_for_who_commits_late(archive: Archive) -> None:
    """A transaction that began first and commits last is sealed afterwards, in its place; nobody is passed over."""
    slow = await asyncpg.connect(archive.process.settings.database_url)
    begun = slow.transaction()
    await begun.start()
    await slow.execute("insert into service.audit (action, subject) values ('read.file', 'x')")
    before = await archive.raw.fetchval("select max(size) from service.audit_seals")
    await archive.happens()
    await archive.seal()
    assert await archive.raw.fetchval("select max(size) from service.audit_seals") == before  # all of it waits
    await begun.commit()
    await slow.close()
    await archive.seal()
    entries = await archive.raw.fetchval("select count(*) from service.audit")
    assert await archive.raw.fetchval("select max(size) from service.audit_seals") == entries
    assert await archive.verdict() == 0


async def test_one_sequencer_at_a_time(archive: Archive) -> None:
    await archive.happens()
    other = await asyncpg.connect(archive.process.settings.database_url)
    async with other.transaction():
        await other.execute("select pg_advisory_xact_lock($1)", audit_seals.LOCK)
        before = await other.fetchval("select count(*) from service.audit_seals")
        await archive.seal()
        assert await other.fetchval("select count(*) from service.audit_seals") == before
    await other.close()
    await archive.seal()
    assert await archive.raw.fetchval("select count(*) from service.audit_seals") == before + 1


async def test_many_entries_are_sealed_in_batches(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_seals, "BATCH", 7)
    await archive.happens()
    rounds = 0
    while await audit_seals.seal(archive.process):
        rounds += 1
    assert rounds > 0
    assert await archive.verdict() == 0


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("update service.audit_seals set root = sha256('')", "was changed"),
        ("update service.audit_seals set peaks = leaves", "was changed"),
    ],
)
async def test_the_sequencer_does_not_build_on_a_seal_that_is_not_ours(archive: Archive, sql: str, fault: str) -> None:
    await archive.happens()
    await archive.raw.execute(sql)
    with pytest.raises(BrokenLog, match=fault):
        await audit_seals.seal(archive.process)


async def test_a_database_loaded_from_a_dump_is_not_sealed_on(archive: Archive) -> None:
    signer = checkpoints.signer(archive.process.settings.data)
    async with archive.process.db.transaction() as tx:
        seal = await audit_seals.latest(tx)
    assert seal is not None
    ahead = structs.replace(seal.checkpoint, through=10**9)  # as signed by the old server
    await archive.raw.execute(
        "update service.audit_seals set through = '1000000000', signature = $2 where size = $1",
        seal.size,
        signer.sign(ahead),
    )
    await archive.happens()
    with pytest.raises(BrokenLog, match="loaded from a dump"):
        await audit_seals.seal(archive.process)
