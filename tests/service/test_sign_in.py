"""Signing in with a link from the mailbox: once, soon, from the same kind of answer for everyone."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service import accounts, auth, logins, sign_in_links
from service.db import Database
from service.outbox import drain
from service.reactions import BY_TOPIC
from service.refusals import AccountKnown, LinkSpent
from service.settings import secret
from tests.builders.assessments import an_assessor
from tests.builders.watch import Watch
from tests.builders.web import a_candidate, serving, settings_for, stranger

EMAIL = "noor@example.org"


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def app(database_url: str, valkey_url: str, tmp_path: Path, watch: Watch) -> AsyncIterator[Litestar]:
    async with serving(database_url, valkey_url, tmp_path, watch) as app:
        async with app.state.running.db.as_house().transaction() as tx:
            candidate = await a_candidate(tx, EMAIL, watch.now)
            await accounts.register(
                tx, email=EMAIL, role="candidate", language="fr", now=watch.now, candidate_id=candidate
            )
        yield app


async def link_for(app: Litestar, email: str = EMAIL) -> str:
    """Ask as the form does, and read the link from the letter that the reaction writes."""
    async with stranger(app) as browser:
        assert (await browser.post("/sign-in", data={"email": email})).status_code == 200
    await drain(app.state.running.as_house(), BY_TOPIC)
    async with app.state.running.db.as_house().read() as tx:
        letter = await tx.fetchrow("select recipient, body from service.mails order by id desc limit 1")
    assert letter["recipient"] == email
    found = re.search(r"/sign-in/[\w-]+", letter["body"])
    assert found
    return found[0]


async def test_a_link_signs_in_and_the_login_ends_on_the_server(app: Litestar) -> None:
    link = await link_for(app)
    async with stranger(app) as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        arrived = await browser.post(link)
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/journey")
        set_cookie = arrived.headers["set-cookie"]
        assert "HttpOnly" in set_cookie
        assert "samesite=lax" in set_cookie.lower()
        copied = browser.cookies["preuve"]
        assert (await browser.get("/api/v1/bookings")).status_code == 200
        await browser.post("/sign-out")
        assert (await browser.get("/api/v1/bookings")).status_code == 401
    async with stranger(app) as thief:
        thief.cookies.set("preuve", copied)
        assert (await thief.get("/api/v1/bookings")).status_code == 401


async def test_looking_at_the_link_does_not_spend_it(app: Litestar) -> None:
    link = await link_for(app)
    async with stranger(app) as scanner:
        assert [(await scanner.get(link)).status_code for _ in range(3)] == [200] * 3
        assert (await scanner.head(link)).status_code == 200
    async with stranger(app) as browser:
        assert (await browser.post(link)).status_code == 303


async def test_of_fifty_at_once_one_signs_in(app: Litestar) -> None:
    link = await link_for(app)
    async with stranger(app) as browser:
        answers = await asyncio.gather(*(browser.post(link) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 49
    async with app.state.running.db.as_house().read() as tx:
        assert await tx.fetchval("select count(*) from service.logins") == 1


async def test_a_link_is_too_old_after_a_quarter_of_an_hour(app: Litestar, watch: Watch) -> None:
    link = await link_for(app)
    watch.now += timedelta(minutes=15)
    async with stranger(app) as browser:
        assert (await browser.post(link)).status_code == 410
        assert (await browser.post("/sign-in/never-was")).status_code == 410


async def test_signing_in_renews_the_secret_and_ends_the_former_login(app: Litestar) -> None:
    first, second = await link_for(app), await link_for(app)
    async with stranger(app) as browser:
        await browser.post(first, headers={"Cookie": "preuve=planted-by-somebody"})
        former = browser.cookies["preuve"]
        assert former != "planted-by-somebody"
        await browser.post(second)
        assert browser.cookies["preuve"] != former
    async with stranger(app) as old:
        old.cookies.set("preuve", former)
        assert (await old.get("/api/v1/bookings")).status_code == 401


async def test_known_and_unknown_addresses_get_the_same_answer_after_the_same_writes(app: Litestar) -> None:
    async with stranger(app) as browser:
        known = await browser.post("/sign-in", data={"email": EMAIL})
        unknown = await browser.post("/sign-in", data={"email": "none@example.org"})
    assert unknown.status_code == known.status_code == 200
    assert unknown.text == known.text.replace(EMAIL, "none@example.org")
    async with app.state.running.db.as_house().read() as tx:
        links = await tx.fetch("select account_id is null as unknown from service.sign_in_links order by asked_at")
        assert {link["unknown"] for link in links} == {True, False}
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'sign_in_link.asked'") == 2
        unknown_link = await tx.fetchval("select id from service.sign_in_links where account_id is null")
        assert await sign_in_links.letter(tx, unknown_link, now=app.state.running.now()) is None


async def test_nothing_of_the_token_is_stored(app: Litestar) -> None:
    token = (await link_for(app)).rpartition("/")[2]
    async with app.state.running.db.as_house().read() as tx:
        rows = await tx.fetch("select l::text as row from service.sign_in_links l")
        news = await tx.fetch("select o::text as row from service.outbox o")
    assert not [row for row in (*rows, *news) if token in row["row"] or EMAIL in row["row"]]


async def test_the_limit_on_asking_is_exact_and_nobody_can_tell(app: Litestar, watch: Watch) -> None:
    async with stranger(app) as browser:
        answers = await asyncio.gather(*(browser.post("/sign-in", data={"email": EMAIL}) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    database: Database = app.state.running.db.as_house()
    async with database.read() as tx:
        assert await tx.fetchval("select count(*) from service.sign_in_links") == sign_in_links.PER_ADDRESS
    watch.now += sign_in_links.WINDOW
    await link_for(app)


async def test_one_network_address_cannot_ask_for_everyone(app: Litestar) -> None:
    key, now = secret(app.state.settings), app.state.running.now()
    database: Database = app.state.running.db.as_house()
    async with database.transaction() as tx:
        for number in range(sign_in_links.PER_ORIGIN + 5):
            email = f"person{number}@example.org"
            await sign_in_links.ask(tx, email, origin="192.0.2.7", key=key, link_id=uuid4(), now=now)
        assert await tx.fetchval("select count(*) from service.sign_in_links") == sign_in_links.PER_ORIGIN


async def test_a_login_ends_when_idle_and_after_a_week(app: Litestar, watch: Watch) -> None:
    async with stranger(app) as browser:
        await browser.post(await link_for(app))
        for _ in range(13):
            assert (await browser.get("/api/v1/bookings")).status_code == 200
            watch.now += logins.IDLE - timedelta(minutes=1)
        assert watch.now < app.state.running.now() + logins.ABSOLUTE
        watch.now += timedelta(hours=13)
        assert (await browser.get("/api/v1/bookings")).status_code == 401


async def test_a_disabled_account_is_out_at_once(app: Litestar) -> None:
    async with stranger(app) as browser:
        await browser.post(await link_for(app))
        unspent = await link_for(app)
        async with app.state.running.db.as_house().transaction() as tx:
            account = await tx.fetchval("select id from service.accounts")
            await accounts.disable(tx, account, now=app.state.running.now())
        assert (await browser.get("/api/v1/bookings")).status_code == 401
        assert (await browser.post(unspent)).status_code == 410


async def test_over_https_the_cookie_is_bound_to_the_host(app: Litestar) -> None:
    https = settings_for("postgresql://host/db", "redis://host", Path(), PREUVE_BASE_URL="https://preuve.example.org")
    cookie = auth.cookie(https, "secret")
    assert (cookie.key, cookie.secure, cookie.path, cookie.domain) == ("__Host-preuve", True, "/", None)


async def test_the_development_links_are_for_who_is_there_and_work_once(app: Litestar) -> None:
    running = app.state.running.as_house()
    async with running.db.transaction() as tx:
        await accounts.register(
            tx, email="administrator@example.org", role="administrator", language="fr", now=running.now()
        )
    links = await sign_in_links.development_links(running.db, running.settings, running.now())
    assert [who for who, _ in links] == ["Administrator"]
    async with running.db.transaction() as tx:
        token = links[0][1].rpartition("/")[2]
        assert (await sign_in_links.use(tx, token, now=running.now())).role == "administrator"
        with pytest.raises(LinkSpent):
            await sign_in_links.use(tx, token, now=running.now())


async def test_the_development_links_name_the_people_whom_a_jury_is_chosen_from(app: Litestar) -> None:
    running = app.state.running.as_house()
    async with running.db.transaction() as tx:
        assessor_id = await an_assessor(tx, now=running.now())
        await accounts.register(
            tx, email="observer@example.org", role="assessor", language="fr", assessor_id=assessor_id, now=running.now()
        )
        name = await tx.fetchval(
            "select given_name || ' ' || family_name from assessments.assessors where id = $1", assessor_id
        )
    links = await sign_in_links.development_links(running.db, running.settings, running.now())
    assert [who for who, _ in links] == [f"Observer, {name}"]


async def test_an_address_has_one_account(app: Litestar) -> None:
    running = app.state.running.as_house()
    with pytest.raises(AccountKnown):
        async with running.db.transaction() as tx:
            await accounts.register(tx, email=EMAIL.upper(), role="administrator", language="fr", now=running.now())


async def test_a_form_of_another_site_signs_nobody_in(app: Litestar) -> None:
    link = await link_for(app)
    async with stranger(app) as browser:
        forged: httpx.Response = await browser.post(link, headers={"Origin": "https://evil.example"})
        assert forged.status_code == 403
        assert (await browser.post(link)).status_code == 303
