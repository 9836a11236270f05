"""Nobody takes a candidate's account over from inside: an address that staff ask for needs a second person, time in which
the old address can stop it, and a reader at the new one."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from service import logins, rectifications
from tests.builders.readdressing import CONFIRM, NEW, PAGE, STOP, WAIT, Desk, a_desk


@pytest.fixture
async def desk(database_url: str, valkey_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Desk]:
    async with a_desk(database_url, valkey_url, tmp_path, now) as desk:
        yield desk


async def test_reception_alone_never_gets_a_link_however_long_it_waits(desk: Desk) -> None:
    reception = await desk.staff("inside", "reception")
    await desk.ask(reception)
    assert await desk.letters(NEW) == [], "nothing goes to the new address yet"
    assert await desk.approval(reception) == ""
    for _ in range(4):
        await desk.later(WAIT)
        assert await desk.letters(NEW) == []
    assert await desk.address() == (desk.old, desk.old)


async def test_a_manager_cannot_approve_what_they_asked_for(desk: Desk) -> None:
    manager = await desk.staff("boss", "manager")
    await desk.ask(manager)
    assert await desk.approval(manager) == ""
    colleague = await desk.staff("second", "manager")
    address = await desk.approval(colleague)
    refused = await manager.post(address, headers=PAGE)
    assert (refused.status_code, "Somebody else has to approve this" in refused.text) == (409, True)
    program = await manager.put(f"/api/v1{address.removeprefix('/centre')}")
    assert (program.status_code, program.json()["type"]) == (409, "/problems/second-person-needed")
    await desk.later(WAIT)
    assert await desk.letters(NEW) == []


async def test_two_people_and_three_days_then_its_reader_confirms(desk: Desk) -> None:
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    await desk.ask(reception)
    warned = "".join(await desk.letters(desk.old))
    assert "Quelqu’un veut changer votre adresse e-mail" in warned
    assert NEW not in warned, "whoever reads the old address does not learn the new one"
    async with desk.street.db.read() as tx:
        to = await tx.fetchval("select email from scheduling.centres where id = $1", desk.centre)
    assert f"{desk.here}/identity" in "".join(await desk.letters(to))
    assert (await manager.post(await desk.approval(manager), headers=PAGE)).status_code == 303
    await desk.later(WAIT - timedelta(seconds=1))
    assert await desk.letters(NEW) == [], "approved, and not ripe"
    async with desk.street.db.read() as tx:
        token = await tx.fetchval("select count(*) from service.rectifications where sent_at is not null")
    assert token == 0
    await desk.later(timedelta(seconds=1))
    link = await desk.link(NEW, CONFIRM)
    assert link, "ripe: the link goes to the new address"
    assert await desk.address() == (desk.old, desk.old), "and changes nothing by itself"
    assert (await desk.street.stranger.post(link, headers=PAGE)).status_code == 200
    assert await desk.address() == (NEW, NEW)
    assert "Votre adresse e-mail a été changée" in "".join(await desk.letters(desk.old))


async def test_who_is_signed_in_stays_so_and_their_passkeys_stay(desk: Desk) -> None:
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    async with desk.street.db.transaction() as tx:
        account = await tx.fetchval("select id from service.accounts where candidate_id = $1", desk.street.noor_id)
        await tx.execute(
            """insert into service.passkeys (account_id, credential_id, public_key, sign_count, name, added_at)
               values ($1, 'x', '', 0, 'phone', $2)""",
            account,
            desk.clock.now,
        )
        await logins.begin(tx, account, secret="kept", now=desk.clock.now)
    await desk.ask(reception)
    await manager.post(await desk.approval(manager), headers=PAGE)
    await desk.later(WAIT)
    await desk.street.stranger.post(await desk.link(NEW, CONFIRM), headers=PAGE)
    async with desk.street.db.read() as tx:
        kept = await tx.fetchrow(
            """select (select count(*) from service.passkeys where account_id = $1) as passkeys,
                      (select count(*) from service.logins where account_id = $1 and ended_at is null
                         and secret_hash = sha256('kept')) as logins""",
            account,
        )
    assert await desk.address() == (NEW, NEW)
    assert (kept["passkeys"], kept["logins"]) == (1, 1)


async def test_the_old_address_stops_it_with_one_button_until_the_last_moment(desk: Desk) -> None:
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    await desk.ask(reception)
    stop = await desk.link(desk.old, STOP)
    await manager.post(await desk.approval(manager), headers=PAGE)
    await desk.later(WAIT)
    link = await desk.link(NEW, CONFIRM)
    page = await desk.street.stranger.get(stop, headers=PAGE)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "Keep my address" in page.text
    stopped = await desk.street.stranger.post(stop, headers=PAGE)
    assert (stopped.status_code, "stays as it is" in stopped.text) == (200, True)
    assert (await desk.street.stranger.post(stop, headers=PAGE)).status_code == 410
    assert (await desk.street.stranger.post(link, headers=PAGE)).status_code == 410
    assert (await desk.street.stranger.post("/address/stop/" + "x" * 43)).status_code == 410
    await desk.later(WAIT)
    assert await desk.address() == (desk.old, desk.old)
    async with desk.street.db.read() as tx:
        to = await tx.fetchval("select email from scheduling.centres where id = $1", desk.centre)
    assert "Une personne a arrêté un changement d’adresse" in "".join(await desk.letters(to))


async def test_a_candidate_who_is_signed_in_sees_it_and_stops_it(desk: Desk) -> None:
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    await desk.ask(reception)
    await manager.post(await desk.approval(manager), headers=PAGE)
    noor = await desk.candidate()
    for address in ("/privacy", "/privacy/identity"):
        page = (await noor.get(address, headers=PAGE)).text
        assert "A centre asked for another email address for you" in page, address
        assert 'action="/privacy/address/kept"' in page, address
    waiting = (await noor.get("/api/v1/details/corrections")).json()
    assert [one["ripe_at"] is not None for one in waiting] == [True]
    assert (await noor.post("/privacy/address/kept", headers=PAGE)).status_code == 303
    assert (await noor.delete("/api/v1/details/address")).status_code == 204, "twice is once"
    assert "/privacy/address/kept" not in (await noor.get("/privacy", headers=PAGE)).text
    await desk.later(WAIT)
    assert await desk.letters(NEW) == []
    assert await desk.approval(manager) == ""


async def test_an_approval_is_of_the_address_that_was_read(desk: Desk) -> None:
    """Whoever asks once more, for another address, begins anew: the approval of before is of nothing."""
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    await desk.ask(reception, "harmless@example.org")
    read = await desk.approval(manager)
    await desk.ask(reception)
    assert (await manager.post(read, headers=PAGE)).status_code == 404
    await desk.later(WAIT)
    assert await desk.letters(NEW) == await desk.letters("harmless@example.org") == []


async def test_an_approval_asks_for_a_fresh_sign_in_and_lapses_unused(desk: Desk) -> None:
    reception, manager = await desk.staff("inside", "reception"), await desk.staff("boss", "manager")
    await desk.ask(reception)
    address = await desk.approval(manager)
    desk.clock.now += logins.FRESH
    assert (await manager.post(address)).json()["type"] == "/problems/step-up-needed"
    assert (await manager.put(f"/api/v1{address.removeprefix('/centre')}")).status_code == 403
    assert await desk.approval(manager) == "", "the page leads to the confirmation first"
    desk.clock.now += rectifications.UNAPPROVED
    later = await desk.staff("later", "manager")
    assert (await later.post(address, headers=PAGE)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        "approved_by = $2, approved_at = now()",
        "ripe_at = null, stop_hash = null",
        "ripe_at = asked_at + interval '24 hours'",
        "email = 'mine@example.org'",
        "asked_by = null",
        "carried_out_at = now()",
        "sent_at = now()",
    ],
)
async def test_the_database_holds_it_whatever_the_service_does(desk: Desk, change: str) -> None:
    """As reception, and as the house that carries links out."""
    reception = await desk.staff("inside", "reception")
    await desk.ask(reception)
    async with desk.street.db.read() as tx:
        row = await tx.fetchrow("select id, asked_by from service.rectifications where ripe_at is not null")
    statement = f"update service.rectifications set {change} where id = $1"
    given = [row["id"], row["asked_by"]] if "$2" in change else [row["id"]]
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)):
        async with desk.street.db.as_house().transaction() as tx:
            await tx.execute(statement, *given)


async def test_the_database_takes_no_address_without_the_wait_but_from_the_candidate(desk: Desk) -> None:
    async with desk.street.db.read() as tx:
        inside = await tx.fetchval("select id from service.accounts where email = 'door@example.org'")
    for by in (inside, None):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.street.db.as_house().transaction() as tx:
                await rectifications.ask_address(
                    tx, desk.street.noor_id, NEW, rectification_id=uuid4(), key=b"k", by=by, now=desk.clock.now
                )
    with pytest.raises(asyncpg.CheckViolationError):
        async with desk.street.db.as_house().transaction() as tx:
            await rectifications.ask_address_for(
                tx, desk.street.noor_id, NEW, booking_id=desk.booking, rectification_id=uuid4(), key=b"k",
                wait=timedelta(hours=1), by=inside, now=desk.clock.now,
            )  # fmt: skip
