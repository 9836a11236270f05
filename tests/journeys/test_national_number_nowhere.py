"""A national number is given once, on one form. After a whole journey it is found nowhere: no page, mail, calendar, PDF,
export, log line, table or file, and not in the audit trail."""

import base64
import email
import io
import logging
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import policy
from pathlib import Path

import httpx
import pypdfium2
import pytest

from service import keys, mails
from service.logs import JsonLines, TextLines
from tests.builders.pages import Street, a_street
from tests.builders.privacy import NUMBER, WRITTEN, everything, react, with_privacy
from tests.builders.watch import Watch
from tests.builders.web import signed_in

DIGITS = re.compile(r"88\D{0,3}02\D{0,3}29\D{0,3}999\D{0,3}90")
FORMS = (
    DIGITS,
    re.compile(NUMBER.encode().hex()),
    re.compile(
        "|".join(re.escape(base64.b64encode(b"x" * shift + NUMBER.encode())[4:12].decode()) for shift in range(3))
    ),
)
LINK = re.compile(r'href="(/[^"#]*)')
ENOUGH = 80  # pages of one reader
# A mail address, or what opens something: 32 random bytes as our links, cookies, tokens and calendars write them.
TELLING = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w-])[\w-]{43}(?![\w-])")


class Net:
    """Everything that came out, to be searched."""

    def __init__(self) -> None:
        self.caught: dict[str, str] = {}

    async def response(self, response: httpx.Response) -> None:
        body = await response.aread()
        kind = response.headers.get("content-type", "")
        name = f"{response.request.method} {response.request.url.path} {len(self.caught)}"
        self.text(name, f"{response.request.url} {response.headers} {body.decode('utf-8', 'replace')}")
        if kind == "application/pdf":
            self.pdf(name, body)
        if kind == "application/zip":
            self.zip(name, body)

    def text(self, name: str, text: str) -> None:
        self.caught[name] = text

    def pdf(self, name: str, content: bytes) -> None:
        document = pypdfium2.PdfDocument(content)
        self.text(f"{name} (text)", "\n".join(page.get_textpage().get_text_range() for page in document))
        self.text(f"{name} (bytes)", content.decode("latin-1") + str(document.get_metadata_dict()))

    def zip(self, name: str, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            for inside in files.namelist():
                self.text(f"{name} {inside}", files.read(inside).decode("utf-8", "replace"))
                if inside.endswith(".pdf"):
                    self.pdf(f"{name} {inside}", files.read(inside))

    def holes(self) -> list[str]:
        return [name for name, text in self.caught.items() if any(form.search(text) for form in FORMS)]


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, watch: Watch, now: datetime
) -> AsyncIterator[Street]:
    async with a_street(database_url, valkey_url, tmp_path, watch, now) as street:
        with_privacy(street.app)
        yield street


@pytest.mark.parametrize(
    "planted",
    [NUMBER, WRITTEN, "88 02 29 999 90", NUMBER.encode().hex(), base64.b64encode(f"ab{NUMBER}".encode()).decode()],
)
def test_the_net_catches_the_number_in_each_of_its_forms(planted: str) -> None:
    net = Net()
    net.text("planted", f"…{planted}…")
    assert net.holes() == ["planted"]


async def test_the_number_is_nowhere(street: Street, watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    net, administrator = Net(), await signed_in(street.app, "administrator@example.org", "administrator")
    everyone = (street.noor, street.sam, street.manager, administrator, street.stranger)
    for reader in everyone:
        reader.event_hooks["response"].append(net.response)
    await given(street)
    await lived(street, watch)
    for reader in everyone:
        await wander(reader)
    await left_behind(street, net, caplog)
    assert len(net.caught) > 60
    for kind in ("archive.zip", ".pdf (text)", ".ics", "/shared/", ".eml text/plain", "database", "log JsonLines"):
        assert any(kind in name for name in net.caught), kind
    assert net.holes() == []
    assert telling(net.caught["log JsonLines"], await people(street)) == [], "the log that is kept names nobody"
    assert any("••.••.••-•••.90" in text for text in net.caught.values()), "it was on record all the time"


@pytest.mark.parametrize("planted", ["noor@example.org", "x" * 43, "Hello Noor, …"])
def test_the_net_catches_what_tells_of_people_in_a_log(planted: str) -> None:
    assert telling(f'{{"event":"request","said":"{planted}"}}', {"Noor"})
    assert not telling('{"event":"request","route":"/address/{token}","request_id":"0123456789abcdef"}', {"Noor"})


def telling(log: str, names: set[str]) -> list[str]:
    """What in a log tells who somebody is, or would let its reader in somewhere (reliability.md, A16)."""
    words = set(re.findall(r"[\w’-]+", log))
    return [*TELLING.findall(log), *sorted(words & names)]


async def people(street: Street) -> set[str]:
    async with street.db.read() as tx:
        rows = await tx.fetch(
            """select unnest(array[given_name, family_name]) as name from assessments.candidates
               union select unnest(array[given_name, family_name]) from assessments.assessors"""
        )
    names = {row["name"] for row in rows}
    assert "Noor" in names
    return names


async def given(street: Street) -> None:
    """The number on its form; mistyped; and once more by somebody else, so that PostgreSQL complains about a row."""
    for who, number, status in (
        (street.noor, WRITTEN, 303),
        (street.noor, NUMBER, 303),
        (street.sam, NUMBER, 409),
        (street.sam, f"{NUMBER}1", 422),
    ):
        answer = await who.post("/privacy/national-number", data={"number": number}, headers={"accept": "text/html"})
        assert answer.status_code == status
    refused = await street.sam.post("/privacy/national-number", data={"number": NUMBER, "more": NUMBER})
    assert refused.status_code == 422


async def lived(street: Street, watch: Watch) -> None:
    """A test passed and certified, another one booked, a calendar, a consent, an address, a copy, keys renewed."""
    _, decision = await street.tested(street.noor_id, "pass")
    await react(street.app)
    appeal = await street.noor.post(f"/api/v1/decisions/{decision}/appeal", json={"grounds": "The wall was straight"})
    assert appeal.status_code == 201
    await street.book(await street.open_session(), who=street.sam)
    for reader in (street.noor, street.sam):
        feed = await reader.post("/api/v1/feeds", json={"kind": "candidate"})
        assert (await street.stranger.get(feed.json()["url"])).status_code == 200
    consent = {
        "scope": "result", "recipient_kind": "actiris", "recipient_name": "Actiris", "purpose": "Suivi",
        "until": f"{watch.now + timedelta(days=99):%Y-%m-%d}",
    }  # fmt: skip
    await street.noor.post("/privacy/consents", data=consent)
    found = re.findall(r"/privacy/consents/[0-9a-f-]+/links", (await street.noor.get("/privacy")).text)
    await street.noor.post(found[0])
    shared = re.search(r"/shared/[\w-]{43}", (await street.noor.get("/privacy")).text)
    assert shared
    assert (await street.stranger.get(shared[0])).status_code == 200
    async with street.db.transaction() as tx:
        assert await keys.rotate(tx, street.app.state.settings, now=watch.now) == 1
    await street.noor.post("/privacy/exports")
    await react(street.app)


async def wander(reader: httpx.AsyncClient) -> None:
    """Follow every link this reader is shown, as far as ENOUGH pages."""
    seen, ahead = (
        set(),
        ["/", "/privacy", "/journey", "/calendars", "/centre", "/centres", "/agenda", "/reports", "/api/openapi.json"],
    )
    while ahead and len(seen) < ENOUGH:
        address = ahead.pop(0)
        if address not in seen and not address.startswith(("/static/", "/problems/")) and "lang=" not in address:
            seen.add(address)
            page = await reader.get(address, headers={"accept": "text/html"})
            assert page.status_code < 500, address
            ahead += LINK.findall(page.text.replace("&amp;", "&"))


async def left_behind(street: Street, net: Net, caplog: pytest.LogCaptureFixture) -> None:
    """The letters as they leave, every table, every file of the data folder, every line of the log."""
    while await mails.send_next(street.app.state.running.as_house()):
        pass
    folder = street.app.state.settings.data
    for file in folder.rglob("*"):
        if file.is_file():
            net.text(str(file.name), file.read_bytes().decode("latin-1"))
    letters = list(folder.rglob("*.eml"))
    assert letters
    for file in letters:
        for part in email.message_from_bytes(file.read_bytes(), policy=policy.default).walk():
            if not part.is_multipart():
                net.text(f"{file.name} {part.get_content_type()}", str(part.get_content()))
    async with street.db.read() as tx:
        net.text("database", await everything(tx))
    assert caplog.records
    for form in (JsonLines(), TextLines()):
        net.text(f"log {type(form).__name__}", "\n".join(form.format(record) for record in caplog.records))
