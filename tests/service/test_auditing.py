"""`preuve audit`: what nobody tampered with holds; one row changed, removed or put in by raw SQL is found."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from msgspec import structs

from service import audit, audit_seals, auditing, checkpoints
from service.settings import SettingsFault
from tests.builders.archive import Archive, an_archive


@pytest.fixture
async def archive(database_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Archive]:
    async with an_archive(database_url, tmp_path, now) as archive:
        yield archive


@pytest.fixture
def says(archive: Archive, capsys: pytest.CaptureFixture[str]) -> Callable[..., Awaitable[tuple[int, str]]]:
    async def said(**arguments: object) -> tuple[int, str]:
        status = await archive.verdict(**arguments)
        return status, capsys.readouterr().out

    return said


Says = Callable[..., Awaitable[tuple[int, str]]]


async def test_what_nobody_touched_is_as_it_was_sealed(archive: Archive, says: Says) -> None:
    sealed = await archive.raw.fetchval("select count(*) from service.audit")
    async with archive.process.db.transaction() as tx:
        await archive.stage.candidate(tx)
    status, text = await says()
    assert status == 0
    assert f"{sealed} entries in 3 seals are as they were sealed; 0 of them are erased. 1 wait" in text


# Of six candidates in three seals of two, (third) is the entry of the third. Each statement is one hand in the files.
TAMPERED = {
    "a date changed": (
        "update service.audit set at = at - interval '1 second' where id = (third)",
        "was changed after",
    ),
    "an actor changed": ("update service.audit set actor = gen_random_uuid() where id = (third)", "was changed after"),
    "what was done changed": (
        "update service.audit set action = 'candidate.kept' where id = (third)",
        "was changed after",
    ),
    "whom it concerns changed": (
        "update service.audit set candidate_id = null where id = (third)",
        "was changed after",
    ),
    "a value changed": (
        """update service.audit set changes = '{"phone": []}' where id = (third)""",
        "was changed after",
    ),
    "a salt changed": (
        "update service.audit set salt = uuid_send(gen_random_uuid()) where id = (third)",
        "was changed after",
    ),
    "removed": ("delete from service.audit where id = (third)", "is missing"),
    "moved": ("update service.audit set transaction = '9999999' where id = (third)", "is missing"),
    "put in, with a number that was left out": (
        """insert into service.audit (id, transaction, (copied)) overriding system value
            select (third) - 1000, transaction, (copied) from service.audit where id = (third)""",
        "was put there after",
    ),
    "put in twice": (
        """insert into service.audit (id, transaction, (copied)) overriding system value
            select id, (transaction::text::bigint - 1)::text::xid8, (copied) from service.audit where id = (third)""",
        "was changed after",
    ),
    "put in before the beginning": (
        """insert into service.audit (id, transaction, (copied)) overriding system value
            select -1, '0', (copied) from service.audit where id = (third)""",
        "was put there after",
    ),
    "put in at the end, in the last transaction that is sealed": (
        """insert into service.audit (id, transaction, (copied)) overriding system value
            select max(id) - 1000, max(transaction), (array_agg(at))[1], null, null, 'read.file', null, 'x', null, null, '{}',
                   sha256('salt'), null from service.audit""",
        "was put there after",
    ),
    "put in at the end, as of a transaction to come": (
        """insert into service.audit (action, subject, transaction) values ('read.file', 'x', '99999999')""",
        "of a transaction that has not been",
    ),
    "emptied": (
        """update service.audit set salt = null, changes = null, subject_id = null, candidate_id = null,
               commitment = sha256('anything') where id = (third)""",
        "was changed after",
    ),
}


@pytest.mark.parametrize(("sql", "found"), TAMPERED.values(), ids=list(TAMPERED))
async def test_one_row_by_raw_sql_is_found(archive: Archive, says: Says, sql: str, found: str) -> None:
    assert (await says())[0] == 0
    await archive.tamper(sql)
    code, text = await says()
    assert (code, found in text) == (2, True), text


async def test_the_faulty_row_is_named(archive: Archive, says: Says) -> None:
    third = await archive.third()
    await archive.tamper("delete from service.audit where id = (third)")
    assert await says() == (2, f"Entry {third} is missing.\n")


async def test_emptied_without_an_erasure_is_found_and_with_one_it_holds(archive: Archive, says: Says) -> None:
    candidate = await archive.raw.fetchval(
        "select candidate_id from service.audit where id = $1", await archive.third()
    )
    async with archive.process.db.transaction() as tx:
        assert await audit.erase(tx, candidate) == 1
    assert (await says())[0] == 0
    await archive.seal()
    status, text = await says()
    assert (status, "1 of them are erased" in text) == (0, True)
    await archive.raw.execute("delete from service.audit where action = 'audit.erased'")
    assert "was emptied, and no erasure names it" in (await says())[1]


async def test_what_was_erased_before_it_was_sealed_holds_too(archive: Archive, says: Says) -> None:
    async with archive.process.db.transaction() as tx:
        await audit.erase(tx, await archive.stage.candidate(tx))
    await archive.seal()
    assert (await says())[0] == 0


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("update service.audit_seals set root = sha256('') where size = $1", "signature is false"),
        (
            "update service.audit_seals set sealed_at = sealed_at - interval '1 day' where size = $1",
            "signature is false",
        ),
        ("update service.audit_seals set signature = sha512('') where size = $1", "signature is false"),
        ("update service.audit_seals set leaves = set_byte(leaves, 3, 0) where size = $1", "do not give its root"),
        (
            "update service.audit_seals set entries[1] = entries[1] + 1000 where size = $1",
            "was put there after|is missing",
        ),
        ("delete from service.audit_seals where size = $1", "A seal between 0 and"),
    ],
)
async def test_a_seal_that_was_touched_is_found(archive: Archive, says: Says, sql: str, found: str) -> None:
    first = await archive.raw.fetchval("select min(size) from service.audit_seals")
    await archive.raw.execute(sql, first)
    code, text = await says()
    assert code == 2
    assert any(one in text for one in found.split("|")), text


async def test_a_row_and_its_leaf_changed_together_do_not_give_the_root(archive: Archive, says: Says) -> None:
    async with archive.process.db.transaction() as tx:
        seal = await audit_seals.latest(tx)
        assert seal is not None
        (last,) = [one for one in await audit.between(tx, audit.BEGINNING, seal.last) if one.id == seal.entries[-1]]
    forged = structs.replace(last, role="manager")
    await archive.raw.execute("update service.audit set role = 'manager' where id = $1", last.id)
    leaves = seal.leaves[:-32] + audit.leaf(forged)
    await archive.raw.execute("update service.audit_seals set leaves = $2 where size = $1", seal.size, leaves)
    assert "do not give its root" in (await says())[1]


async def test_an_end_that_was_cut_off_is_found_by_a_checkpoint_kept_elsewhere(
    archive: Archive, says: Says, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "kept.txt"
    elsewhere.write_text(checkpoints.published(tmp_path) or "")
    seals = await archive.raw.fetch("select size, entries from service.audit_seals order by size desc limit 1")
    await archive.raw.execute("delete from service.audit where id = any($1)", seals[0]["entries"])
    await archive.raw.execute("delete from service.audit_seals where size = $1", seals[0]["size"])
    assert "its end is gone" in (await says())[1]  # the data folder keeps the newest one
    with pytest.raises(audit_seals.BrokenLog, match=r"audit\.checkpoint has"):
        await audit_seals.seal(archive.process)
    (tmp_path / "audit.checkpoint").unlink()
    assert (await says())[0] == 0
    assert "its end is gone" in (await says(checkpoint=elsewhere))[1]


async def test_a_log_written_anew_with_the_key_is_another_than_the_checkpoint_s(
    archive: Archive, says: Says, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "kept.txt"
    elsewhere.write_text(checkpoints.published(tmp_path) or "")
    await archive.tamper("update service.audit set role = 'manager' where id = (third)")
    await archive.raw.execute("truncate service.audit_seals")
    (tmp_path / "audit.checkpoint").unlink()
    await archive.seal()
    assert (await says())[0] == 0
    assert "it was written anew" in (await says(checkpoint=elsewhere))[1]


async def test_an_antedated_entry_is_found_although_it_is_sealed(archive: Archive, says: Says) -> None:
    await archive.raw.execute("insert into service.audit (action, subject, at) values ('read.file', 'x', '2026-01-01')")
    assert (await says())[0] == 0
    await archive.seal()
    assert "is antedated" in (await says())[1]


async def test_an_auditor_needs_the_public_key_only_and_reads_no_private_part(
    archive: Archive, says: Says, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = archive.process.settings
    await asyncio.to_thread(auditing.command, argparse.Namespace(act="key"), settings)
    key = capsys.readouterr().out.strip()
    await asyncio.to_thread(auditing.command, argparse.Namespace(act="export", entries=False), settings)
    (tmp_path / "kept.txt").write_text(capsys.readouterr().out)
    await asyncio.to_thread(auditing.command, argparse.Namespace(act="export", entries=True), settings)
    lines = capsys.readouterr().out
    candidates = await archive.raw.fetch("select id from assessments.candidates")
    assert len(candidates) == 6
    assert not [row["id"] for row in candidates if str(row["id"]) in lines]
    (tmp_path / "audit.key").unlink()
    assert (await says(key=key, checkpoint=tmp_path / "kept.txt"))[0] == 0
    assert await says() == (2, "The checkpoint cannot be relied on: signed by none of the known keys.\n")
    (tmp_path / "audit.checkpoint").unlink()
    assert "or of another key" in (await says())[1]
    with pytest.raises(SettingsFault, match="--key"):
        await says(key="nonsense")
    with pytest.raises(SettingsFault, match="--checkpoint"):
        await says(key=key, checkpoint=tmp_path / "nowhere.txt")
