"""Short messages: counted as the network does, one each in four languages, only for who wants them, never a result."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service import erasures, outbox, reactions, reminder_letters, reminders, sms, text_wishes, texts, wiring
from service.appointments import Appointment, Person
from service.mail import Delayed, Undeliverable
from tests.builders.pages import Street
from tests.builders.stage import a_stage
from tests.builders.web import settings_for


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("é" * 160, 1), ("ê" * 70, 1), ("ê" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2), ("", 1),
    ],
)  # fmt: skip
def test_a_message_is_counted_as_the_network_charges_it(text: str, segments: int) -> None:
    assert sms.segments(text) == segments


def test_what_telephones_count_double_is_written_otherwise() -> None:
    assert sms.plain("L’épreuve – « à l’œuvre », où ? Là-bas, ça ira…\u00a0!") == (
        "L'épreuve - \" à l'oeuvre \", où ? Là-bas, ca ira... !"
    )
    assert sms.plain("木") == "木", "what has no plain letter stays, and costs what it costs"


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("0470 12 34 56", "+32470123456"), ("0470/12.34.56", "+32470123456"), ("02 123 45 67", "+3221234567"),
        ("+32 470 12 34 56", "+32470123456"), ("0032470123456", "+32470123456"), ("+33 (6) 12345678", "+33612345678"),
        ("123", None), ("noor@example.org", None), ("+0470123456", None), ("٠٤٧٠١٢٣٤٥٦", None), ("", None),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_people_write_it(given: str, number: str | None) -> None:
    assert sms.number(given) == number


@pytest.mark.parametrize("language", ["fr", "nl", "en", "de"])
@pytest.mark.parametrize("asks", [True, False])
def test_a_reminder_is_one_message_in_every_language(language: str, asks: bool) -> None:
    at = datetime(2026, 9, 23, 7, tzinfo=UTC)  # a Wednesday of a long month
    to = Appointment(
        Person("Noor", "Noor Peeters", "n@example.org", language), uuid4(), "candidate", at, at + timedelta(hours=4), 0,
        at, False, None, "fr", "MACO-1", {"fr": "Monter un mur"}, {"fr": "Maçon"}, "Logisticity", "l@example.org",
        "Atelier", "Rue du Charroi 1", "1080", "Forest",
    )  # fmt: skip
    body = sms.plain(reminder_letters.short_reminder(to, "https://preuve.brussels", asks=asks))
    assert sms.segments(body) == 1, (len(body), body)
    assert ("https://preuve.brussels/bookings/" in body) == asks
    assert "MACO-1" in body


@pytest.fixture
async def process(database_url: str, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=lambda: clock() + timedelta(days=12), house=True) as process:
        yield process


async def reminded(
    process: wiring.Running, *, wished: bool = True, phone: str | None = "+32470123456", language: str = "fr"
) -> UUID:
    """Two days before the test, after the reminder; the candidate."""
    async with process.db.transaction() as tx:
        stage = await a_stage(tx, process.now() - timedelta(days=12))
        _, booking = await stage.booked(tx)
        candidate: UUID = await tx.fetchval(
            """update assessments.candidates set phone = $2, language = $3
               where id = (select candidate_id from scheduling.bookings where id = $1) returning id""",
            booking,
            phone,
            language,
        )
        if wished:
            await text_wishes.wish(tx, candidate, by=uuid4(), now=process.now())
    assert await reminders.remind(process) == 1
    await outbox.drain(process, reactions.BY_TOPIC)
    return candidate


def files(process: wiring.Running) -> list[str]:
    return [file.read_text() for file in sorted((process.settings.data / "sms").glob("*"))]


async def test_who_wants_it_is_reminded_on_the_telephone_once_and_no_copy_stays(process: wiring.Running) -> None:
    await reminded(process)
    await outbox.drain(process, reactions.BY_TOPIC)
    assert [await texts.send_next(process) for _ in range(2)] == [True, False]
    (message,) = files(process)
    number, text = message.strip().split("\n")
    assert number == "+32470123456"
    assert text.startswith("Rappel : épreuve T")
    assert "9 h 00, Digitalcity, Auderghem" in text
    async with process.db.read() as tx:
        row = await tx.fetchrow("select number, body, segments, sent_at from service.texts")
    assert row is not None
    assert (row["number"], row["body"], row["segments"]) == ("", "", 1)
    assert row["sent_at"] == process.now()


@pytest.mark.parametrize(
    ("language", "begins", "ends"),
    [
        ("fr", "Rappel : épreuve T", "Prenez votre carte d'identité."),
        ("nl", "Herinnering: test T", "Breng uw identiteitskaart mee."),
        ("en", "Reminder: test T", "Bring your identity card."),
        ("de", "Erinnerung: Prüfung T", "Bringen Sie Ihren Personalausweis mit."),
    ],
)
async def test_without_a_gateway_a_reminder_is_a_file_in_the_candidates_language_once(
    process: wiring.Running, language: str, begins: str, ends: str
) -> None:
    """Nothing is set, so it goes to a folder; the clockwork, the outbox and the sender each come by twice."""
    assert not process.settings.sms_url
    await reminded(process, language=language)
    assert await reminders.remind(process) == 0
    for _ in range(2):
        await outbox.drain(process, reactions.BY_TOPIC)
        await texts.send_next(process)
    (message,) = files(process)
    number, text = message.strip().split("\n")
    assert (number, text[: len(begins)], text[-len(ends) :]) == ("+32470123456", begins, ends)


@pytest.mark.parametrize(("wished", "phone"), [(False, "+32470123456"), (True, None)])
async def test_who_did_not_ask_or_has_no_number_is_not_written_to(
    process: wiring.Running, wished: bool, phone: str | None
) -> None:
    await reminded(process, wished=wished, phone=phone)
    assert await texts.send_next(process) is False


async def test_a_message_that_another_worker_has_in_hand_is_left_to_it(process: wiring.Running) -> None:
    await reminded(process)
    async with process.db.transaction() as rival:
        await rival.fetch("select from service.texts for update")
        assert not await texts.send_next(process)
    assert await texts.send_next(process)


async def test_erasure_and_retention_take_wish_and_messages_along(process: wiring.Running) -> None:
    candidate = await reminded(process)
    await texts.send_next(process)
    async with process.db.transaction() as tx:
        assert await texts.forget(tx, before=process.now(), most=9) == 0
    async with process.db.transaction() as tx:
        await erasures.carry_out(tx, candidate, by=None, now=process.now())
        for table in (
            await tx.fetchval("select count(*) from service.texts"),
            await tx.fetchval("select count(*) from service.text_wishes"),
        ):
            assert table == 0


class Answering(BaseHTTPRequestHandler):
    """A gateway that keeps what it is told and answers what it was told to."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *said: Any) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("answer", "ends"),
    [(200, None), (202, None), (400, Undeliverable), (404, Undeliverable), (302, Delayed), (401, Delayed),
     (429, Delayed), (500, Delayed)],
)  # fmt: skip
async def test_a_gateway_is_told_number_text_and_id_and_its_answer_counts(
    answer: int, ends: type[Exception] | None
) -> None:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    server.told, server.answer = [], answer  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    gateway = sms.Gateway(f"http://noor:s%40cret@127.0.0.1:{server.server_port}/sms")
    try:
        if ends is None:
            await gateway.send("+32470123456", "Rappel", name="sms-7")
        else:
            with pytest.raises(ends):
                await gateway.send("+32470123456", "Rappel", name="sms-7")
    finally:
        server.shutdown()
        server.server_close()
    ((headers, body),) = server.told  # type: ignore[attr-defined]
    assert body == {"id": "sms-7", "to": "+32470123456", "text": "Rappel"}
    assert {name.lower(): value for name, value in headers.items()}["idempotency-key"] == "sms-7"
    assert headers["Authorization"] == "Basic bm9vcjpzQGNyZXQ="


async def test_a_gateway_that_is_away_is_asked_again_later() -> None:
    with pytest.raises(Delayed):
        await sms.Gateway("http://127.0.0.1:1").send("+32470123456", "Rappel", name="sms-7")


async def keep(street: Street, **form: str) -> httpx.Response:
    return await street.noor.post("/privacy/telephone", data=form)


async def test_my_data_keeps_number_and_wish_and_lets_both_go(street: Street) -> None:
    assert (await keep(street, phone="0470 12 34 56", texts="yes")).headers["location"] == "/privacy#telephone"
    async with street.db.read() as tx:
        assert await text_wishes.number(tx, street.noor_id) == "+32470123456"
        wish = await tx.fetchrow("select wished_at, wished_by from service.text_wishes")
        entry = await tx.fetchrow("select * from service.audit where action = 'text_wish.added'")
    assert wish is not None
    assert entry is not None
    assert (wish["wished_at"], entry["actor"]) == (street.now, wish["wished_by"])
    assert entry["candidate_id"] == street.noor_id
    page = (await street.noor.get("/privacy")).text
    assert 'value="+32470123456"' in page
    wrong = await keep(street, phone="12", texts="yes")
    assert "Ce n’est pas un numéro" in (await street.noor.get(wrong.headers["location"])).text.replace("&#39;", "’")
    await keep(street, phone="0470 12 34 56")
    async with street.db.read() as tx:
        assert await text_wishes.number(tx, street.noor_id) is None
    await keep(street, phone="")
    async with street.db.read() as tx:
        assert (await text_wishes.telephone(tx, street.noor_id)).number is None
