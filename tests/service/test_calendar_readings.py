"""Calendars read at an address: from the internet at large, and from nowhere inside, however the address is dressed up."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scheduling import busy_calendars, busy_times
from service import calendar_readings
from service.calendar_readings import NotRead, fetch, is_acceptable, is_public
from tests.builders.ports import free_port
from tests.service.conftest import Town

HOST = "calendar.example.org"
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260901T080000Z\r\n"
    b"DTSTART:20260915T070000Z\r\nDTEND:20260915T110000Z\r\nSUMMARY:Secret\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "fe80::1%eth0", "x"],
)  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://calendar.example.org/a", "https://me:word@calendar.example.org/a", "https://calendar.example.org:8443/a",
     "https:///a", "file:///etc/passwd", "https://[::1", "https://a b/", "https://é.example.org/", "ftp://x", "",
     "https://x/\r\nHost: y", "https://x/" + 2000 * "a", "https://x:99999/"],
)  # fmt: skip
def test_an_address_that_is_not_plain_https_is_not_asked_for(url: str) -> None:
    assert not is_acceptable(url)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:7f00:1]"]
)
async def test_no_name_leads_inside(host: str) -> None:
    with pytest.raises(NotRead):
        await fetch(f"https://{host}/calendar.ics")


class Site:
    """A website of this machine, under a certificate for HOST; `asked` keeps what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.port, self.asked, self.answers = free_port(), b"", b""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        today = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.certificate = folder / "site.pem"
        self.certificate.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answers)
        await writer.drain()
        writer.close()

    def says(self, body: bytes, status: str = "200 OK", more: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
        self.answers = head.encode() + body

    async def read(self, host: str = HOST) -> bytes:
        async def here(name: str) -> list[str]:
            return ["127.0.0.1"]

        trust = ssl.create_default_context(cafile=str(self.certificate))
        return await fetch(f"https://{host}/mine.ics?key=1", resolve=here, trust=trust, port=self.port)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site.certificate)
    server = await asyncio.start_server(site.answer, "127.0.0.1", site.port, ssl=context)
    yield site
    server.close()


async def test_the_connection_goes_where_we_looked_under_the_name_that_was_given(site: Site) -> None:
    site.says(CALENDAR)
    assert await site.read() == CALENDAR
    assert site.asked.startswith(b"GET /mine.ics?key=1 HTTP/1.1\r\n")
    assert f"Host: {HOST}\r\n".encode() in site.asked
    with pytest.raises(NotRead, match="unreachable"):  # a certificate for another name
        await site.read("other.example.org")


async def test_no_redirect_is_followed_nothing_large_or_packed_is_read(site: Site) -> None:
    site.says(b"", "302 Found", "Location: https://169.254.169.254/\r\n")
    with pytest.raises(NotRead, match="unreachable"):
        await site.read()
    site.says(b"x" * (busy_times.LARGEST + 1))
    with pytest.raises(NotRead, match="too_large"):
        await site.read()
    site.says(b"x", more="Content-Encoding: gzip\r\n")
    with pytest.raises(NotRead, match="unreachable"):
        await site.read()


async def test_an_assessor_names_an_address_and_takes_it_back(town: Town) -> None:
    evaluator = town.evaluator
    assert (await evaluator.post("/availability/address", data={"url": "http://localhost/"})).status_code == 422
    named = await evaluator.post("/availability/address", data={"url": "webcal://localhost/mine.ics?key=verysecret"})
    assert named.status_code == 303
    assert await calendar_readings.read_next(town.app.state.running.as_house(), {})
    assert not await calendar_readings.read_next(town.app.state.running.as_house(), {})  # not before it is due again
    page = (await evaluator.get("/availability?lang=en")).text
    assert "This address does not lead to a public website" in page
    assert "verysecret" not in page
    assert (await evaluator.post("/availability/address")).status_code == 303
    async with town.db.read() as tx:
        assert await busy_calendars.of_assessor(tx, town.stage.evaluator) is None


async def test_what_was_read_for_an_address_that_changed_meanwhile_is_not_kept(town: Town, now: datetime) -> None:
    async with town.db.transaction() as tx:
        await busy_calendars.put(tx, town.stage.evaluator, "https://a.example.org/", now=now)
        due = await busy_calendars.take_due(tx, now=now)
        assert due is not None
        await busy_calendars.put(tx, town.stage.evaluator, "https://b.example.org/", now=now)
        assert not await busy_calendars.note(tx, due, None, now=now)
