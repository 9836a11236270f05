"""How long what a jury wrote is kept: from when nothing is to come of a test; what was sealed can be proved afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from assessments import appeals, complaints, photos, syncing
from assessments.entries import Entry, Said
from assessments.refusals import RecordingSubmitted
from scheduling import bookings, jury_seats, sessions
from service import check, retention, wiring
from tests.builders.archive import an_archive
from tests.builders.assessments import PICTURE, Sitting, a_sitting
from tests.builders.outcomes import World, a_world, react
from tests.builders.refused import refused
from tests.builders.watch import Watch
from tests.builders.web import settings_for
from tests.builders.words import WORD

Tx = asyncpg.Connection
KINDS = {"photos": 730, "recordings": 1095, "ratings": 1095, "entries": 1095, "deliberations": 1825}
SECOND = timedelta(seconds=1)
FACTS = """select b.id, d.outcome, d.taken_at, v.evaluator_vote, v.observer_vote, v.manager_vote, r.digest, g.indicator, g.rating
           from scheduling.bookings b join assessments.decisions d on d.booking_id = b.id
           join assessments.deliberations v on v.booking_id = b.id join assessments.recordings r on r.booking_id = b.id
           join assessments.ratings g on g.recording_id = r.id order by b.id, d.taken_at, r.digest, g.indicator"""
LEFT = """select (select count(*) from assessments.photos where image is not null) as photos,
                 (select count(*) from assessments.recordings where remarks = $1) as recordings,
                 (select count(*) from assessments.ratings where reason = $1) as ratings,
                 (select count(*) from assessments.entries where said::text like '%' || $1 || '%') as entries,
                 (select count(*) from assessments.deliberations where motivation = $1) as deliberations"""


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def process(database_url: str, tmp_path: Path, watch: Watch) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=watch, house=True) as process:
        yield process


async def written(tx: Tx, sitting: Sitting) -> None:
    """The word in everything that the jury of a sealed grid wrote, and a photograph."""
    at = sitting.test_day
    await photos.keep(tx, sitting.booking, sitting.booking, sitting.evaluator, PICTURE, now=at)
    await tx.execute("set local role none")
    await tx.execute("set local session_replication_role = replica")
    of = sitting.booking
    await tx.execute(
        "update assessments.recordings set remarks = $2 where booking_id = $1 and role = 'evaluator'", of, WORD
    )
    await tx.execute(
        """update assessments.ratings set reason = $2 where (recording_id, indicator) = (
               select r.id, min(g.indicator) from assessments.ratings g join assessments.recordings r on r.id = g.recording_id
               where r.booking_id = $1 and r.role = 'evaluator' group by r.id)""",
        of,
        WORD,
    )
    await tx.execute("update assessments.deliberations set motivation = $2 where booking_id = $1", of, WORD)
    await tx.execute(
        """insert into assessments.entries (id, booking_id, assessor_id, role, kind, said, at, received_at)
           values (gen_random_uuid(), $1, $2, 'evaluator', 'note', jsonb_build_object('text', $3::text), $4, $4)""",
        of,
        sitting.evaluator,
        WORD,
        at,
    )
    await tx.execute("set local session_replication_role = origin")
    await tx.execute("set local role preuve_application")


async def left(process: wiring.Running) -> dict[str, int]:
    async with process.db.read() as tx:
        return dict(await tx.fetchrow(LEFT, WORD))


async def test_what_was_written_goes_after_the_last_day_to_appeal_and_what_was_decided_stays(
    process: wiring.Running, watch: Watch, now: datetime
) -> None:
    async with process.db.transaction() as tx:
        world = await a_world(tx, now)
        await written(tx, world.passed)
        over = await tx.fetchval("select assessments.over_since($1)", world.passed.booking)
        told = await tx.fetchval("select released_at from assessments.decisions where id = $1", world.pass_decision)
        facts = await tx.fetch(FACTS)
    assert over == told + timedelta(days=16), "fifteen days, the last one until midnight"
    for days in sorted({*KINDS.values()}):
        watch.now = over + timedelta(days=days) - SECOND
        await retention.apply(process, dry_run=False)
        assert await left(process) == {kind: int(KINDS[kind] >= days) for kind in KINDS}
        watch.now = over + timedelta(days=days) + SECOND
        would = await retention.apply(process, dry_run=True)
        assert {kind for kind in KINDS if would[kind]} == {kind for kind in KINDS if KINDS[kind] == days}
        assert {kind: count for kind, count in (await retention.apply(process, dry_run=False)).items()} == would
    async with process.db.transaction() as tx:
        assert await tx.fetch(FACTS) == facts
        assert await tx.fetchval("select count(*) from assessments.photos where sha256 is not null") == 1
        await react(tx)
        assert [found.rule for found in await check.audit(tx, now=watch.now) if found.violations] == []


async def test_an_open_appeal_or_complaint_keeps_it_all(process: wiring.Running, watch: Watch, now: datetime) -> None:
    async with process.db.transaction() as tx:
        world: World = await a_world(tx, now)
        await written(tx, world.failed)
        complaint = await complaints.lodge(
            tx, world.failed.candidate, world.failed.centre, "facility", "Froid", booking_id=world.failed.booking,
            now=world.now,
        )  # fmt: skip
    watch.now = world.now + timedelta(days=1900)
    everything = dict.fromkeys(KINDS, 1)
    await retention.apply(process, dry_run=False)
    assert await left(process) == everything, "appeal and complaint are open"
    async with process.db.transaction() as tx:
        await appeals.answer(tx, world.appeal, "rejected", "Vu", reviewer_id=world.reviewer, now=watch.now - SECOND)
    await retention.apply(process, dry_run=False)
    assert await left(process) == everything, "the complaint is open"
    answered = watch.now
    async with process.db.transaction() as tx:
        await complaints.withdraw(tx, complaint, now=answered)
    watch.now = answered + timedelta(days=730) - SECOND
    await retention.apply(process, dry_run=False)
    assert await left(process) == everything, "the days count from the last answer"
    watch.now = answered + timedelta(days=1095) + SECOND
    await retention.apply(process, dry_run=False)
    assert await left(process) == {**dict.fromkeys(KINDS, 0), "deliberations": 1}


async def test_what_was_noted_of_a_test_that_was_cancelled_goes_too(
    process: wiring.Running, watch: Watch, now: datetime
) -> None:
    """From the cancellation on, or from the end of a complaint about it."""
    async with process.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now, attended=False)
        assert await tx.fetchval("select assessments.over_since($1)", sitting.booking) is None
        watch.now = sitting.test_day
        await sessions.cancel(tx, sitting.session, reason="Panne", by=None, now=watch.now)
        await jury_seats.release_all(tx, sitting.session, by=None, now=watch.now)
        await bookings.cancel_all(tx, sitting.session, by=None, now=watch.now)
        brought = Entry(uuid4(), sitting.booking, 1, "note", sitting.test_day, said=Said(WORD))
        batch = syncing.Batch(uuid4(), [brought])
        await syncing.take(tx, sitting.session, batch, assessor_id=sitting.evaluator, now=sitting.test_day)
        complaint = await complaints.lodge(
            tx, sitting.candidate, sitting.centre, "facility", "Froid", booking_id=sitting.booking, now=watch.now
        )
    watch.now += timedelta(days=2000)
    await retention.apply(process, dry_run=False)
    assert (await left(process))["entries"] == 1, "the complaint is open"
    async with process.db.transaction() as tx:
        await complaints.withdraw(tx, complaint, now=sitting.test_day + timedelta(days=1))
    watch.now = sitting.test_day + timedelta(days=1 + KINDS["entries"]) - SECOND
    await retention.apply(process, dry_run=False)
    assert (await left(process))["entries"] == 1
    watch.now += 2 * SECOND
    await retention.apply(process, dry_run=False)
    assert (await left(process))["entries"] == 0
    async with process.db.read() as tx:
        assert await tx.fetchval("select set_aside from assessments.entries") == "session_cancelled"


async def test_the_seal_gives_way_to_what_is_over_and_to_the_house_alone(
    process: wiring.Running, now: datetime
) -> None:
    """Raw SQL, past every verb: unsaid, too early, while an appeal is open, by the grid's author, as anything but a wipe."""
    wipe = "update assessments.recordings set remarks = $2 where booking_id = $1 and role = 'evaluator'"
    async with process.db.transaction() as tx:
        world = await a_world(tx, now)
        over = await tx.fetchval("select assessments.over_since($1)", world.passed.booking)
        far = over + timedelta(days=9000)
        for sitting in (world.passed, world.failed):
            await written(tx, sitting)
        for booking, forgetting, remarks in (
            (world.passed.booking, None, ""),
            (world.passed.booking, over, ""),
            (world.failed.booking, far, ""),
            (world.passed.booking, far, "autre"),
        ):
            await tx.execute("select set_config('preuve.forgetting', $1, true)", str(forgetting or ""))
            async with refused(tx, RecordingSubmitted):
                await tx.execute(wipe, booking, remarks)
        async with refused(tx, RecordingSubmitted), acting(tx, "assessor", world.passed.evaluator):
            await tx.execute(wipe, world.passed.booking, "")
        await tx.execute(wipe, world.passed.booking, "")
    assert await left(process) == {"photos": 2, "recordings": 1, "ratings": 2, "entries": 2, "deliberations": 2}


@asynccontextmanager
async def acting(tx: Tx, role: str, assessor: object) -> AsyncIterator[None]:
    """Not the house any more, inside a savepoint that is undone."""
    await tx.execute(
        f"set local preuve.reach = ''; set local preuve.role = '{role}'; set local preuve.assessor = '{assessor}'"
    )
    yield


async def test_the_audit_trail_can_still_be_proved(database_url: str, tmp_path: Path, now: datetime) -> None:
    """Sealed before, wiped by retention, sealed after: each leaf still stands, and the wiping is in the trail."""
    async with an_archive(database_url, tmp_path, now) as archive:
        process = archive.process
        async with process.db.transaction() as tx:
            world = await a_world(tx, now)
            await written(tx, world.passed)
        await archive.seal()
        later = world.now + timedelta(days=2000)
        async with process.db.transaction() as tx:
            trail = await tx.fetchval("select max(id) from service.audit")
            for kind in KINDS:
                assert await retention.CLEAR[kind](tx, before=later, most=10, now=later) > 0, kind
            rows = await tx.fetch("select distinct subject from service.audit where id > $1 order by 1", trail)
        assert {row["subject"] for row in rows} >= {
            "assessments.deliberations", "assessments.photos", "assessments.recordings"
        }  # fmt: skip
        await archive.seal()
        assert await archive.verdict() == 0
