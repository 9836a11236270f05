"""Every step after a test is told: in the candidate's language, with the event where there is a date, to the centre when
it is late; a new test brings its place in line, and takes a certificate back once."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from icalendar import Calendar

from assessments import appeal_reviewers, appeals, complaints, links, mediations, new_tests
from scheduling import priorities
from service import accounts, logins, outbox, outcome_rules, reactions, wiring, worker
from service.settings import SettingsFault
from tests.builders.assessments import Sitting, Tx, a_released_decision, a_sitting, an_assessor, recorded
from tests.builders.web import settings_for


@pytest.fixture
async def process(database_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[wiring.Running]:
    """The worker, three weeks on: the tests are over."""
    later = now + timedelta(days=21)
    async with wiring.running(
        settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=lambda: later, house=True
    ) as process:
        yield process


async def carry_out(process: wiring.Running) -> None:
    await outbox.drain(process, reactions.BY_TOPIC)
    async with process.db.read() as tx:
        assert await outbox.census(tx) == outbox.Census(0, 0, 0, None)


async def subjects(process: wiring.Running, pattern: str = "noor%") -> list[str]:
    async with process.db.read() as tx:
        rows = await tx.fetch("select subject from service.mails where recipient like $1 order by id", pattern)
    return [row["subject"] for row in rows]


async def appealed(tx: Tx, now: datetime, outcome: str = "fail") -> tuple[Sitting, UUID, UUID, datetime]:
    """Before a panel of one: the sitting, the appeal, the reviewer, and when."""
    sitting, decision = await a_released_decision(tx, now=now, outcome=outcome)  # type: ignore[arg-type]
    at = sitting.test_day + timedelta(days=1)
    appeal = await appeals.lodge(tx, decision, "La grille", by=None, now=at)
    reviewer = await an_assessor(tx, now=now)
    await appeals.admit(tx, appeal, by=None, now=at)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=at)
    return sitting, appeal, reviewer, at


async def test_each_step_of_an_appeal_is_told_once_and_names_no_result(process: wiring.Running, now: datetime) -> None:
    async with process.db.transaction() as tx:
        _, appeal, reviewer, at = await appealed(tx, now)
        meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45, Bruxelles", reviewer)
        await mediations.plan(tx, appeal, meeting, by=None, now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:
        later = mediations.Meeting(at + timedelta(days=8), 60, "Rue Royale 45, Bruxelles", reviewer)
        await mediations.plan(tx, appeal, later, by=None, now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:
        await mediations.conclude(tx, appeal, "agreed", "Un entretien.", now=at)
    await carry_out(process)
    assert [one for one in await subjects(process) if "recours" in one] == [
        "Nous avons reçu votre recours",
        "Votre recours est en ordre",
        "Votre recours est à l’examen",
        "Réunion sur un recours",
        "Réunion sur un recours",
        "Après la réunion sur votre recours",
        "Votre recours est arrangé",
    ]
    assert (await subjects(process, "ahmed%"))[-4:] == [
        "On vous demande d’examiner un recours", "Réunion sur un recours", "Réunion sur un recours", "Un recours est arrangé",
    ]  # fmt: skip
    async with process.db.read() as tx:
        rows = await tx.fetch("select body, calendar from service.mails where subject like '%recours%' order by id")
    assert not any(re.search("échou|pas réussi|réussi cette", row["body"]) for row in rows)
    events = [Calendar.from_ical(row["calendar"]) for row in rows if row["calendar"]]
    assert [str(one["METHOD"]) for one in events] == ["REQUEST"] * 4
    assert [int(one.walk("VEVENT")[0]["SEQUENCE"]) for one in events] == [0, 0, 1, 1]
    assert len({str(one.walk("VEVENT")[0]["UID"]) for one in events}) == 1


async def test_centre_administrators_and_panel_hear_of_what_concerns_them_once_and_read_no_name(
    process: wiring.Running, now: datetime
) -> None:
    """Whoever rules on an appeal, or has to come to a meeting, is told that there is one; the panel when it is over."""
    async with process.db.transaction() as tx:
        await accounts.register(tx, email="dora@example.org", role="administrator", language="de", now=now)
        gone = await accounts.register(tx, email="gone@example.org", role="administrator", language="de", now=now)
        await accounts.disable(tx, gone, now=now)
        sitting, appeal, reviewer, at = await appealed(tx, now)
        await appeal_reviewers.appoint(tx, appeal, await an_assessor(tx, now=now), now=at)
        complaint = await complaints.lodge(tx, sitting.candidate, sitting.centre, "facility", "Froid.", now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:
        meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", reviewer)
        await mediations.plan(tx, appeal, meeting, by=None, now=at)
        await complaints.withdraw(tx, complaint, now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:
        await appeals.withdraw(tx, appeal, by=None, now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:  # as after lost marks: every reaction once more
        await tx.execute(
            "update service.outbox set done_at = null where split_part(topic, '.', 1) in ('appeal', 'complaint', 'mediation')"
        )
    await carry_out(process)
    assert sorted(await subjects(process, "c@example.org")) == [
        "Un recours a été retiré", "Un recours est arrivé", "Une plainte a été retirée", "Une plainte est arrivée",
        "Une réunion sur un recours est prévue",
    ]  # fmt: skip
    assert sorted(await subjects(process, "dora%")) == [
        "Ein Einspruch ist eingegangen", "Ein Einspruch wurde zurückgenommen", "Ein Gespräch über einen Einspruch ist geplant",
        "Eine Beschwerde ist eingegangen", "Eine Beschwerde wurde zurückgenommen",
    ]  # fmt: skip
    assert await subjects(process, "gone%") == []
    assert (await subjects(process, "ahmed%")).count("Un recours a été retiré") == 2
    async with process.db.read() as tx:
        rows = await tx.fetch(
            "select body from service.mails where recipient = any(array['c@example.org', 'dora@example.org'])"
        )
    assert not any(re.search("Noor|Peeters|réussi|bestanden", row["body"]) for row in rows)
    assert all("http://localhost:8000/" in row["body"] for row in rows)


async def test_a_meeting_is_called_off_when_the_appeal_is_taken_back(process: wiring.Running, now: datetime) -> None:
    async with process.db.transaction() as tx:
        _, appeal, reviewer, at = await appealed(tx, now)
        meeting = mediations.Meeting(at + timedelta(days=7), 60, "Rue Royale 45", reviewer)
        await mediations.plan(tx, appeal, meeting, by=None, now=at)
    await carry_out(process)
    async with process.db.transaction() as tx:
        await appeals.withdraw(tx, appeal, by=None, now=at)
    await carry_out(process)
    assert (await subjects(process))[-2:] == [
        "Vous avez retiré votre recours",
        "Annulé\N{NO-BREAK SPACE}: la réunion sur le recours",
    ]


@pytest.mark.parametrize("outcome", ["fail", "pass"])
async def test_a_new_test_gives_a_place_in_line_and_withdraws_the_certificate_once(
    process: wiring.Running, now: datetime, outcome: str
) -> None:
    async with process.db.transaction() as tx:
        sitting, appeal, reviewer, at = await appealed(tx, now, outcome)
    await carry_out(process)
    async with process.db.transaction() as tx:
        await appeals.answer(tx, appeal, "new_test", "Support humide.", reviewer_id=reviewer, now=at)
        await new_tests.grant(tx, appeal, by=None, now=at)
    await carry_out(process)
    await carry_out(process)
    assert "Vous avez droit à une nouvelle épreuve" in await subjects(process)
    async with process.db.read() as tx:
        assert await priorities.is_first(tx, sitting.candidate, sitting.unit.id)
        certificates = await tx.fetch("select withdrawn_at is not null as withdrawn from certificates.register")
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'certificate.withdrawn'") == len(
            certificates
        )
    assert [row["withdrawn"] for row in certificates] == ([True] if outcome == "pass" else [])


async def test_a_tie_found_in_time_closes_the_test_and_gives_another(process: wiring.Running, now: datetime) -> None:
    async with process.db.transaction() as tx:
        sitting = await a_sitting(tx, now=now)
        await recorded(tx, sitting)
        ended = sitting.test_day + timedelta(hours=4)
        await tx.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, ended)
        await links.declare(tx, sitting.observer, sitting.candidate, "kinship", by=None, now=now)
        await new_tests.annul(tx, sitting.booking, by=None, now=now)
    await carry_out(process)
    async with process.db.read() as tx:
        closed = await tx.fetchrow(
            """select b.closed_at is not null as booking, s.closed_at is not null as session
               from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id where b.id = $1""",
            sitting.booking,
        )
        assert await priorities.is_first(tx, sitting.candidate, sitting.unit.id)
    assert closed is not None
    assert (closed["booking"], closed["session"]) == (True, True)


async def test_a_complaint_is_told_at_each_step(process: wiring.Running, now: datetime) -> None:
    async with process.db.transaction() as tx:
        sitting, _ = await a_released_decision(tx, now=now)
        handler = await accounts.register(tx, email="h@example.org", role="administrator", language="fr", now=now)
        complaint = await complaints.lodge(tx, sitting.candidate, sitting.centre, "facility", "Froid.", now=now)
        await complaints.take_up(tx, complaint, by=handler, now=now)
        await complaints.answer(tx, complaint, "founded", "Réparé.", by=handler, now=now)
    await carry_out(process)
    assert [one for one in await subjects(process) if "plainte" in one] == [
        "Nous avons reçu votre plainte", "Quelqu’un examine votre plainte", "Votre plainte a reçu une réponse",
    ]  # fmt: skip


async def test_the_centre_hears_of_what_is_late_once(process: wiring.Running, now: datetime) -> None:
    async with process.db.transaction() as tx:
        sitting, decision = await a_released_decision(tx, now=now - timedelta(days=60))
        at = sitting.test_day + timedelta(days=1)
        await appeals.lodge(tx, decision, "Non.", by=None, now=at)
        await complaints.lodge(tx, sitting.candidate, sitting.centre, "other", "Non.", now=at)
    assert [await worker.find_late(process, reactions.BY_TOPIC) for _ in range(2)] == [2, 0]
    await carry_out(process)
    assert sorted(await subjects(process, "c@example.org")) == [
        "Un recours est arrivé", "Un recours est en retard", "Une plainte est arrivée", "Une plainte est en retard",
    ]  # fmt: skip
    async with process.db.read() as tx:
        bodies = [
            row["body"] for row in await tx.fetch("select body from service.mails where recipient = 'c@example.org'")
        ]
    assert not any("Noor" in body for body in bodies)


@pytest.mark.parametrize(
    ("own_rule", "signed_in", "attached"), [("", True, 1), ("", False, 0), ("letter_in_mail = false", True, 0)]
)
async def test_the_letter_travels_unless_the_rule_or_the_address_forbid_it(
    process: wiring.Running, now: datetime, own_rule: str, signed_in: bool, attached: int
) -> None:
    (process.settings.data / "outcomes.toml").write_text(f"{own_rule}\n")
    async with process.db.transaction() as tx:
        sitting, _ = await a_released_decision(tx, now=now)
        email = await tx.fetchval("select email from assessments.candidates where id = $1", sitting.candidate)
        account = await accounts.register(
            tx, email=email, role="candidate", language="fr", candidate_id=sitting.candidate, now=now
        )
        if signed_in:
            await logins.begin(tx, account, secret="cookie", now=now)
    await carry_out(process)
    async with process.db.read() as tx:
        mail = await tx.fetchrow("select id, body from service.mails where subject = 'Votre résultat est disponible'")
        assert mail is not None
        found = await tx.fetch("select name from service.mail_attachments where mail_id = $1", mail["id"])
    assert len(found) == attached
    assert ("La lettre jointe à ce message dit la même chose." in mail["body"]) is bool(attached)


def test_a_rule_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outcomes.toml").write_text("ruling_days = 0\n")
    with pytest.raises(SettingsFault, match=r"outcomes\.toml"):
        outcome_rules.rules(settings_for("postgresql://nowhere", "redis://nowhere", tmp_path))
