"""A calendar address over HTTP, as calendar programs ask for it; its secret is shown once, and dies when it is told to."""

import json
import logging
import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import icalendar
import ics
import pytest

from scheduling import bookings
from service import accounts
from service.logs import JsonLines
from tests.builders.pages import Street

PAGE = {"accept": "text/html", "accept-language": "en"}


async def address_of(client: httpx.AsyncClient, kind: str, owner_id: UUID, *, language: str = "fr") -> str:
    """Make an address as the page does, and read it from the page."""
    cookies = {"language": language}
    client.cookies.update(cookies)
    made = await client.post("/calendars", data={"kind": kind, "owner_id": str(owner_id)})
    assert (made.status_code, made.headers["location"]) == (303, "/calendars")
    page = await client.get("/calendars", headers=PAGE)
    (address,) = re.findall(r">http://localhost:8000(/calendars/[\w-]+\.ics)<", page.text)
    return str(address)


async def mine(street: Street) -> str:
    await street.book(await street.open_session())
    return await address_of(street.noor, "candidate", street.noor_id)


async def test_the_address_is_shown_once_for_https_and_webcal(street: Street) -> None:
    address = await mine(street)
    assert len(address.removeprefix("/calendars/").removesuffix(".ics")) >= 22, "128 bits"
    again = await street.noor.get("/calendars", headers=PAGE)
    assert address not in again.text
    assert "In use since" in again.text or "Utilisée depuis" in again.text
    await street.noor.post("/calendars", data={"kind": "candidate", "owner_id": str(street.noor_id)})
    shown = (await street.noor.get("/calendars", headers=PAGE)).text
    assert re.search(r'href="webcal://localhost:8000/calendars/[\w-]+\.ics"', shown)
    assert (await street.stranger.get(address)).status_code == 404, "renewed: the old one ends at once"


async def test_the_headers_are_those_that_calendar_programs_need(street: Street) -> None:
    answer = await street.stranger.get(await mine(street))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300, must-revalidate"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["etag"])
    assert answer.headers["last-modified"] == "Tue, 01 Sep 2026 08:00:00 GMT"
    assert "set-cookie" not in answer.headers


async def test_two_reads_are_the_same_bytes_and_head_is_the_same_without_them(street: Street) -> None:
    address = await mine(street)
    first, second, head = (
        await street.stranger.get(address), await street.stranger.get(address), await street.stranger.head(address)
    )  # fmt: skip
    assert second.content == first.content
    assert head.content == b""
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert head.headers[name] == first.headers[name] == second.headers[name]


async def test_what_is_known_is_not_sent_again(street: Street) -> None:
    address = await mine(street)
    etag = (await street.stranger.get(address)).headers["etag"]
    for known in (etag, f"W/{etag}", "*", f'"other", {etag}', f'W/"x",W/{etag}'):
        answer = await street.stranger.get(address, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert answer.headers["cache-control"] == "private, max-age=300, must-revalidate"
    for since, status in (
        ("Tue, 01 Sep 2026 08:00:00 GMT", 304),
        ("Wed, 02 Sep 2026 08:00:00 GMT", 304),
        ("Tue, 01 Sep 2026 07:59:59 GMT", 200),
        ("yesterday", 200),
    ):
        assert (await street.stranger.get(address, headers={"If-Modified-Since": since})).status_code == status
    both = {"If-None-Match": '"other"', "If-Modified-Since": "Wed, 02 Sep 2026 08:00:00 GMT"}
    assert (await street.stranger.get(address, headers=both)).status_code == 200, "the tag decides"


async def test_a_cancelled_test_stays_as_cancelled_with_a_higher_sequence(street: Street) -> None:
    address = await mine(street)
    (before,) = icalendar.Calendar.from_ical((await street.stranger.get(address)).content).walk("VEVENT")
    async with street.db.transaction() as tx:
        booking = await tx.fetchval("select id from scheduling.bookings")
        await bookings.cancel(
            tx, booking, policy=bookings.CancellationPolicy(), by=None, now=street.now + timedelta(minutes=1)
        )
    (after,) = icalendar.Calendar.from_ical((await street.stranger.get(address)).content).walk("VEVENT")
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert after["SUMMARY"].startswith("Annulé – Épreuve")
    assert after["SEQUENCE"] > before["SEQUENCE"]


async def test_every_kind_of_calendar_is_read_by_foreign_parsers_and_names_nobody(
    street: Street, now: datetime
) -> None:
    session = await street.open_session()
    await street.book(session)
    async with street.db.read() as tx:
        evaluator = await tx.fetchval("select assessor_id from scheduling.jury_seats where role = 'evaluator'")
    async with street.db.transaction() as tx:
        await tx.execute("update service.accounts set assessor_id = $1 where email = 'manager@example.org'", evaluator)
    owners = {"centre": street.room.centre_id, "room": street.room.id, "assessor": evaluator}
    addresses = [await address_of(street.manager, kind, owner, language="nl") for kind, owner in owners.items()]
    addresses.append(await address_of(street.noor, "candidate", street.noor_id, language="de"))
    for address in addresses:
        body = (await street.stranger.get(address)).content
        (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
        (other,) = ics.Calendar(body.decode()).events
        assert other.begin.datetime == event.decoded("DTSTART")
        for name in (b"Noor", b"Peeters", b"Ahmed", b"Lambert", b"@example.org"):
            assert name not in body
    bodies = [(await street.stranger.get(address)).text for address in addresses]
    assert "SUMMARY:MACO-1 – Een muur van blokken metselen" in bodies[0]
    assert "SUMMARY:Jury (beoordelaar): Een muur van blokken metselen" in bodies[2]
    assert "SUMMARY:Prüfung: Eine Blockwand mauern" in bodies[3]


async def test_an_address_ends_at_once_and_reads_nothing_beyond_its_owners_rights(street: Street) -> None:
    address = await mine(street)
    (feed,) = re.findall(
        r'action="/calendars/([\w-]+)/revocation"', (await street.noor.get("/calendars", headers=PAGE)).text
    )
    assert (await street.sam.post(f"/calendars/{feed}/revocation")).status_code == 404
    assert (await street.stranger.get(address)).status_code == 200
    assert (await street.noor.post(f"/calendars/{feed}/revocation")).status_code == 303
    assert (await street.stranger.get(address)).status_code == 404
    again = await address_of(street.noor, "candidate", street.noor_id)
    async with street.db.transaction() as tx:
        account = await tx.fetchval("select id from service.accounts where email = 'noor@example.org'")
        await accounts.disable(tx, account, now=street.now)
    assert (await street.stranger.get(again)).status_code == 404


async def test_nobody_makes_an_address_for_somebody_elses_calendar(street: Street) -> None:
    for client, kind, owner in (
        (street.sam, "candidate", street.noor_id),
        (street.noor, "centre", street.room.centre_id),
        (street.other_manager, "centre", street.room.centre_id),
        (street.other_manager, "room", street.room.id),
        (street.noor, "assessor", street.noor_id),
    ):
        assert (await client.post("/calendars", data={"kind": kind, "owner_id": str(owner)})).status_code == 404
    assert (await street.stranger.get("/calendars")).status_code == 401


async def test_an_address_is_for_reading_and_only_whole(street: Street) -> None:
    address = await mine(street)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await street.stranger.request(method, address)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
    for junk in (
        address.removesuffix(".ics"),
        "/calendars/.ics",
        "/calendars/x.ics",
        f"/calendars/{'a' * 4000}.ics",
        address + "x",
    ):
        assert (await street.stranger.get(junk)).status_code == 404


async def test_the_secret_is_in_no_log_line(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        address = await mine(street)
        await street.stranger.get(address)
        await street.stranger.get(address + "x")
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "preuve"]
    token = address.removeprefix("/calendars/").removesuffix(".ics")
    assert not [line for line in lines if token in line]
    assert "/calendars/{file}" in {json.loads(line).get("route") for line in lines}
    async with street.db.read() as tx:
        kept = await tx.fetch("select f::text as row from scheduling.feeds f")
    assert not [row for row in kept if token in row["row"]]


async def test_a_manager_is_offered_the_centre_and_each_of_its_rooms(street: Street) -> None:
    page = (await street.manager.get("/calendars", headers=PAGE)).text
    assert page.count('name="kind" value="centre"') == 1
    assert page.count('name="kind" value="room"') == 1
    assert f'value="{street.room.id}"' in page
