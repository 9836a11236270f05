"""Exports: everything we hold about a person and nothing of anybody else's, in a file for them and one for machines."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from assessments import consents, national_numbers, recordings
from assessments.consents import Recipient
from service import archives, exports, keys, personal_data, personal_words, wiring
from service.i18n import LANGUAGES
from service.outbox import census, drain
from service.refusals import NotFound
from tests.builders.assessments import a_candidate, a_sitting, deliberated, recorded
from tests.builders.outcomes import a_world
from tests.builders.privacy import NUMBER, REACTIONS, WRITTEN, a_keyring
from tests.builders.refused import refused
from tests.builders.web import settings_for

Tx = asyncpg.Connection

# Every table from which a foreign key, of whatever length, leads to a candidate; and those that name one otherwise.
CONCERNED = """
    with recursive reached (oid) as (
        select 'assessments.candidates'::regclass::oid
        union
        select c.conrelid from pg_constraint c join reached r on r.oid = c.confrelid where c.contype = 'f')
    select oid::regclass::text as name from reached
    union
    select a.attrelid::regclass::text from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind = 'r' join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('service', 'scheduling', 'assessments', 'certificates') and not a.attisdropped
      and a.attname in ('candidate_id', 'recipient', 'email', 'phone', 'birth_date', 'holder_name')"""

# What those queries find and what is not the candidate's: about whom it is instead.
OTHERS = {"assessments.assessors": "members of juries", "scheduling.centres": "centres"}
NAMED_OTHERWISE = {"scheduling.feeds", "service.mails", "service.external_references"}


async def test_no_table_about_candidates_is_missing(tx: Tx) -> None:
    concerned = {row["name"] for row in await tx.fetch(CONCERNED)} | NAMED_OTHERWISE
    assert sorted(concerned - set(OTHERS) - set(personal_data.READERS)) == [], (
        "add a reader to service/personal_data.py"
    )
    assert set(personal_data.READERS) <= concerned
    assert set(personal_data.READERS) == set(personal_words.TABLES)


async def nobody(share: float) -> None:
    """Nobody wants to know how far it is."""


async def read(tx: Tx, candidate: Any) -> dict[str, list[dict[str, Any]]]:
    return await personal_data.read(tx, candidate, keyring=a_keyring(), told=nobody)


async def test_everything_of_mine_is_in_it_and_nothing_of_anybody_elses(tx: Tx, now: datetime) -> None:
    world = await a_world(tx, now)
    mine, theirs = world.passed.candidate, world.failed.candidate
    await consents.give(
        tx,
        mine,
        Recipient("employer", "Boulangerie"),
        "result",
        purpose="Paie",
        expires_at=now + timedelta(days=9),
        now=now,
    )
    records = await read(tx, mine)
    filled = {table for table, rows in records.items() if rows}
    assert filled >= {
        "assessments.candidates", "scheduling.bookings", "assessments.recordings", "assessments.ratings",
        "assessments.deliberations", "assessments.decisions", "certificates.register", "assessments.consents",
        "assessments.links",
    }  # fmt: skip
    assert len(records["assessments.candidates"]) == 1
    text = msgspec.json.encode(records).decode()
    (other,) = (await read(tx, theirs))["assessments.candidates"]
    for strange in (other["email"], str(theirs), str(world.failed.booking), str(world.passed.evaluator), "Lambert"):
        assert strange not in text


async def test_a_result_that_was_not_told_yet_is_not_in_it(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    assert await recordings.of_booking(tx, sitting.booking)
    records = await read(tx, sitting.candidate)
    assert len(records["scheduling.bookings"]) == 1
    for table in ("recordings", "ratings", "deliberations", "decisions", "profiles"):
        assert records[f"assessments.{table}"] == []


async def test_neither_number_nor_secret_is_in_it(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    await national_numbers.record(tx, noor, NUMBER, keyring=a_keyring(), now=now)
    records = await read(tx, noor)
    assert records["assessments.national_numbers"][0]["number"] == "••.••.••-•••.90"
    columns = {column for rows in records.values() for row in rows for column in row}
    assert not columns & {"token_hash", "secret_hash", "sealed", "lookup", "key_id", "address_hash", "origin_hash"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_people_read_it_in_their_language_and_names_stay_text(tx: Tx, now: datetime, language: str) -> None:
    noor = await a_candidate(tx, now=now)
    await tx.execute("update assessments.candidates set family_name = '<script>alert(1)</script>' where id = $1", noor)
    archive = await archives.write(
        await read(tx, noor), [("certificates/A.pdf", b"%PDF")], form=archives.CANDIDATE, language=language, now=now
    )
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.testzip() is None
        assert files.namelist() == ["index.html", "data.json", "certificates/A.pdf"]
        page, data = files.read("index.html").decode(), msgspec.json.decode(files.read("data.json"))
    assert f'<html lang="{language}">' in page
    assert {"fr": "Qui vous êtes", "nl": "Wie u bent", "en": "Who you are", "de": "Wer Sie sind"}[language] in page
    assert "<script>" not in page
    assert data["records"]["assessments.candidates"][0]["family_name"] == "<script>alert(1)</script>"


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    async with wiring.running(
        settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=clock, house=True
    ) as process:
        yield process


async def test_the_worker_makes_it_tells_and_keeps_it_for_a_week(process: wiring.Running) -> None:
    now = process.now()
    async with process.db.transaction() as tx:
        noor, sam = await a_candidate(tx, now=now), await a_candidate(tx, now=now)
        await national_numbers.record(tx, noor, NUMBER, keyring=keys.keyring(process.settings), now=now)
        export = await exports.ask(tx, exports.Whose(candidate_id=noor), language="nl", now=now)
        assert await exports.ask(tx, exports.Whose(candidate_id=noor), language="nl", now=now) == export, (
            "one at a time"
        )
        (waiting,) = await exports.of(tx, exports.Whose(candidate_id=noor), now=now)
        assert (waiting.progress, waiting.ready_at) == (0, None)
        async with refused(tx, NotFound):
            await exports.archive(tx, export, whose=exports.Whose(candidate_id=noor), now=now)
    await drain(process, REACTIONS)
    async with process.db.transaction() as tx:
        assert (await census(tx)).waiting == 0
        (ready,) = await exports.of(tx, exports.Whose(candidate_id=noor), now=now)
        archive = await exports.archive(tx, export, whose=exports.Whose(candidate_id=noor), now=now)
        assert (ready.progress, ready.size) == (100, len(archive))
        for who, at in ((sam, now), (noor, now + timedelta(days=7))):
            async with refused(tx, NotFound):
                await exports.archive(tx, export, whose=exports.Whose(candidate_id=who), now=at)
        letter = await tx.fetchrow("select subject, body from service.mails")
        assert letter is not None
        assert letter["subject"] == "La copie de vos données est prête", "in the candidate's language"
        assert "/privacy" in letter["body"]
        assert await exports.ask(tx, exports.Whose(candidate_id=noor), language="nl", now=now) != export, (
            "and then another"
        )
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        whole = b"".join(files.read(name) for name in files.namelist()).decode()
    assert "••.••.••-•••.90" in whole
    assert NUMBER not in whole
    assert WRITTEN not in whole


async def test_how_far_it_is_can_be_seen_before_it_is_done(
    process: wiring.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    write = archives.write

    async def looking(*given: Any, **more: Any) -> bytes:
        async with process.db.read() as other:
            seen.append((await exports.of(other, exports.Whose(candidate_id=noor), now=process.now()))[0].progress)
        return await write(*given, **more)

    async with process.db.transaction() as tx:
        noor = await a_candidate(tx, now=process.now())
        await exports.ask(tx, exports.Whose(candidate_id=noor), language="fr", now=process.now())
    monkeypatch.setattr(archives, "write", looking)
    await drain(process, REACTIONS)
    assert seen == [90]


async def test_of_who_is_erased_meanwhile_nothing_is_kept(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        noor = await a_candidate(tx, now=process.now())
        await exports.ask(tx, exports.Whose(candidate_id=noor), language="fr", now=process.now())
        await exports.erase(tx, exports.Whose(candidate_id=noor))
    await drain(process, REACTIONS)
    async with process.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.exports") == 0
        assert await tx.fetchval("select count(*) from service.mails") == 0
