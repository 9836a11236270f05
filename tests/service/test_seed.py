"""The seed, played once: the figures of 2023, the odd cases, what can be booked now, and nothing a second time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from assessments import decisions
from scheduling import attendance, bookings, places, sessions
from scheduling.refusals import TitreAlreadyHeld
from service import check, outbox, reports, seed
from service.db import speak_json
from service.settings import Settings, read
from service.wiring import running

Tx = asyncpg.Connection
FIGURES = {"technicity": 12, "digitalcity": 45, "logisticity": 26, "construcity": 73}
NOWHERE = "redis://127.0.0.1:1"  # the seed needs no queue


def settings_for(url: str, folder: Path, **more: str) -> Settings:
    return read({"DATABASE_URL": url, "REDIS_URL": NOWHERE, "PREUVE_DATA": str(folder), **more})


@pytest.fixture
async def tx(seeded: Settings) -> AsyncIterator[Tx]:
    connection = await asyncpg.connect(seeded.database_url)
    await speak_json(connection)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_the_year_2023_ends_with_the_figures_of_the_annual_report(tx: Tx) -> None:
    report = await reports.annual(tx, 2023)
    spots = {line.line: line.spots for line in report.lines}
    assert spots["validations_and_screenings"] == FIGURES
    assert list(spots["trained_jobseekers"].values()) == [474, 2828, 878, 1075]
    assert list(spots["in_company"].values()) == [19, 26, 0, 33]
    assert [line.total for line in report.lines] == [5255, 78, 156]


async def test_the_shares_are_those_that_are_known_of_brussels(tx: Tx) -> None:
    passes, standing = await tx.fetchrow(
        """select count(*) filter (where outcome = 'pass'), count(*) from assessments.decisions
           where superseded_at is null"""
    )
    assert round(100 * passes / standing, 1) == 67.4
    jobseekers, workers, prime, everyone = await tx.fetchrow(
        """select count(*) filter (where status = 'jobseeker'), count(*) filter (where status = 'worker'),
                  count(*) filter (where age(registered_at, birth_date) between '24 years' and '46 years'), count(*)
           from assessments.candidates"""
    )
    assert abs(jobseekers / everyone - 0.43) < 0.03
    assert abs(workers / everyone - 0.36) < 0.03
    assert prime / everyone > 0.5


async def test_every_invariant_holds(tx: Tx) -> None:
    findings = await check.audit(tx, now=datetime.now(UTC))
    assert [(one.rule, one.examples) for one in findings if one.violations] == []


ODD_CASES = {
    "no-shows": "select count(*) >= 15 from scheduling.bookings where release = 'no_show'",
    "cancelled early and late": """
        select count(*) filter (where release = 'cancelled_early') > 3
           and count(*) filter (where release = 'cancelled_late') > 3 from scheduling.bookings""",
    "two failures, guidance, a pass in another centre": """
        select exists (
            select from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
            join scheduling.sessions s on s.id = b.session_id
            join assessments.enrolments e on e.candidate_id = d.candidate_id and e.unit_id = d.unit_id
            where d.outcome = 'pass' and e.guided_at < d.taken_at and 2 = (
                select count(*) from assessments.decisions f join scheduling.bookings fb on fb.id = f.booking_id
                join scheduling.sessions fs on fs.id = fb.session_id
                where f.candidate_id = d.candidate_id and f.unit_id = d.unit_id and f.outcome = 'fail'
                  and f.released_at < e.guided_at and fs.centre_id <> s.centre_id))""",
    "an appeal upheld brings a certificate": """
        select count(*) = 1 from assessments.appeals a join assessments.decisions d on d.revises = a.decision_id
        join certificates.register r on r.decision_id = d.id where a.outcome = 'upheld'""",
    "an appeal rejected": "select count(*) = 1 from assessments.appeals where outcome = 'rejected'",
    "a certificate withdrawn": "select count(*) = 1 from certificates.register where withdrawn_at is not null",
    "a certificate suspended and reinstated": """
        select count(*) = 2 and (select count(*) = 0 from certificates.register where suspended_at is not null)
        from service.outbox where topic in ('certificate.suspended', 'certificate.reinstated')""",
    "taught by the evaluator, declared": """
        select exists (select from assessments.links l join scheduling.jury_seats j on j.assessor_id = l.assessor_id
            join scheduling.bookings b on b.session_id = j.session_id and b.candidate_id = l.candidate_id
            where l.kind = 'teaching' and j.role = 'evaluator' and b.attended_at is not null)""",
    "kin of an evaluator, tested by others": """
        select exists (select from assessments.links l join scheduling.bookings b on b.candidate_id = l.candidate_id
            where l.kind = 'kinship' and b.attended_at is not null and not exists (
                select from scheduling.jury_seats j
                where j.session_id = b.session_id and j.assessor_id = l.assessor_id))""",
    "extra time": "select exists (select from scheduling.bookings where extra_minutes > 0 and attended_at is not null)",
    "on the Sunday of the clock change": """
        select exists (select from scheduling.sessions where lower(test_time) = '2023-10-29 08:00+00'
                         and ended_at is not null)""",
    "a cancelled session, two of three rebooked": """
        select count(*) = 3 and count(*) filter (where exists (
                   select from scheduling.bookings n where n.candidate_id = b.candidate_id and n.unit_id = b.unit_id
                     and n.attended_at is not null)) = 2
        from scheduling.bookings b where release = 'cancelled_by_centre'""",
    "turned away for broken equipment": """
        select count(*) = 1 from scheduling.bookings where release = 'turned_away' and checked_in_at is not null""",
    "a motivated departure": "select count(*) = 1 from assessments.deliberations where outcome <> proposal",
    "not observed, with a reason": """
        select count(*) > 0 and bool_and(reason <> '') from assessments.ratings where rating = 'not_observed'""",
    "an accreditation lapsed and renewed": """
        select exists (select from assessments.accreditations a join assessments.accreditations b
            on b.centre_id = a.centre_id and b.trade_id = a.trade_id and lower(b.valid) > upper(a.valid)
            where not exists (select from assessments.accreditations c where c.centre_id = a.centre_id
                and c.trade_id = a.trade_id and lower(c.valid) = upper(a.valid)))""",
    "an accreditation about to end": """
        select exists (select from assessments.accreditations a where upper(valid) between now() and now() + '60 days'
            and not exists (select from assessments.accreditations b
                where b.centre_id = a.centre_id and b.trade_id = a.trade_id and lower(b.valid) >= upper(a.valid)))""",
}


@pytest.mark.parametrize("case", ODD_CASES)
async def test_the_odd_case_is_there(tx: Tx, case: str) -> None:
    assert await tx.fetchval(ODD_CASES[case])


async def test_nobody_gets_a_letter_about_the_past(tx: Tx) -> None:
    assert (await outbox.census(tx)).waiting == 0
    assert await tx.fetchval("select count(*) from service.mails where sent_at is null or body <> ''") == 0


async def test_the_coming_weeks_can_be_booked_in_every_centre(tx: Tx) -> None:
    now = datetime.now(UTC)
    found = await places.search(tx, places.Wish(limit=100), candidate_id=None, now=now)
    assert {place.centre_code for place in found} == set(FIGURES)
    assert {place.language for place in found} >= {"fr", "nl"}
    assert any(place.free == 0 for place in found)
    assert any(0 < place.free < place.seats for place in found)
    assert max(place.starts_at for place in found) > now + timedelta(days=45)
    assert {("TPCR-3", "fr"), ("RESE-S", "fr")} <= {(place.unit_code, place.language) for place in found}


async def test_a_newcomer_can_play_the_whole_day(tx: Tx) -> None:
    """The candidate books the next session of the demonstration's jury; nothing stands in the manager's way."""
    now = datetime.now(UTC)
    people = {
        row["email"].split("@")[0]: row["candidate_id"] or row["assessor_id"]
        for row in await tx.fetch("select email, candidate_id, assessor_id from service.accounts")
    }
    found = await places.search(tx, places.Wish(unit="TPCR-2"), candidate_id=people["candidate"], now=now)
    place = next(one for one in found if not one.refusals)
    assert place.starts_at < now + timedelta(days=12)
    jury = await tx.fetch("select role, assessor_id from scheduling.jury_seats where session_id = $1", place.session_id)
    assert {row["role"]: row["assessor_id"] for row in jury} == {
        "evaluator": people["evaluator"], "observer": people["observer"], "manager": people["manager.digitalcity"]
    }  # fmt: skip
    booking = await bookings.book(tx, place.session_id, people["candidate"], by=None, now=now)
    await sessions.lock(tx, place.session_id, by=None, now=now)
    for row in await tx.fetch(
        "select id from scheduling.bookings where session_id = $1 and released_at is null", place.session_id
    ):
        await attendance.check_in(tx, row["id"], by=None, now=now)
        await attendance.sign_contract(tx, row["id"], now=now)
    await sessions.start(tx, place.session_id, by=None, now=now)
    assert await attendance.attend_all(tx, place.session_id, now=now) == 2
    assert await decisions.of_booking(tx, booking) == []
    held = await places.search(tx, places.Wish(unit="TPCR-1"), candidate_id=people["candidate"], now=now)
    assert {place.refusals[0] for place in held} == {TitreAlreadyHeld}


async def test_a_construction_day_is_prepared(tx: Tx) -> None:
    """Eight candidates on a closed list, two evaluators and an observer who have accounts: tablets can be prepared."""
    row = await tx.fetchrow(
        """select s.id, s.locked_at, s.started_at, lower(s.test_time) as starts_at, s.taken from scheduling.sessions s
           join assessments.units u on u.id = s.unit_id where u.code = 'PEIN-3' and s.locked_at is not null
             and s.ended_at is null"""
    )
    assert row is not None
    assert (row["taken"], row["started_at"]) == (8, None)
    assert row["starts_at"] < datetime.now(UTC) + timedelta(days=12)
    jury = await tx.fetch(
        """select j.role, a.email from scheduling.jury_seats j join service.accounts a on a.assessor_id = j.assessor_id
           where j.session_id = $1 and j.released_at is null order by a.email""",
        row["id"],
    )
    assert [tuple(seat.values()) for seat in jury] == [
        ("evaluator", "colleague.construcity@example.org"), ("evaluator", "evaluator.construcity@example.org"),
        ("manager", "manager.construcity@example.org"), ("observer", "observer.construcity@example.org"),
    ]  # fmt: skip


async def test_a_jury_has_something_to_deliberate(tx: Tx) -> None:
    """A validation, and experience to recognise."""
    waiting = await tx.fetch(
        """select t.scheme from scheduling.sessions s join assessments.units u on u.id = s.unit_id
           join assessments.trades t on t.id = u.trade_id
           where s.ended_at is not null and s.closed_at is null order by t.scheme"""
    )
    assert [row["scheme"] for row in waiting] == ["evc", "validation"]


async def test_everyone_of_the_demonstration_is_offered_a_way_in(seeded: Settings) -> None:
    links = await asyncio.to_thread(seed.addresses, seeded)
    assert len(links) == 8


async def test_a_second_time_changes_nothing(seeded: Settings) -> None:
    said: list[str] = []
    assert not await seed.fill(seeded, said.append)
    assert said == []


async def test_production_gets_the_catalogue_and_nobody(copies: Callable[[], Awaitable[str]], tmp_path: Path) -> None:
    more = {
        "PREUVE_ENV": "production",
        "PREUVE_BASE_URL": "https://preuve.example.org",
        "PREUVE_SMTP_URL": "smtp://mail",
    }
    settings = settings_for(await copies(), tmp_path, **more)
    assert await seed.fill(settings, lambda line: None)
    assert not await seed.fill(settings, lambda line: None)
    assert await asyncio.to_thread(seed.addresses, settings) == []
    async with running(settings, house=True) as process, process.db.read() as tx:
        assert await tx.fetchval("select count(*) from assessments.units") == 41
        assert await tx.fetchval("select count(*) from scheduling.centres") == 0
        assert await tx.fetchval("select count(*) from service.accounts") == 0


async def test_a_database_in_use_is_left_alone(copies: Callable[[], Awaitable[str]], tmp_path: Path) -> None:
    settings = settings_for(await copies(), tmp_path)
    async with running(settings, house=True) as process:
        async with process.db.transaction() as tx:
            await tx.execute(
                """insert into scheduling.centres (code, name, sector, email) values ('other', 'Other',
                   '{"fr": "x", "nl": "x", "en": "x", "de": "x"}', 'other@example.org')"""
            )
        with pytest.raises(seed.NotEmpty):
            await seed.seed(process, lambda line: None)
