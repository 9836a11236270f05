"""Names that mean harm, through every way out of the house; each read by a parser that is not ours.

What steers the display and shows nothing is refused where it comes in; everything else is a name like another: it changes
neither the structure of a page, nor the properties of a calendar, nor the headers of a mail.
"""

import csv
import email
import io
import json
import logging
import unicodedata
import zipfile
from datetime import date, datetime, timedelta
from email import policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import icalendar
import ics
import pypdfium2
import pytest

from assessments.refusals import NameUnreadable
from certificates import document
from certificates.refusals import NotPrintable
from scheduling import sessions
from service import mails, reports
from service.db import translated
from service.logs import JsonLines
from tests.builders.hall import Hall
from tests.builders.stage import a_stage

HARMLESS = "Noor"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}{% raw %}${7*7}#{7*7}",
    '=HYPERLINK("http://foe.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "a;b,c:d\\n;ATTENDEE=x",
    "BEGIN:VEVENT\\nEND:VEVENT",
    'x";CN="foe',
    "%0d%0aBcc: foe@example.org",
    "=?utf-8?B?QmNjOiBmb2U=?=",
    '#set text(red) $ x $ ]#read("/etc/passwd")',
    "'; drop table assessments.candidates; --",
    "../../etc/passwd",
    "O’Neill-Çelik d’Ür",
    "e\u0301\u0327 Zoe\u0308",
    "می\u200cخواهم",
    "𝒩oor 👩\u200d🔧",
)
REFUSED = (
    "Noor\r\nBcc: foe@example.org",
    "Noor\tPeeters",
    "Noor\x1b[31m",
    "Noor\x7f",
    "No\x85or",
    "\u202egro.elpmaxe",
    "Noor\u2066x",
    "Noor\u200f",
    "No\u200bor",
    "\ufeffNoor",
    "Noor\u2028x",
)
SIMPLE = "Peeters"


class Shape(HTMLParser):
    """The tags of a page with the names of their attributes, without its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


class WayOut:
    """What one candidate's name comes out by: pages, a letter with an invitation, an export."""

    def __init__(self, hall: Hall, session_id: UUID) -> None:
        self.hall, self.session_id, self.days = hall, session_id, 0

    async def rename(self, name: str) -> httpx.Response:
        form = {"given_name": name, "family_name": SIMPLE, "language": "fr", "version": "*"}
        return await self.hall.street.noor.post("/privacy/details", data=form)

    async def pages(self) -> dict[str, str]:
        here = f"/centre/sessions/{self.session_id}"
        asked = {
            "journey": (self.hall.street.noor, "/journey"),
            "details": (self.hall.street.noor, "/privacy/details"),
            "session": (self.hall.manager, here),
        }
        answers = {name: await who.get(path) for name, (who, path) in asked.items()}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {name: answer.text for name, answer in answers.items()}

    async def program(self) -> str:
        said = (await self.hall.manager.get(f"/api/v1/sessions/{self.session_id}")).json()
        return str(said["bookings"][0]["given_name"])

    async def letter(self) -> email.message.EmailMessage:
        """The session moves, and Noor is told."""
        self.days = 1 - self.days
        street = self.hall.street
        async with self.hall.db.transaction() as tx:
            await tx.execute("delete from service.mails")
            await sessions.move(
                tx, self.session_id, starts_at=street.start + timedelta(days=self.days), room_id=street.room.id,
                by=None, now=street.now,
            )  # fmt: skip
        await street.react()
        folder = street.app.state.settings.data / "mail"
        for old in folder.glob("*.eml"):
            old.unlink()
        while await mails.send_next(street.app.state.running.as_house()):
            pass
        letters = [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in folder.glob("*.eml")]
        return next(one for one in letters if one["To"] == "noor@example.org")  # type: ignore[return-value]

    async def export(self) -> dict[str, str]:
        async with self.hall.db.transaction() as tx:
            await tx.execute("delete from service.exports")
        await self.hall.street.noor.post("/privacy/exports")
        await self.hall.street.react()
        async with self.hall.db.read() as tx:
            archive = await tx.fetchval("select archive from service.exports")
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            return {name: files.read(name).decode() for name in files.namelist() if name.endswith((".html", ".json"))}


async def test_a_name_changes_nothing_but_the_name(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    session_id = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session_id, by=None, now=hall.street.now)
    await hall.street.book(session_id)
    way_out = WayOut(hall, session_id)
    plain = await everything(way_out, HARMLESS)
    for name in HOSTILE:
        assert await everything(way_out, name) == plain, name
    lines = [JsonLines().format(record) for record in caplog.records]
    assert lines
    assert all("\n" not in line and isinstance(json.loads(line), dict) for line in lines)
    assert not [name for name in HOSTILE if any(name in line for line in lines)]


async def everything(way_out: WayOut, name: str) -> dict[str, Any]:
    """The structure of all that comes out; what is text in it must be the name itself."""
    assert (await way_out.rename(name)).status_code == 303, name
    assert await way_out.program() == name
    pages = {page: Shape(text) for page, text in (await way_out.pages()).items()}
    assert name in pages["journey"].words
    assert name in pages["session"].words
    letter = await way_out.letter()
    assert not letter.defects
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert name in said
    invitation = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
    text = invitation.get_content()
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(event["ATTENDEE"]) == "mailto:noor@example.org"
    assert len(ics.Calendar(text).events) == 1
    exported = await way_out.export()
    data = json.loads(exported["data.json"])
    assert f'"given_name":{json.dumps(name, ensure_ascii=False)}' in json.dumps(
        data, ensure_ascii=False, separators=(",", ":")
    ), name
    return {
        "pages": {page: shape.tags for page, shape in pages.items()},
        "headers": sorted(key for key in letter if key != "Content-Transfer-Encoding"),
        "to": letter["To"],
        "properties": sorted(event),
        "parameters": sorted(event["ATTENDEE"].params),
        "export": sorted(set(Shape(exported["index.html"]).tags)),  # it grows with every change,
    }


async def test_what_steers_and_shows_nothing_is_refused_where_it_comes_in(hall: Hall) -> None:
    way_out = WayOut(hall, uuid4())
    for name in REFUSED:
        answer = await way_out.rename(name)
        assert answer.status_code == 422, ascii(name)
        assert "caractères illisibles" in answer.text, ascii(name)
    assert (await way_out.rename("Noor\0")).status_code == 400
    async with hall.db.read() as tx:
        assert await tx.fetchval("select given_name from assessments.candidates where email ~ 'noor'") == HARMLESS


async def test_postgresql_refuses_it_of_candidates_and_assessors_whoever_writes(
    tx: "asyncpg.Connection[asyncpg.Record]", now: datetime
) -> None:
    stage = await a_stage(tx, now)
    candidate = await stage.candidate(tx)
    for name in REFUSED:
        for table, person in (("candidates", candidate), ("assessors", stage.evaluator)):
            with pytest.raises(NameUnreadable), translated(tx):
                async with tx.transaction():
                    await tx.execute(f"update assessments.{table} set family_name = $1 where id = $2", name, person)
    for name in HOSTILE:
        await tx.execute("update assessments.candidates set family_name = $1 where id = $2", name, candidate)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_certificate_shows_the_name_or_is_not_printed(name: str) -> None:
    try:
        pdf = document.render(printed(name))
    except NotPrintable:
        assert not name.isascii(), "every ASCII name can be printed"
        return
    read = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in read)
    assert visible(name) in visible(text)
    assert b"/JavaScript" not in pdf
    assert b"/Launch" not in pdf


def visible(text: str) -> str:
    """Composed, without spaces and without what has no drawing of its own (joiners)."""
    return "".join(
        one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one) not in ("Cf", "Zs", "Cc")
    )


def printed(name: str) -> document.Printed:
    return document.Printed(
        serial="2026-000123", public_code="PRV-0000-0000-0000-0000-0000-0000-0000",
        verify_url="https://preuve.example/certificates/PRV-0000", holder_name=name, birth_date=date(1990, 5, 17),
        unit_code="TPCR-3", unit_label="Intégrer", trade_label="Technicien", centre_name="Digitalcity",
        site_city="Auderghem", jury_date=date(2026, 9, 1), issued_on=date(2026, 9, 1), scheme_label="Validation",
        standard_version="1", language="fr",
    )  # fmt: skip


def test_no_cell_of_a_csv_is_a_formula() -> None:
    rows: list[list[str | int | None]] = [
        [name, 1, None] for name in (*HOSTILE, "\t=1", " =1", "\r=1", "\n=1", "+1", "|calc")
    ]
    read = list(csv.reader(io.StringIO(reports.as_csv(rows), newline=""), strict=True))
    assert len(read) == len(rows)
    for (given, *_), (cell, *_rest) in zip(rows, read, strict=True):
        assert cell in (given, f"'{given}")
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert cell[:1] not in ("\t", "\r", "\n")


def test_every_csv_of_the_house_is_written_by_that_one_function() -> None:
    writers = [
        str(path)
        for path in Path(reports.__file__).parents[1].glob("*/**/*.py")
        if path.parts[-2] != "tests"
        and "tests" not in path.parts
        and not any(part.startswith(".venv") for part in path.parts)
        and "csv.writer" in path.read_text()
    ]
    assert [Path(path).name for path in writers] == ["reports.py", "spreadsheets.py"]
