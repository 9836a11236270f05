"""A date of birth is corrected by who has seen a document, an address by who reads the mail there; the old one is told."""

import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from assessments import candidates
from scheduling import bookings, sessions
from service import logins, rectification_readings, rectifications
from service.settings import secret
from tests.builders.pages import Street, a_street
from tests.builders.watch import Watch
from tests.builders.web import signed_in

PAGE = {"accept": "text/html"}
EN = {"language": "en"}


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Watch, now: datetime
) -> AsyncIterator[Street]:
    async with a_street(database_url, valkey_url, tmp_path, clock, now) as street:
        for reader in (street.noor, street.sam, street.manager, street.other_manager, street.stranger):
            reader.cookies.update(EN)
        yield street


async def letters_to(street: Street, address: str) -> list[str]:
    await street.react()
    async with street.db.read() as tx:
        rows = await tx.fetch("select subject, body from service.mails where recipient = $1 order by id", address)
    return [f"{row['subject']}\n{row['body']}" for row in rows]


async def the_link(street: Street, address: str) -> str:
    found = re.findall(r"/address/[\w-]+", "".join(await letters_to(street, address)))
    assert found
    return str(found[-1])


async def address_of(street: Street, candidate_id: UUID) -> tuple[str, str]:
    async with street.db.read() as tx:
        row = await tx.fetchrow(
            """select c.email, a.email as account from assessments.candidates c
               join service.accounts a on a.candidate_id = c.id where c.id = $1""",
            candidate_id,
        )
    return row["email"], row["account"]


async def test_the_address_changes_when_its_link_is_followed_and_the_old_one_is_told(street: Street) -> None:
    old, _ = await address_of(street, street.noor_id)
    await street.stranger.post("/sign-in", data={"email": old})  # a link of before, on its way to the old mailbox
    asked = await street.noor.post("/privacy/address", data={"email": " New@Example.org "}, headers=PAGE)
    assert asked.status_code == 303
    assert (await address_of(street, street.noor_id)) == (old, old), "nothing changes yet"
    assert "new@example.org" in (await street.noor.get("/privacy/identity", headers=PAGE)).text
    link = await the_link(street, "new@example.org")
    page = await street.stranger.get(link, headers=PAGE)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert (await address_of(street, street.noor_id)) == (old, old), "a program that follows links changes nothing"
    assert "is changed" in (await street.stranger.post(link, headers=PAGE)).text
    assert (await address_of(street, street.noor_id)) == ("new@example.org", "new@example.org")
    assert "Votre adresse e-mail a été changée" in (await letters_to(street, old))[-1]
    assert (await street.stranger.post(link, headers=PAGE)).status_code == 410
    async with street.db.read() as tx:
        links = await tx.fetchval("select count(*) from service.sign_in_links where account_id is not null")
        trail = await tx.fetch(
            "select action, changes::text from service.audit where candidate_id = $1", street.noor_id
        )
    assert links == 0, "no link of before signs in"
    assert {"rectification.added", "rectification.carried_out", "candidate.changed"} <= {row["action"] for row in trail}
    assert "new@example.org" not in str([row["changes"] for row in trail]), "the trail says that, not what"


async def test_only_the_newest_link_works_and_for_a_day(street: Street, clock: Watch) -> None:
    await street.noor.post("/privacy/address", data={"email": "one@example.org"}, headers=PAGE)
    first = await the_link(street, "one@example.org")
    await street.noor.post("/privacy/address", data={"email": "two@example.org"}, headers=PAGE)
    assert (await street.stranger.post(first)).status_code == 410
    last = await the_link(street, "two@example.org")
    clock.now += rectifications.VALID
    assert (await street.stranger.post(last)).status_code == 410
    assert (await street.stranger.post("/address/" + "x" * 43)).status_code == 410


async def test_an_address_that_somebody_has_is_learnt_of_by_its_reader_only(street: Street) -> None:
    taken, _ = await address_of(street, street.sam_id)
    answers = [
        await street.noor.post("/privacy/address", data={"email": email}, headers=PAGE)
        for email in (taken, "free@example.org", taken)
    ]
    assert len({(one.status_code, one.headers["location"]) for one in answers}) == 1
    answer = await street.stranger.post(await the_link(street, taken), headers=PAGE)
    assert (answer.status_code, "already in use" in answer.text) == (409, True)
    assert (await address_of(street, street.noor_id))[0] != taken


@pytest.mark.parametrize(
    "address", ["a@example.org\n", "a,b@example.org", "a<b@example.org>", '"a"@b', "a@b@c", "a b@c"]
)
async def test_what_a_mail_header_would_read_otherwise_is_no_address(street: Street, address: str) -> None:
    answer = await street.noor.post("/api/v1/details/address", json={"email": address})
    assert answer.status_code == 422
    page = await street.noor.post("/privacy/address", data={"email": address.replace("\n", " x")}, headers=PAGE)
    assert (page.status_code, 'href="#email"' in page.text) == (422, True)


async def test_nobody_floods_a_mailbox(street: Street, clock: Watch) -> None:
    for number in range(rectifications.MOST):
        answer = await street.noor.post("/api/v1/details/address", json={"email": f"x{number}@example.org"})
        assert answer.status_code == 202
    answer = await street.noor.post("/api/v1/details/address", json={"email": "last@example.org"})
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/rectified-too-often")
    page = await street.noor.post("/privacy/birth-date", data={"birth_date": "1990-05-18"}, headers=PAGE)
    assert (page.status_code, "Too many corrections" in page.text) == (429, True)
    clock.now += logins.FRESH
    answer = await street.noor.post("/api/v1/details/address", json={"email": "last@example.org"})
    assert answer.json()["type"] == "/problems/step-up-needed"
    assert "/confirmation?onward" in (await street.noor.get("/privacy/identity", headers=PAGE)).text


async def at_the_door(street: Street, candidate_id: UUID) -> UUID:
    """A booking whose session is today."""
    session = await street.open_session()
    async with street.db.transaction() as tx:
        booking = await bookings.book(tx, session, candidate_id, by=None, now=street.now)
        await sessions.lock(tx, session, by=None, now=street.now)
    return booking


async def test_reception_corrects_a_date_of_birth_once_the_identity_was_seen(street: Street, clock: Watch) -> None:
    booking = await at_the_door(street, street.noor_id)
    async with street.db.read() as tx:
        centre = await tx.fetchval("select centre_id from scheduling.sessions limit 1")
        there = await tx.fetchval("select id from scheduling.centres where id <> $1 limit 1", centre)
    reception = await signed_in(street.app, "desk@example.org", "reception", centre_id=centre)
    asked = await street.noor.post("/privacy/birth-date", data={"birth_date": "1989-05-17"}, headers=PAGE)
    assert asked.status_code == 303
    assert "1989" in (await street.noor.get("/privacy/identity", headers=PAGE)).text
    here, wish = f"/api/v1/bookings/{booking}/birth-date", {"birth_date": "1989-05-17"}
    assert (await reception.post(here, json=wish)).json()["type"] == "/problems/not-in-that-state"
    clock.now = street.start - timedelta(minutes=20)
    reception = await signed_in(street.app, "door@example.org", "reception", centre_id=centre)
    reception.cookies.update(EN)
    elsewhere = await signed_in(street.app, "far@example.org", "manager", centre_id=there)
    await reception.put(f"/api/v1/bookings/{booking}/identity-check")
    async with street.db.read() as tx:
        assert (await candidates.get(tx, street.noor_id)).birth_date != date(1989, 5, 17), "asking is not correcting"
    page = await reception.get(f"/centre/bookings/{booking}/identity", headers=PAGE)
    assert 'value="1989-05-17"' in page.text
    for foolish in ("", "17/05/1989", "2999-01-01", "1189-01-01"):
        refused = await reception.post(
            f"/centre/bookings/{booking}/birth-date", data={"birth_date": foolish}, headers=PAGE
        )
        assert (refused.status_code, 'href="#birth_date"' in refused.text) == (422, True), foolish
    young = await reception.post(
        f"/centre/bookings/{booking}/birth-date", data={"birth_date": "2015-01-01"}, headers=PAGE
    )
    assert young.status_code in (409, 422), "nobody becomes too young for a place that they hold"
    assert (await elsewhere.post(here, json=wish)).status_code == 404
    done = await reception.post(f"/centre/bookings/{booking}/birth-date", data=wish, headers=PAGE)
    assert done.status_code == 303, done.text
    async with street.db.read() as tx:
        assert (await candidates.get(tx, street.noor_id)).birth_date == date(1989, 5, 17)
        assert await rectification_readings.waiting(tx, street.noor_id, now=clock.now) == []
    told = [one.partition("\n")[0] for one in await letters_to_noor(street)]
    assert "Votre date de naissance a été corrigée" in told


async def letters_to_noor(street: Street) -> list[str]:
    return await letters_to(street, (await address_of(street, street.noor_id))[0])


async def test_addresses_that_were_never_confirmed_are_forgotten(street: Street, clock: Watch) -> None:
    await street.noor.post("/privacy/address", data={"email": "never@example.org"}, headers=PAGE)
    async with street.db.transaction() as tx:
        assert await rectifications.forget(tx, now=clock.now + timedelta(days=20)) == 0
        assert await rectifications.forget(tx, now=clock.now + timedelta(days=32)) == 1


async def test_a_database_alone_opens_no_link(street: Street) -> None:
    await street.noor.post("/privacy/address", data={"email": "new@example.org"}, headers=PAGE)
    async with street.db.read() as tx:
        row = await tx.fetchrow("select id, token_hash from service.rectifications")
    token = rectification_readings.token_of(secret(street.app.state.settings), row["id"])
    assert token.encode() not in row["token_hash"]
    assert rectification_readings.token_of(b"another key", row["id"]) != token


async def programs(client: httpx.AsyncClient, body: dict[str, str], tag: str) -> httpx.Response:
    return await client.put("/api/v1/details", json=body, headers={"If-Match": tag})


async def test_programs_correct_details_by_their_version(street: Street) -> None:
    read = await street.noor.get("/api/v1/details")
    body = read.json() | {"given_name": "Nour"}
    assert (await programs(street.noor, body, read.headers["etag"])).json()["given_name"] == "Nour"
    assert (await programs(street.noor, body, read.headers["etag"])).status_code == 412
    assert (await street.noor.put("/api/v1/details", json=body)).status_code == 428
