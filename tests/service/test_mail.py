"""Letters: what they look like on the line, how they leave, and that they leave once."""

import email
import email.policy
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar

from scheduling import calendars
from service import mail, mails, wiring
from service.mails import Draft
from tests.builders.web import settings_for

SENDER = "Preuve – Bruxelles <preuve@example.org>"
WRITTEN = datetime(2026, 9, 1, 8, tzinfo=UTC)


def a_letter(**changes: Any) -> mail.Letter:
    letter = mail.Letter(7, "noor@example.org", "Épreuve réservée", "Bonjour Noor,\n\nà mardi.\n", None, WRITTEN)
    return msgspec.structs.replace(letter, **changes)


def read_back(message: EmailMessage) -> EmailMessage:
    """As a mail program gets it."""
    received = email.message_from_bytes(bytes(message), policy=email.policy.default)
    assert isinstance(received, EmailMessage)
    return received


def an_invitation(*, cancelled: bool = False) -> bytes:
    entry = calendars.Entry(
        uid="1@example.org", starts_at=WRITTEN, ends_at=WRITTEN + timedelta(hours=4), changed_at=WRITTEN, sequence=1,
        summary="Épreuve", cancelled=cancelled,
    )  # fmt: skip
    noor, centre = calendars.Party("Noor", "noor@example.org"), calendars.Party("Digitalcity", "d@example.org")
    return calendars.request(entry, centre, noor, language="fr", cancelled_prefix="Annulé")


def test_a_letter_arrives_as_it_was_written() -> None:
    received = read_back(mail.message(a_letter(), sender=SENDER))
    assert received["Subject"] == "Épreuve réservée"
    assert received["From"] == SENDER
    assert received["Message-ID"] == "<mail-7@example.org>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content().replace("\r\n", "\n") == "Bonjour Noor,\n\nà mardi.\n"


def test_the_same_letter_is_the_same_message() -> None:
    first, second = (mail.message(a_letter(), sender=SENDER) for _ in range(2))
    assert bytes(first) == bytes(second)


@pytest.mark.parametrize("typed", ["Salut\r\nBcc: all@example.org", "Salut\nBcc: all@example.org", "Salut\x0bBcc: x"])
def test_what_people_type_adds_no_header(typed: str) -> None:
    received = read_back(mail.message(a_letter(subject=typed), sender=SENDER))
    assert received["Bcc"] is None
    assert str(received["Subject"]).startswith("Salut Bcc: ")


@pytest.mark.parametrize(
    "address", ["", "noor", "noor@", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org", "<a@b>"]
)
def test_an_impossible_address_is_undeliverable(address: str) -> None:
    with pytest.raises(mail.Undeliverable):
        mail.message(a_letter(recipient=address), sender=SENDER)


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_an_invitation_is_a_part_that_calendar_programs_act_on(cancelled: bool, method: str) -> None:
    invitation = an_invitation(cancelled=cancelled)
    received = read_back(mail.message(a_letter(calendar=invitation), sender=SENDER))
    assert received.get_content_type() == "multipart/alternative"
    text, calendar = received.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert (calendar.get_content_type(), calendar["Content-Type"].params["method"]) == ("text/calendar", method)
    assert calendar["Content-Type"].params["charset"] == "utf-8"
    assert calendar.get_payload(decode=True) == invitation
    assert Calendar.from_ical(invitation)["METHOD"] == method


class Postbox:
    """A real SMTP server; it answers with `reply`."""

    def __init__(self) -> None:
        self.reply = "250 OK"
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.reply.startswith("2"):
            self.taken.append(envelope.original_content)
        return self.reply


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def smtp_url(postbox: Postbox) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


class Hand:
    def __init__(self) -> None:
        self.now = WRITTEN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def process(database_url: str, smtp_url: str, tmp_path: Path, hand: Hand) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path, PREUVE_SMTP_URL=smtp_url)
    async with wiring.running(settings, clock=hand, house=True) as process:
        yield process


async def written(process: wiring.Running, recipient: str = "noor@example.org", outbox_id: int = 1) -> None:
    async with process.db.transaction() as tx:
        draft = Draft(recipient, "Votre lien", "secret-link\n")
        await mails.write(tx, draft, outbox_id=outbox_id, now=process.now())


async def row(process: wiring.Running) -> dict[str, Any]:
    async with process.db.read() as tx:
        return dict(await tx.fetchrow("select * from service.mails") or {})


async def test_a_letter_is_sent_once_and_what_it_said_is_wiped(process: wiring.Running, postbox: Postbox) -> None:
    await written(process)
    await written(process)  # the reaction ran again
    assert await mails.send_next(process)
    assert not await mails.send_next(process)
    assert len(postbox.taken) == 1
    assert b"Message-ID: <mail-1@localhost>\r\n" in postbox.taken[0]
    assert b"secret-link" in postbox.taken[0]
    sent = await row(process)
    assert (sent["sent_at"], sent["body"]) == (WRITTEN, "")


async def test_two_workers_do_not_send_the_same_letter(process: wiring.Running, postbox: Postbox) -> None:
    await written(process)
    async with process.db.transaction() as rival:
        await rival.fetch("select from service.mails for update")
        assert not await mails.send_next(process)
    assert await mails.send_next(process)
    assert len(postbox.taken) == 1


async def test_a_mail_server_that_wants_it_later_gets_it_later(
    process: wiring.Running, postbox: Postbox, hand: Hand
) -> None:
    await written(process)
    postbox.reply = "451 later, please"
    assert await mails.send_next(process)
    assert not await mails.send_next(process), "not at once"
    postbox.reply = "250 OK"
    hand.now = (await row(process))["retry_at"]
    assert await mails.send_next(process)
    assert len(postbox.taken) == 1


async def test_a_letter_refused_for_good_is_given_up_and_does_not_hold_up_the_next(
    process: wiring.Running, postbox: Postbox
) -> None:
    await written(process)
    postbox.reply = "550 no such person"
    await mails.send_next(process)
    assert (await row(process))["given_up_at"] == WRITTEN
    postbox.reply = "250 OK"
    await written(process, "karim@example.org", outbox_id=2)
    assert await mails.send_next(process)
    assert len(postbox.taken) == 1


async def test_a_mail_server_that_is_away_loses_nothing(database_url: str, tmp_path: Path, hand: Hand) -> None:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path, PREUVE_SMTP_URL="smtp://127.0.0.1:1")
    async with wiring.running(settings, clock=hand, house=True) as process:
        await written(process)
        await mails.send_next(process)
        waiting = await row(process)
        assert (waiting["attempts"], waiting["failure"], waiting["given_up_at"]) == (1, "Delayed", None)
        assert waiting["body"] == "secret-link\n"


async def test_in_development_letters_are_files_to_open(database_url: str, tmp_path: Path, hand: Hand) -> None:
    async with wiring.running(
        settings_for(database_url, "redis://127.0.0.1:1", tmp_path), clock=hand, house=True
    ) as process:
        await written(process)
        await mails.send_next(process)
        received = email.message_from_bytes(
            (tmp_path / "mail" / "mail-1.eml").read_bytes(), policy=email.policy.default
        )
        assert received["To"] == "noor@example.org"


async def test_letters_of_a_replayed_past_are_filed_away_unsent(process: wiring.Running, postbox: Postbox) -> None:
    await written(process)
    async with process.db.transaction() as tx:
        assert await mails.file_away(tx, now=process.now()) == 1
    assert not await mails.send_next(process)
    assert postbox.taken == []
