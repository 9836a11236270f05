"""Letters with their papers and invitations, read as a stranger's mail and calendar programs read them."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from ics import Calendar

from scheduling import attendance, bookings, feeds, sessions
from service import appointments, mail_attachments, mails, outbox, reactions, wiring
from service.mail_attachments import Attachment
from tests.builders.stage import a_stage
from tests.builders.watch import Watch
from tests.builders.web import settings_for


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=Watch(clock()), house=True) as process:
        yield process


async def posted(process: wiring.Running, to: str = "candidate") -> list[EmailMessage]:
    """Carry everything out, send it, and read what lies in the folder, oldest first."""
    await outbox.drain(process, reactions.BY_TOPIC)
    while await mails.send_next(process):
        pass
    files = sorted((process.settings.data / "mail").glob("mail-*.eml"), key=lambda file: int(file.stem[5:]))
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [message for message in read if str(message["To"]).startswith(to)]  # type: ignore[misc]


def papers(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}


async def booked(process: wiring.Running) -> tuple[UUID, UUID]:
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        return await stage.booked(tx)


async def test_a_summons_comes_as_letter_invitation_and_paper(process: wiring.Running) -> None:
    session, _ = await booked(process)
    async with process.db.transaction() as tx:
        await sessions.lock(tx, session, by=None, now=process.now())
    _, summons = await posted(process)
    (name,) = papers(summons)
    assert name.startswith("convocation-")
    assert papers(summons)[name].startswith(b"%PDF-1.7")
    body = summons.get_body(("plain",))
    assert body is not None
    assert "Tout cela figure aussi sur le document joint" in body.get_content()
    assert [part.get_content_type() for part in summons.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/calendar", "application/pdf",
    ]  # fmt: skip
    async with process.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.mail_attachments") == 0, "wiped when it has left"


async def test_a_worker_is_sent_the_attestation_for_the_employer_and_others_are_not(process: wiring.Running) -> None:
    await booked(process)
    (confirmed,) = await posted(process)
    assert papers(confirmed) == {}
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now())
        session, candidate = await stage.open(tx), await stage.candidate(tx)
        await tx.execute("update assessments.candidates set status = 'worker' where id = $1", candidate)
        await bookings.book(tx, session, candidate, by=None, now=process.now())
    _, confirmed = await posted(process)
    assert [name.split("-MACO")[0][:24] for name in papers(confirmed)] == ["attestation-d-inscriptio"]


async def test_who_was_there_has_it_in_writing_when_the_test_ends(process: wiring.Running) -> None:
    session, booking = await booked(process)
    async with process.db.transaction() as tx:
        at = (await sessions.get(tx, session)).starts_at
        await sessions.lock(tx, session, by=None, now=process.now())
        await attendance.check_in(tx, booking, by=None, now=at)
        await attendance.sign_contract(tx, booking, now=at)
        await sessions.start(tx, session, by=None, now=at)
        await attendance.attend_all(tx, session, now=at)
        await sessions.end(tx, session, by=None, now=at + timedelta(hours=4))
    (attested,) = [one for one in await posted(process) if one["Subject"] == "Votre attestation de présence"]
    assert [name[:23] for name in papers(attested)] == ["attestation-de-presence"]


async def test_an_invitation_is_changed_and_cancelled_under_one_uid(process: wiring.Running) -> None:
    """RFC 5546 and 6047, read with `ics`: REQUEST, REQUEST with a higher SEQUENCE, CANCEL with a higher one."""
    session, booking = await booked(process)
    await outbox.drain(process, reactions.BY_TOPIC)
    process.clock.now += timedelta(minutes=5)  # type: ignore[attr-defined]
    async with process.db.transaction() as tx:
        planned = await sessions.get(tx, session)
        later = planned.starts_at + timedelta(days=1)
        await sessions.move(tx, session, starts_at=later, room_id=planned.room_id, by=None, now=process.now())
    await outbox.drain(process, reactions.BY_TOPIC)
    process.clock.now += timedelta(minutes=5)  # type: ignore[attr-defined]
    async with process.db.transaction() as tx:
        await bookings.release_seat(tx, booking, "excused", by=None, now=process.now())
    messages = await posted(process)
    async with process.db.read() as tx:
        appointment = await appointments.of_booking(tx, booking)
    assert appointment is not None
    invitations = [_invitation(message) for message in messages]
    assert [method for method, _ in invitations] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({event["UID"] for _, event in invitations}) == 1
    assert invitations[0][1]["UID"] == f"{booking}@localhost" == await _uid_in_the_feed(process, booking)
    sequences = [int(event["SEQUENCE"]) for _, event in invitations]
    assert sequences == sorted(set(sequences)), "each change is higher than the one before"
    assert [event["STATUS"] for _, event in invitations] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    for _, event in invitations:
        assert event["ORGANIZER"] == "planning@example.org"
        assert event["ATTENDEE"] == appointment.person.email
        assert event["PARTSTAT"] == "NEEDS-ACTION"


def _invitation(message: EmailMessage) -> tuple[str, dict[str, str]]:
    """What a foreign reader takes from the calendar part; its method is that of the MIME part."""
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar(part.get_content())
    assert part.get_param("method") == calendar.method
    (event,) = calendar.events
    found = {"UID": event.uid, "STATUS": event.status or ""}
    found |= {line.name: line.value for line in event.extra if line.name == "SEQUENCE"}
    (attendee,) = event.attendees
    found |= {"ORGANIZER": event.organizer.email, "ATTENDEE": attendee.email, "PARTSTAT": attendee.partstat}
    return str(calendar.method), found


async def _uid_in_the_feed(process: wiring.Running, booking: UUID) -> str:
    """What somebody who subscribed to their tests reads there."""
    async with process.db.read() as tx:
        owner = await tx.fetchval("select candidate_id from scheduling.bookings where id = $1", booking)
        feed = feeds.Feed(UUID(int=1), "candidate", owner, "fr", process.now())
        (event,) = await feeds.events(tx, feed, now=process.now())
    return f"{event.event_id}@localhost"


async def test_papers_go_with_their_letter(process: wiring.Running) -> None:
    """Once per letter, and gone with it: when it is filed away, forgotten, or its addressee erased."""
    draft = mails.Draft("n@example.org", "Bonjour", "Noor", None, (Attachment("a.pdf", "application/pdf", b"%PDF"),))
    for number, end in enumerate(
        (
            lambda tx: mails.file_away(tx, now=process.now()),
            lambda tx: mails.erase(tx, ["n@example.org"]),
            lambda tx: mail_attachments.wipe_all(tx),
        )
    ):
        async with process.db.transaction() as tx:
            await mails.write(tx, draft, outbox_id=number, now=process.now())
            await mails.write(tx, draft, outbox_id=number, now=process.now())
            assert await tx.fetchval("select count(*) from service.mail_attachments") == 1
            await end(tx)
            assert await tx.fetchval("select count(*) from service.mail_attachments") == 0
