"""Reminders: by the clock in Brussels, once each whoever sends them; the question, and what no answer means."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings, confirmations, sessions
from scheduling.refusals import NotInThatState
from service import outbox, reactions, reminders, wiring
from service.settings import SettingsFault
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage
from tests.builders.watch import Watch
from tests.builders.web import settings_for

Tx = asyncpg.Connection


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def process(database_url: str, tmp_path: Path, watch: Watch) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=watch, house=True) as process:
        yield process


@pytest.fixture
async def stage(process: wiring.Running, now: datetime) -> Stage:
    """Its test is on Tuesday 15 September 2026, nine o'clock in Brussels; it was booked two weeks before."""
    async with process.db.transaction() as tx:
        return await a_stage(tx, now)


async def booked(process: wiring.Running, stage: Stage) -> tuple[UUID, UUID]:
    async with process.db.transaction() as tx:
        return await stage.booked(tx)


def ask_and_release(process: wiring.Running) -> None:
    process.settings.data.mkdir(exist_ok=True)
    (process.settings.data / "reminders.toml").write_text("release = 3\n")


async def subjects(process: wiring.Running) -> list[str]:
    await outbox.drain(process, reactions.BY_TOPIC)
    async with process.db.read() as tx:
        assert await outbox.census(tx) == outbox.Census(0, 0, 0, None)
        return [row["subject"] for row in await tx.fetch("select subject from service.mails order by id")]


async def test_seven_two_and_no_days_before_each_once_from_seven_to_eight(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    _, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 1, 22, tzinfo=UTC)
    noted: list[tuple[str, int]] = []
    while watch.now < datetime(2026, 9, 16, tzinfo=UTC):
        if count := await reminders.remind(process):
            noted.append((f"{watch.now:%d %H:%M}", count))
        watch.now += timedelta(minutes=30)
    assert noted == [("08 05:00", 1), ("13 05:00", 1), ("15 05:00", 1)]  # seven o'clock in Brussels
    async with process.db.read() as tx:
        rows = await tx.fetch("select days_before, asks, release_at from service.reminders order by reminded_at")
    assert [tuple(row) for row in rows] == [(7, True, None), (2, False, None), (0, False, None)]
    assert booking


async def test_a_worker_that_was_away_catches_up_until_the_next_one_is_due(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    await booked(process, stage)
    watch.now = datetime(2026, 9, 10, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 1
    watch.now = datetime(2026, 9, 15, 6, tzinfo=UTC)  # the one of two days before is past its time
    assert await reminders.remind(process) == 1
    watch.now = datetime(2026, 9, 15, 8, tzinfo=UTC)  # and the test has begun
    assert await reminders.remind(process) == 0


async def test_who_books_after_the_moment_of_a_reminder_is_not_reminded_of_what_they_just_read(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    async with process.db.transaction() as tx:
        session = await stage.open(tx)
        watch.now = datetime(2026, 9, 9, 9, tzinfo=UTC)
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=watch.now)
    watch.now += timedelta(hours=1)
    assert await reminders.remind(process) == 0
    watch.now = datetime(2026, 9, 13, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 1


async def test_a_seat_given_back_and_a_cancelled_session_are_not_reminded_of(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    session, booking = await booked(process, stage)
    async with process.db.transaction() as tx:
        await bookings.release_seat(tx, booking, "excused", by=None, now=process.now())
        await bookings.book(tx, session, await stage.candidate(tx), by=None, now=process.now())
        await sessions.cancel(tx, session, reason="Panne", by=None, now=process.now())
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 0


async def test_a_reminder_overtaken_by_a_cancellation_says_nothing(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    _, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 1
    async with process.db.transaction() as tx:
        await bookings.release_seat(tx, booking, "excused", by=None, now=process.now())
    assert not [subject for subject in await subjects(process) if subject.startswith("Rappel")]


async def test_a_test_that_is_moved_to_another_day_is_reminded_of_anew(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    session, _ = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 1
    async with process.db.transaction() as tx:
        later = stage.morning + timedelta(days=7)
        await sessions.move(tx, session, starts_at=later, room_id=stage.room, by=None, now=process.now())
    assert await reminders.remind(process) == 0
    watch.now = datetime(2026, 9, 15, 9, tzinfo=UTC)
    assert await reminders.remind(process) == 1


async def test_two_workers_at_once_remind_once(process: wiring.Running, stage: Stage, watch: Watch) -> None:
    """Staged: the first has noted it and not committed when the second tries, which waits, and finds it done."""
    _, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    async with process.db.transaction() as tx:
        first = await reminders.note(
            tx, booking, 7, test_day=date(2026, 9, 15), asks=True, release_at=None, now=process.now()
        )
        second = asyncio.create_task(reminders.remind(process))
        await waits_for_a_lock(process)
    assert (first, await second) == (True, 0)
    assert [subject for subject in await subjects(process) if subject.startswith("Rappel")] == [
        "Rappel\xa0: votre épreuve du mardi 15 septembre 2026"
    ]


async def waits_for_a_lock(process: wiring.Running) -> None:
    async with asyncio.timeout(20):
        while True:
            async with process.db.read() as tx:
                if await tx.fetchval("select exists (select from pg_locks where not granted)"):
                    return
            await asyncio.sleep(0.02)


async def test_the_question_says_until_when_and_no_answer_gives_the_seat_away(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    ask_and_release(process)
    session, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    await reminders.remind(process)
    await subjects(process)
    async with process.db.read() as tx:
        body = await tx.fetchval("select body from service.mails where subject like 'Rappel%'")
    assert "Répondez avant le samedi 12 septembre 2026, 7 h 00." in body.replace("\xa0", " ")
    assert f"/bookings/{booking}/reminder" in body
    watch.now = datetime(2026, 9, 12, 4, 59, tzinfo=UTC)
    assert await reminders.release_unanswered(process) == 0
    watch.now += timedelta(minutes=1)
    assert [await reminders.release_unanswered(process) for _ in range(2)] == [1, 0]
    async with process.db.read() as tx:
        assert (await bookings.get(tx, booking)).release == "expired"
        assert (await sessions.get(tx, session)).taken == 0
    assert (await subjects(process))[-1].startswith("Votre place a été libérée")
    async with process.db.read() as tx:
        calendar = await tx.fetchval("select calendar from service.mails order by id desc limit 1")
    assert b"METHOD:CANCEL" in calendar


async def test_the_clocks_may_change_between_reminder_and_test(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    """In the night to 25 October 2026 an hour comes twice; seven o'clock is one moment, before and after."""
    async with process.db.transaction() as tx:
        await stage.booked(tx, starts_at=datetime(2026, 10, 26, 8, tzinfo=UTC))
    noted = []
    for moment in ("2026-10-19T04:59", "2026-10-19T05:00", "2026-10-24T05:00", "2026-10-26T05:59", "2026-10-26T06:00"):
        watch.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        noted.append(await reminders.remind(process))
    assert noted == [0, 1, 1, 0, 1]


async def test_who_says_that_they_come_keeps_the_seat(process: wiring.Running, stage: Stage, watch: Watch) -> None:
    ask_and_release(process)
    _, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    await reminders.remind(process)
    async with process.db.transaction() as tx:
        for _ in range(2):
            await confirmations.confirm(tx, booking, by=None, now=process.now())
        assert await tx.fetchval("select count(*) from scheduling.confirmations") == 1
        assert await tx.fetchval("select count(*) from service.audit where action = 'confirmation.added'") == 1
    watch.now = datetime(2026, 9, 13, 9, tzinfo=UTC)
    assert await reminders.release_unanswered(process) == 0


async def test_an_answer_and_the_release_never_both_count(process: wiring.Running, stage: Stage, watch: Watch) -> None:
    """Staged: the answer is there and not committed when the release comes; it waits, and leaves the seat alone."""
    ask_and_release(process)
    _, booking = await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    await reminders.remind(process)
    watch.now = datetime(2026, 9, 12, 9, tzinfo=UTC)
    async with process.db.transaction() as tx:
        await confirmations.confirm(tx, booking, by=None, now=process.now())
        release = asyncio.create_task(reminders.release_unanswered(process))
        await waits_for_a_lock(process)
    assert await release == 0
    async with process.db.transaction() as tx:
        await bookings.release_seat(tx, booking, "excused", by=None, now=process.now())
        async with refused(tx, NotInThatState):
            await confirmations.confirm(tx, booking, by=None, now=process.now())


async def test_the_letters_lead_to_the_booking_and_to_other_dates_of_the_same_test(
    process: wiring.Running, stage: Stage, watch: Watch
) -> None:
    process.settings.data.mkdir(exist_ok=True)
    (process.settings.data / "reminders.toml").write_text("days = [7, 3]\ntexts = []\nrelease = 3\n")
    _, booking = await booked(process, stage)
    for day in (8, 12):
        watch.now = datetime(2026, 9, day, 5, tzinfo=UTC)
        await reminders.remind(process)
        await subjects(process)
    await reminders.release_unanswered(process)
    await subjects(process)
    async with process.db.read() as tx:
        rows = await tx.fetch("select body from service.mails where recipient like 'candidate%' order by id")
        code = await tx.fetchval("select code from assessments.units where id = $1", stage.unit)
    _, asked, reminded, given_away = [row["body"] for row in rows]
    assert f"http://localhost:8000/bookings/{booking}/reminder\n" in asked
    assert f"http://localhost:8000/bookings/{booking}\n" in reminded
    assert f"http://localhost:8000/sessions?what={code}\n" in given_away


async def test_by_default_no_seat_is_ever_given_away(process: wiring.Running, stage: Stage, watch: Watch) -> None:
    await booked(process, stage)
    watch.now = datetime(2026, 9, 8, 9, tzinfo=UTC)
    await reminders.remind(process)
    watch.now = datetime(2026, 9, 15, 6, tzinfo=UTC)
    assert await reminders.release_unanswered(process) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "days = [61]", "asks = 5", "texts = [1]", "release = 7", "from = 21:00:00",
        "from = 02:30:00", "from = 'seven'", "later = 1", "days",
    ],
)  # fmt: skip
def test_an_installation_writes_its_own_and_a_mistake_is_said(tmp_path: Path, wrong: str) -> None:
    settings = settings_for("postgresql://x/y", "redis://127.0.0.1:1", tmp_path)
    assert reminders.rules(settings).days == (7, 2, 0)
    (tmp_path / "reminders.toml").write_text("days = [14, 1]\nasks = 14\ntexts = [1]\n")
    assert reminders.rules(settings).days == (14, 1)
    (tmp_path / "reminders.toml").write_text(wrong)
    with pytest.raises(SettingsFault, match=r"reminders\.toml"):
        reminders.rules(settings)
