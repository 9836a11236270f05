"""The copy of an assessor: all we hold about them, nothing of candidates but that they were judged, and nobody's secrets."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from assessments import documents, qualifications, undertakings
from scheduling import assessor_limits, availability, availability_exceptions, busy_calendars
from scheduling.assessor_limits import Limits
from service import accounts, archives, assessor_data, assessor_words, exports, logins, wiring
from service.exports import Whose
from service.i18n import LANGUAGES
from service.outbox import drain
from service.refusals import NotFound
from tests.builders.assessments import Sitting, a_sitting, an_assessor, deliberated, recorded
from tests.builders.outcomes import a_world
from tests.builders.privacy import REACTIONS
from tests.builders.refused import refused
from tests.builders.web import settings_for

Tx = asyncpg.Connection
PDF = b"%PDF-1.7 attestation"

# Every table from which a foreign key, of whatever length, leads to an assessor; and those that name one otherwise.
CONCERNED = """
    with recursive reached (oid) as (
        select 'assessments.assessors'::regclass::oid
        union
        select c.conrelid from pg_constraint c join reached r on r.oid = c.confrelid where c.contype = 'f')
    select oid::regclass::text as name from reached"""
OTHERWISE = {
    "assessments.documents", "scheduling.feeds", "service.mails", "service.import_lines", "service.audit",
}  # fmt: skip
# What is about the candidate whom an assessor judged, and in the candidate's copy.
CANDIDATES = {
    "assessments.new_tests", "assessments.profiles", "assessments.ratings", "certificates.documents",
    "certificates.register", "service.rectifications",
}  # fmt: skip


async def test_no_table_about_assessors_is_missing(tx: Tx) -> None:
    concerned = {row["name"] for row in await tx.fetch(CONCERNED)} | OTHERWISE
    assert sorted(concerned - CANDIDATES - set(assessor_data.READERS)) == [], "add a reader to service/assessor_data.py"
    assert set(assessor_data.READERS) <= concerned
    assert set(assessor_data.READERS) == set(assessor_words.TABLES)


async def nobody(share: float) -> None:
    """Nobody wants to know how far it is."""


async def on_record(tx: Tx, sitting: Sitting, now: datetime) -> UUID:
    """A paper, a declaration, hours, an exception, a calendar and an account of the evaluator; the account's id."""
    one, trade = sitting.evaluator, sitting.unit.trade_id
    paper = await documents.keep(tx, "diplôme de Claude.pdf", PDF, by=None, now=now)
    await qualifications.qualify(
        tx, one, trade, "observer", first_day=date(2020, 1, 1), document_id=paper, now=now
    )  # fmt: skip
    await undertakings.record(
        tx, one, "interest", first_day=date(2020, 1, 1), last_day=None, statement="Mon frère dirige Bati SA", by=None,
        now=now,
    )  # fmt: skip
    await availability.offer(
        tx, assessor_id=one, weekday=2, opens=time(8), closes=time(17), since=now.date()
    )  # fmt: skip
    await availability_exceptions.say(
        tx, assessor_id=one, starts_at=now + timedelta(days=40), ends_at=now + timedelta(days=41), can_come=False,
        by=None, now=now,
    )  # fmt: skip
    await busy_calendars.put(tx, one, "https://agenda.example.org/secret-token.ics", now=now)
    await assessor_limits.put(tx, one, Limits(1, 3), by=None, now=now)
    account = await accounts.register(
        tx, email="claude@example.org", role="assessor", language="fr", assessor_id=one, now=now
    )
    await logins.begin(tx, account, secret="cookie", now=now)
    return account


async def test_all_that_is_held_about_an_assessor_and_nothing_about_candidates(tx: Tx, now: datetime) -> None:
    world = await a_world(tx, now)
    await on_record(tx, world.passed, now)
    records = await assessor_data.read(tx, world.passed.evaluator, told=nobody)
    filled = {table for table, rows in records.items() if rows}
    assert filled >= {
        "assessments.assessors", "assessments.qualifications", "assessments.undertakings", "assessments.documents",
        "assessments.links", "scheduling.availability", "scheduling.availability_exceptions", "scheduling.busy_calendars",
        "scheduling.assessor_limits", "scheduling.jury_seats", "assessments.recordings", "service.accounts",
        "service.logins", "service.audit",
    }  # fmt: skip
    text = msgspec.json.encode(records).decode()
    other = await tx.fetchrow("select * from assessments.candidates where id = $1", world.passed.candidate)
    assert other is not None
    secret = ("secret-token", "secret_hash", other["email"], other["family_name"], str(other["id"]))
    assert [strange for strange in secret if strange in text] == []
    assert "Mon frère dirige Bati SA" in text
    written = {
        column for table in ("recordings", "decisions") for row in records[f"assessments.{table}"] for column in row
    }
    assert not written & {"outcome", "rating", "remarks", "reason", "motivation", "booking"}
    assert records["assessments.recordings"][0]["digest"]


async def test_of_an_appeal_its_reviewer_finds_that_they_reviewed_not_what_it_said(tx: Tx, now: datetime) -> None:
    world = await a_world(tx, now)
    records = await assessor_data.read(tx, world.reviewer, told=nobody)
    assert [row["appeal_number"] for row in records["assessments.appeal_reviewers"]] == [world.appeal]
    assert "Le support" not in msgspec.json.encode(records).decode()
    manager = await assessor_data.read(tx, world.passed.manager, told=nobody)
    assert [row["decision"] for row in manager["assessments.decisions"]] == [world.pass_decision]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_people_read_it_in_their_language(tx: Tx, now: datetime, language: str) -> None:
    sitting = await a_sitting(tx, now=now)
    await on_record(tx, sitting, now)
    records = await assessor_data.read(tx, sitting.evaluator, told=nobody)
    papers = await assessor_data.papers(tx, sitting.evaluator)
    archive = await archives.write(records, papers, form=archives.ASSESSOR, language=language, now=now)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        page = files.read("index.html").decode()
        assert [files.read(name) for name in files.namelist() if name.startswith("papers/")] == [PDF]
    assert {"fr": "Vos sièges dans des jurys", "nl": "Uw zetels in jury’s", "en": "Your seats in juries",
            "de": "Ihre Sitze in Jurys"}[language] in page  # fmt: skip
    assert {"fr": "mardi", "nl": "dinsdag", "en": "Tuesday", "de": "Dienstag"}[language] in page
    assert "[&#39;" not in page
    assert "True" not in page


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=clock, house=True) as process:
        yield process


async def test_the_worker_makes_it_for_them_and_for_nobody_else(process: wiring.Running) -> None:
    now = process.now()
    async with process.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now)
        await recorded(tx, sitting)
        await deliberated(tx, sitting)
        await tx.execute("update service.outbox set done_at = occurred_at")
        mine = Whose(assessor_id=sitting.evaluator)
        export = await exports.ask(tx, mine, language="nl", now=now)
        assert await exports.ask(tx, mine, language="nl", now=now) == export, "one at a time"
    await drain(process, REACTIONS)
    async with process.db.transaction() as tx:
        (ready,) = await exports.of(tx, mine, now=now)
        archive = await exports.archive(tx, export, whose=mine, now=now)
        assert (ready.progress, ready.size) == (100, len(archive))
        stranger: Any = await an_assessor(tx, now=now)
        for whose in (Whose(assessor_id=stranger), Whose(candidate_id=sitting.evaluator), Whose()):
            async with refused(tx, NotFound):
                await exports.archive(tx, export, whose=whose, now=now)
        letter = await tx.fetchrow("select recipient, body from service.mails order by id desc limit 1")
    assert letter is not None
    assert "/record" in letter["body"]
