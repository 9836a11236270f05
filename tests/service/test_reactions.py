"""What follows what, on a real sitting: letters in the reader's language, a certificate once, nothing forgotten."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from icalendar import Calendar

from assessments import appeal_reviewers, appeals, decisions
from scheduling import bookings, jury_seats, rescheduling, sessions
from service import accounts, outbox, reactions, sign_in_links, wiring
from service.settings import secret
from tests.builders.assessments import a_released_decision, a_sitting, an_assessor
from tests.builders.stage import a_stage
from tests.builders.web import settings_for

HOUSE = Path(__file__).parents[2]
TOLD = re.compile(r'insert\s+into\s+service\.outbox.*?"""', re.S)
TOLD_IN_SQL = re.compile(r"insert\s+into\s+service\.outbox.*?;", re.S)
TOPIC = re.compile(r"'((?!preuve\.)[a-z_]+\.[a-z_]+)'")  # preuve.…: who acts, a setting
FORMER = {"recognition.released"}  # of releases before 0075


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    async with wiring.running(
        settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=clock, house=True
    ) as process:
        yield process


async def carry_out(process: wiring.Running) -> None:
    """Everything that follows; the outbox is accounted for afterwards."""
    await outbox.drain(process, reactions.BY_TOPIC)
    async with process.db.read() as tx:
        assert await outbox.census(tx) == outbox.Census(0, 0, 0, None)


async def letters(process: wiring.Running) -> list[tuple[str, str | None]]:
    """The subjects of the letters in order, with what their invitation asks."""
    async with process.db.read() as tx:
        rows = await tx.fetch("select subject, calendar from service.mails order by id")
    return [(row["subject"], row["calendar"] and str(Calendar.from_ical(row["calendar"])["METHOD"])) for row in rows]


def test_every_topic_that_is_told_has_its_reaction_and_no_other() -> None:
    told = {
        topic
        for package in ("assessments", "scheduling", "certificates", "service")
        for path in (HOUSE / package).rglob("*.py")
        for statement in TOLD.findall(path.read_text())
        for topic in TOPIC.findall(statement)
    }
    for path in (HOUSE / "migrations").glob("*.sql"):
        told |= {topic for statement in TOLD_IN_SQL.findall(path.read_text()) for topic in TOPIC.findall(statement)}
    assert told == set(reactions.BY_TOPIC) - FORMER


async def test_a_booking_is_confirmed_with_an_invitation_in_the_candidates_language(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        await stage.booked(tx)
    await carry_out(process)
    async with process.db.read() as tx:
        letter = await tx.fetchrow("select * from service.mails where recipient like 'candidate%'")
        booking = await tx.fetchrow("select * from scheduling.bookings")
    assert letter is not None
    assert booking is not None
    assert letter["subject"] == "Votre place est réservée : Intégrer un poste"
    assert "Bonjour Noor," in letter["body"]
    assert "mardi 15 septembre 2026, de 9 h 00 à 13 h 00" in letter["body"]
    event = Calendar.from_ical(letter["calendar"]).walk("VEVENT")[0]
    assert event["UID"] == f"{booking['id']}@localhost"
    assert event["URL"] == f"http://localhost:8000/bookings/{booking['id']}", "the same as in the feeds"
    assert f"prendre la place\N{NO-BREAK SPACE}: {event['URL']}\n" in letter["body"], "where it can be cancelled"
    assert "ATTENDEE" in event


@pytest.mark.parametrize(("late_hours", "release"), [(48, "rescheduled"), (9999, "cancelled_late")])
async def test_who_chose_another_date_is_not_told_to_choose_another_one(
    process: wiring.Running, late_hours: int, release: str
) -> None:
    """Shortly before the test too, where the old place counts as cancelled late."""
    now = process.now()
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, now)
        _, booking = await stage.booked(tx)
        other = await stage.open(tx, starts_at=stage.morning + timedelta(days=7))
    async with process.db.transaction() as tx:
        policy = bookings.CancellationPolicy(late_hours=late_hours)
        await rescheduling.reschedule(tx, booking, other, policy=policy, by=None, now=now)
    await carry_out(process)
    async with process.db.read() as tx:
        assert await tx.fetchval("select release from scheduling.bookings where id = $1", booking) == release
        body = await tx.fetchval("select body from service.mails where subject like 'Annulé%'")
    assert "Vous avez choisi une autre date" in body
    assert "Vous pouvez choisir une autre date ici" not in body


async def test_who_cancelled_is_led_to_the_other_dates_of_the_same_test(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        _, booking = await stage.booked(tx)
    async with process.db.transaction() as tx:
        await bookings.cancel(tx, booking, policy=bookings.CancellationPolicy(), by=None, now=process.now())
    await carry_out(process)
    async with process.db.read() as tx:
        body = await tx.fetchval("select body from service.mails where subject like 'Annulé%'")
        code = await tx.fetchval(
            "select u.code from assessments.units u join scheduling.bookings b on b.unit_id = u.id"
        )
    assert f"http://localhost:8000/sessions?what={code}\n" in body


async def test_jury_members_are_invited_and_told_when_they_are_no_longer_expected(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        session = await stage.draft(tx)
        seat = await jury_seats.give(tx, session, stage.evaluator, "evaluator", by=None, now=process.now())
    await carry_out(process)
    async with process.db.transaction() as tx:
        await jury_seats.release(tx, seat, by=None, now=process.now())
    await carry_out(process)
    assert await letters(process) == [
        ("Invitation à un jury le mardi 15 septembre 2026", "REQUEST"),
        ("Annulé : votre jury du mardi 15 septembre 2026", "CANCEL"),
    ]


async def test_a_cancelled_session_is_told_to_each_of_them_with_its_reason(process: wiring.Running) -> None:
    now = process.now()
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, now)
        session, _ = await stage.booked(tx)
        await sessions.cancel(tx, session, reason="Panne de chauffage", by=None, now=now)
        await jury_seats.release_all(tx, session, by=None, now=now)
        await bookings.cancel_all(tx, session, by=None, now=now)
    await carry_out(process)
    assert [method for _, method in await letters(process)] == ["CANCEL"] * 4, "no one is invited to what is cancelled"
    async with process.db.read() as tx:
        bodies = [row["body"] for row in await tx.fetch("select body from service.mails")]
    assert all("Panne de chauffage" in body for body in bodies)


async def test_a_moved_session_is_told_to_everyone_expected(process: wiring.Running) -> None:
    now = process.now()
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, now)
        session, _ = await stage.booked(tx)
    await carry_out(process)
    before = len(await letters(process))
    async with process.db.transaction() as tx:
        later = stage.morning + timedelta(days=1)
        await sessions.move(tx, session, starts_at=later, room_id=stage.room, by=None, now=now)
    await carry_out(process)
    moved = (await letters(process))[before:]
    assert moved == [("Nouvelle heure ou nouveau lieu : Intégrer un poste", "REQUEST")] * 4
    async with process.db.read() as tx:
        rows = await tx.fetch("select recipient, body from service.mails where subject like 'Nouvelle heure%'")
    assert ["/rescheduling\n" in row["body"] for row in rows] == ["candidate" in row["recipient"] for row in rows]


async def test_a_locked_list_summons_everyone_once(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        session, _ = await stage.booked(tx)
        await sessions.lock(tx, session, by=None, now=process.now())
    await carry_out(process)
    summons = [subject for subject, _ in await letters(process) if subject.startswith("Convocation")]
    assert summons == ["Convocation : votre épreuve du mardi 15 septembre 2026"]


async def test_a_pass_becomes_one_certificate_printed_and_told_and_closes_what_is_open(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        sitting, decision = await a_released_decision(tx, now=process.now(), outcome="pass")
        await sessions.end(tx, sitting.session, by=None, now=process.now())
    await carry_out(process)
    async with process.db.transaction() as tx:  # the reaction once more, as after a lost mark
        await tx.execute("update service.outbox set done_at = null where topic = 'decision.released'")
    await carry_out(process)
    async with process.db.read() as tx:
        issued = await tx.fetch("select id, decision_id, public_code from certificates.register")
        assert [row["decision_id"] for row in issued] == [decision]
        pdf = await tx.fetchval("select pdf from certificates.documents where certificate_id = $1", issued[0]["id"])
        assert pdf.startswith(b"%PDF")
        booking = await bookings.get(tx, sitting.booking)
        session = await sessions.get(tx, sitting.session)
        assert (booking.state, session.state) == ("closed", "closed")
        ready = "Votre Titre de compétence est prêt"
        verify = await tx.fetchval("select body from service.mails where subject = $1", ready)
        assert f"/certificates/{issued[0]['public_code']}" in verify
    result = [subject for subject, _ in await letters(process) if subject == "Votre résultat est disponible"]
    assert len(result) == 1


async def test_a_fail_becomes_no_certificate_and_the_letter_does_not_tell_it(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        await a_released_decision(tx, now=process.now(), outcome="fail")
    await carry_out(process)
    async with process.db.read() as tx:
        assert await tx.fetchval("select count(*) from certificates.register") == 0
        body = await tx.fetchval("select body from service.mails where subject = 'Votre résultat est disponible'")
    assert not re.search("échou|réussi|ajourn", body)


async def test_an_upheld_appeal_replaces_the_certificate_of_the_first_decision(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        sitting, decision = await a_released_decision(tx, now=process.now(), outcome="pass")
    await carry_out(process)
    at = sitting.test_day + timedelta(days=1)
    async with process.db.transaction() as tx:
        reviewer = await an_assessor(tx, now=process.now())
        appeal = await appeals.lodge(tx, decision, "La grille", by=None, now=at)
        await appeals.admit(tx, appeal, by=None, now=at)
        await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
        await appeals.answer(tx, appeal, "upheld", "Une erreur", reviewer_id=reviewer, now=at)
        await decisions.revise(tx, decision, "fail", taken_by=reviewer, now=at)
    await carry_out(process)
    async with process.db.read() as tx:
        rows = await tx.fetch("select withdrawn_at is not null as withdrawn, reason from certificates.register")
        assert [tuple(row) for row in rows] == [(True, "La décision a été revue après un recours.")]


@pytest.mark.parametrize(("first", "then", "left"), [("pass", "fail", [True]), ("fail", "pass", [False])])
async def test_whichever_way_it_is_revised_the_certificate_follows_once(
    process: wiring.Running, first: decisions.Outcome, then: decisions.Outcome, left: list[bool]
) -> None:
    """Withdrawn or issued by reaction; every reaction comes a second time, as after lost marks."""
    async with process.db.transaction() as tx:
        sitting, decision = await a_released_decision(tx, now=process.now(), outcome=first)
    await carry_out(process)
    at = sitting.test_day + timedelta(days=1)
    async with process.db.transaction() as tx:
        reviewer = await an_assessor(tx, now=process.now())
        appeal = await appeals.lodge(tx, decision, "La grille", by=None, now=at)
        await appeals.admit(tx, appeal, by=None, now=at)
        await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
        await appeals.answer(tx, appeal, "upheld", "Une erreur", reviewer_id=reviewer, now=at)
        revised = await decisions.revise(tx, decision, then, taken_by=reviewer, now=at)
        await decisions.release(tx, revised, by=None, now=at)
    for _ in range(2):
        await carry_out(process)
        async with process.db.transaction() as tx:
            rows = await tx.fetch("select withdrawn_at is not null as withdrawn, number from certificates.register")
            news = await tx.fetch(
                "select topic from service.outbox where starts_with(topic, 'certificate.') order by id"
            )
            await tx.execute("update service.outbox set done_at = null")
        assert [(row["withdrawn"], row["number"]) for row in rows] == [(one, 1) for one in left]
        assert [row["topic"] for row in news] == ["certificate.issued", *["certificate.withdrawn"] * left.count(True)]
    subjects = [subject for subject, _ in await letters(process)]
    assert subjects.count("Votre Titre de compétence est prêt") == 1
    assert subjects.count("Le statut de votre Titre de compétence a changé") == left.count(True)


async def test_a_decision_revised_before_its_certificate_is_issued_brings_none(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        sitting, decision = await a_released_decision(tx, now=process.now(), outcome="pass")
        at = sitting.test_day + timedelta(days=1)
        reviewer = await an_assessor(tx, now=process.now())
        appeal = await appeals.lodge(tx, decision, "La grille", by=None, now=at)
        await appeals.admit(tx, appeal, by=None, now=at)
        await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
        await appeals.answer(tx, appeal, "upheld", "Une erreur", reviewer_id=reviewer, now=at)
        await decisions.revise(tx, decision, "fail", taken_by=reviewer, now=at)
    await carry_out(process)
    async with process.db.read() as tx:
        assert await tx.fetchval("select count(*) from certificates.register") == 0


async def test_nobody_writes_to_an_erased_candidate(process: wiring.Running) -> None:
    async with process.db.transaction() as tx:
        sitting = await a_sitting(tx, now=process.now())
        await tx.execute(
            "update assessments.candidates set erased_at = $2 where id = $1", sitting.candidate, process.now()
        )
    await carry_out(process)
    async with process.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.mails where recipient like 'noor%'") == 0


async def test_a_sign_in_link_is_written_to_who_has_an_account(process: wiring.Running) -> None:
    key, link = secret(process.settings), uuid4()
    async with process.db.transaction() as tx:
        await accounts.register(tx, email="admin@example.org", role="administrator", language="nl", now=process.now())
        await ask(tx, "admin@example.org", key, link, process.now())
        await ask(tx, "nobody@example.org", key, uuid4(), process.now())
    await carry_out(process)
    async with process.db.read() as tx:
        rows = await tx.fetch("select recipient, subject, body from service.mails")
    assert [(row["recipient"], row["subject"]) for row in rows] == [("admin@example.org", "Uw link om u aan te melden")]
    assert f"http://localhost:8000/sign-in/{sign_in_links.token_of(key, link)}" in rows[0]["body"]


async def ask(tx: asyncpg.Connection, email: str, key: bytes, link: UUID, now: datetime) -> None:
    await sign_in_links.ask(tx, email, origin="127.0.0.1", key=key, link_id=link, now=now)
