"""Retention: each kind goes when its days are over and not before; a dry run says what would go and changes nothing."""

import argparse
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from assessments import accommodations, candidates, complaints, consents, national_numbers, photos
from assessments.consents import Recipient
from scheduling import bookings, excuses, feeds, waiting
from service import (
    accounts,
    bundles,
    erasures,
    exports,
    imports,
    mails,
    retention,
    share_links,
    share_views,
    texts,
    wiring,
)
from service.bundling.making import Subject
from service.settings import SettingsFault
from tests.builders.assessments import PICTURE, a_candidate, a_room, a_sitting, an_assessor
from tests.builders.privacy import NUMBER, a_keyring, everything
from tests.builders.shelf_of_standards import lapsed
from tests.builders.stage import a_stage
from tests.builders.watch import Watch
from tests.builders.web import settings_for
from tests.builders.words import words_about

Tx = asyncpg.Connection
OURS = {
    "exports": 0, "bundles": 0, "imports": 30, "mails": 90, "texts": 90, "share_views": 365, "alerts": 30, "feeds": 400,
    "consents": 1095,
    "accommodations": 730, "photos": 730, "excuses": 365, "waiting": 730, "national_numbers": 1095, "candidates": 3650,
    "recordings": 1095, "ratings": 1095, "entries": 1095, "deliberations": 1825, "recognitions": 1825, "recommendations": 1095,
    "mediations": 1825, "appeals": 1825, "complaints": 1095,
    "pictures": 30, "documents": 1825, "undertakings": 1825, "lapse_notices": 400,
    "availability": 365, "availability_exceptions": 365, "busy_times": 30, "invitations": 730, "jury_seats": 730,
    "assessors": 3650,
}  # fmt: skip


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def process(database_url: str, tmp_path: Path, watch: Watch) -> AsyncIterator[wiring.Running]:
    async with wiring.running(
        settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=watch, house=True
    ) as process:
        yield process


async def an_objection_of_each_kind(tx: Tx, noor: UUID, now: datetime) -> None:
    """A complaint; and, as bare rows, an appeal that ended and its mediation: the test they are about is not needed here."""
    centre = (await a_room(tx)).centre_id
    complaint = await complaints.lodge(tx, noor, centre, "facility", "Trop froid", now=now)
    await complaints.withdraw(tx, complaint, now=now)
    await tx.execute("set local role none")
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """with ended as (
               insert into assessments.appeals (decision_id, grounds, lodged_at, due_on, ruled_at, answered_at, outcome,
                                                motivation)
               values (gen_random_uuid(), 'Injuste', $1, '2026-10-01', $1, $1, 'settled', 'Accord') returning id)
           insert into assessments.mediations (appeal_id, led_by, meets_at, minutes, place, planned_at, changed_at, held_at,
                                               result, note)
           select id, gen_random_uuid(), $1, 60, 'Atelier', $1, $1, $1, 'agreed', 'Accord' from ended""",
        now,
    )
    await tx.execute("set local session_replication_role = origin")
    await tx.execute("set local role preuve_application")


async def a_record_of_each_kind(process: wiring.Running, now: datetime) -> UUID:
    """Everything that ends now, of one candidate; their id."""
    async with process.db.transaction() as tx:
        noor = await a_candidate(tx, now=now)
        account = await accounts.register(
            tx, email="n@example.org", role="candidate", language="fr", candidate_id=noor, now=now
        )
        consent = await consents.give(
            tx,
            noor,
            Recipient("actiris", "Actiris"),
            "result",
            purpose="Suivi",
            expires_at=now + timedelta(days=1),
            now=now,
        )
        link = await share_links.create(tx, consent, candidate_id=noor, token="t", now=now)
        await consents.withdraw(tx, consent, candidate_id=noor, now=now)
        await share_views.note(tx, link, now=now)
        feed = await feeds.create(tx, "candidate", noor, token_hash=b"f" * 32, language="fr", by=account, now=now)
        await feeds.revoke(tx, feed, by=account, now=now)
        await tx.execute(
            """insert into scheduling.alerts (candidate_id, query, units, accessible, created_at, expires_at, ended_at)
               values ($1, 'words=mur', array[gen_random_uuid()], false, $2, $2::timestamptz + interval '1 day', $2)""",
            noor,
            now,
        )
        await an_objection_of_each_kind(tx, noor, now)
        await accommodations.grant(tx, await accommodations.request(tx, noor, "reader", now=now), by=None, now=now)
        await national_numbers.record(tx, noor, NUMBER, keyring=a_keyring(), now=now)
        await mails.write(tx, mails.Draft("n@example.org", "Bonjour", "Noor"), outbox_id=1, now=now)
        await mails.file_away(tx, now=now)
        await texts.write(tx, noor, "+32470000000", "Rappel", outbox_id=1, now=now)
        await tx.execute("update service.texts set sent_at = $1", now)
        sitting = await a_sitting(tx, now=now)
        await photos.keep(tx, sitting.booking, sitting.booking, sitting.evaluator, PICTURE, now=now)
        await words_about(tx, sitting, now)
        await lapsed(tx, sitting.evaluator, sitting.centre, now)
        await exports.ask(tx, exports.Whose(candidate_id=noor), language="fr", now=now - timedelta(days=7))
        await bundles.ask(tx, Subject(year=2020), by=noor, now=now - timedelta(days=7))
        centre = await tx.fetchval("select id from scheduling.centres limit 1")
        await imports.ask(
            tx, "rooms", centre, name="a", file=b"a", by=await accounts.get(tx, account), now=now
        )  # fmt: skip
        await an_excuse_and_a_wait(tx, noor, now)
        await an_assessor_long_ago(tx, now)
    return noor


async def an_assessor_long_ago(tx: Tx, now: datetime) -> None:
    """Somebody whose last hours, exception, busy time, and seat (as a bare row, with its invitation) end now."""
    one = await an_assessor(tx, now=now)
    for row in (
        """insert into scheduling.availability (assessor_id, weekday, opens, closes, valid)
           values ($1, 2, '08:00', '17:00', daterange(null, service.day($2::timestamptz) + 1))""",
        """insert into scheduling.availability_exceptions (assessor_id, during, can_come, said_at)
           values ($1, tstzrange($2::timestamptz - interval '1 hour', $2), false, $2)""",
        """insert into scheduling.busy_times (assessor_id, during, imported_at)
           values ($1, tstzrange($2::timestamptz - interval '1 hour', $2), $2)""",
    ):
        await tx.execute(row, one, now)
    await tx.execute("set local role none")
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """with sat as (
               insert into scheduling.jury_seats (session_id, assessor_id, role, during, given_at, despite)
               values (gen_random_uuid(), $1, 'observer', tstzrange($2::timestamptz - interval '1 hour', $2), $2, 'd’accord')
               returning id, session_id)
           insert into scheduling.invitations (session_id, assessor_id, role, seat_id, invited_at, answer_by, accepted_at)
           select session_id, $1, 'observer', id, $2, $2::timestamptz + interval '1 day', $2 from sat""",
        one,
        now,
    )
    await tx.execute("set local session_replication_role = origin")
    await tx.execute("set local role preuve_application")


async def an_excuse_and_a_wait(tx: asyncpg.Connection, noor: UUID, now: datetime) -> None:
    """Missed two weeks ago, explained and waited for today."""
    stage = await a_stage(tx, now - timedelta(days=28))
    missed = await bookings.book(tx, await stage.open(tx), noor, by=None, now=stage.now)
    await bookings.release_seat(tx, missed, "no_show", by=None, now=stage.morning)
    await excuses.ask(tx, missed, "malade", policy=excuses.ExcusePolicy(), now=now)
    wish = waiting.Wish(languages=("fr",), earliest=now.date())
    await waiting.leave(tx, await waiting.join(tx, noor, stage.unit, wish, now=now), now=now)


async def test_a_kind_goes_the_moment_its_days_are_over(process: wiring.Running, watch: Watch, now: datetime) -> None:
    await a_record_of_each_kind(process, now)
    gone: set[str] = set()
    for days in sorted({*OURS.values()} - {0}):
        watch.now = now + timedelta(days=days) - timedelta(seconds=1)
        went = await retention.apply(process, dry_run=False)
        assert {kind for kind in OURS if OURS[kind] < days} - gone == {kind for kind, count in went.items() if count}
        gone |= {kind for kind in OURS if OURS[kind] < days}
    watch.now += timedelta(seconds=2)
    would = await retention.apply(process, dry_run=True)
    assert {kind for kind, count in would.items() if count} == {"candidates", "assessors"}
    assert await retention.apply(process, dry_run=False) == would
    assert set((await retention.apply(process, dry_run=False)).values()) == {0}


async def test_a_dry_run_changes_nothing_at_all(process: wiring.Running, watch: Watch, now: datetime) -> None:
    noor = await a_record_of_each_kind(process, now)
    watch.now = now + timedelta(days=5000)
    async with process.db.read() as tx:
        before = await everything(tx)
    gone = await retention.apply(process, dry_run=True)
    async with process.db.read() as tx:
        assert await everything(tx) == before
        assert (await candidates.get(tx, noor)).erased_at is None
    assert gone == {kind: 1 for kind in OURS} | {"erasures": 0, "assessor_erasures": 0}


async def test_more_than_a_batch_goes_in_one_night(process: wiring.Running, watch: Watch, now: datetime) -> None:
    async with process.db.transaction() as tx:
        for number in range(retention.BATCH + 3):
            await mails.write(tx, mails.Draft("n@example.org", f"{number}", ""), outbox_id=number, now=now)
        await mails.file_away(tx, now=now)
    watch.now = now + timedelta(days=90, seconds=1)
    for dry_run in (True, False):
        assert (await retention.apply(process, dry_run=dry_run))["mails"] == retention.BATCH + 3


async def test_what_is_under_way_keeps_a_candidate(process: wiring.Running, watch: Watch, now: datetime) -> None:
    async with process.db.transaction() as tx:
        await a_sitting(tx, now=now)
        await tx.execute("update service.outbox set done_at = occurred_at")
    watch.now = now + timedelta(days=9000)
    assert (await retention.apply(process, dry_run=True))["candidates"] == 0


async def test_who_came_back_is_not_idle(process: wiring.Running, watch: Watch, now: datetime) -> None:
    noor = await a_record_of_each_kind(process, now)
    async with process.db.transaction() as tx:
        await tx.execute(
            """insert into service.logins (secret_hash, account_id, signed_in_at, seen_at, expires_at)
               select sha256('x'), id, $2, $2, $2 from service.accounts where candidate_id = $1""",
            noor,
            now + timedelta(days=3000),
        )
    watch.now = now + timedelta(days=4000)
    gone = await retention.apply(process, dry_run=True)
    assert (gone["candidates"], gone["national_numbers"]) == (0, 0)


async def test_who_had_to_wait_to_be_erased_is_erased_in_the_night(
    process: wiring.Running, watch: Watch, now: datetime
) -> None:
    async with process.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now)
        await erasures.ask(tx, sitting.candidate, now=now)
    assert (await retention.apply(process, dry_run=False))["erasures"] == 0
    async with process.db.transaction() as tx:
        await tx.execute("update scheduling.bookings set closed_at = $1", now)
    assert (await retention.apply(process, dry_run=False))["erasures"] == 1
    async with process.db.read() as tx:
        assert (await candidates.get(tx, sitting.candidate)).erased_at == now


@pytest.mark.parametrize(("hour", "runs"), [(0, True), (3, True), (4, False), (23, False)])
async def test_once_a_night_by_whoever_comes_first(
    process: wiring.Running, watch: Watch, hour: int, runs: bool
) -> None:
    """Two to six in the morning in Brussels, which is midnight to four UTC in summer."""
    watch.now = datetime(2026, 7, 1, hour, 30, tzinfo=UTC)
    assert [await retention.nightly(process) for _ in range(2)] == [runs, False]
    watch.now += timedelta(days=1)
    assert await retention.nightly(process) == runs
    async with process.db.read() as tx:
        nights = await tx.fetch("select ended_at, gone from service.retention")
    assert [
        set(night["gone"]) == {*OURS, "erasures", "assessor_erasures"} and night["ended_at"] is not None
        for night in nights
    ] == [True] * 2 * runs


async def test_an_installation_writes_its_own_days(process: wiring.Running) -> None:
    assert retention.rules(process.settings).days == OURS
    own = process.settings.data / "retention.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text("[days]\nmails = 30\n")
    assert retention.rules(process.settings).days == {**OURS, "mails": 30}
    for wrong in ("[days]\nletters = 1\n", "[days]\nmails = -1\n", "[days]\nmails = 'x'\n", "days", "[other]\n"):
        own.write_text(wrong)
        with pytest.raises(SettingsFault, match=r"retention\.toml"):
            retention.rules(process.settings)


def test_every_kind_has_its_days_and_says_that_they_are_ours() -> None:
    assert set(retention.CLEAR) == set(OURS)
    lines = (Path(retention.__file__).parent / "retention.toml").read_text().partition("[days]")[2].strip().splitlines()
    assert all("[proposal]" in line for line in lines)


def test_the_command_says_what_would_go(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    assert retention.command(argparse.Namespace(dry_run=True), settings) == 0
    assert "mails              kept 90 days             0 would go" in capsys.readouterr().out
