"""The centre's register: a certificate is found, suspended with its reason, reinstated, withdrawn; the public page follows."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from certificates import register
from certificates.register import Certificate
from service import logins
from tests.builders.pages import Street, a_street
from tests.builders.watch import Watch

PAGE = {"accept": "text/html", "accept-language": "en"}


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Watch, now: datetime
) -> AsyncIterator[Street]:
    async with a_street(database_url, valkey_url, tmp_path, clock, now) as street:
        for reader in (street.manager, street.other_manager):
            reader.cookies.set("language", "en")
        yield street


@pytest.fixture
async def certificate(street: Street) -> Certificate:
    await street.tested(street.noor_id, "pass")
    await street.react()
    async with street.db.read() as tx:
        return (await register.of_candidate(tx, street.noor_id))[0]


async def public(street: Street, certificate: Certificate) -> str:
    return (await street.stranger.get(f"/certificates/{certificate.public_code}", headers=PAGE)).text


async def test_a_certificate_is_suspended_reinstated_and_withdrawn_with_reasons(
    street: Street, certificate: Certificate
) -> None:
    here, manager = f"/centre/certificates/{certificate.id}", street.manager
    assert "Suspend the certificate" in (await manager.get(here, headers=PAGE)).text
    for form in ({}, {"why_suspended": "  "}):
        unsaid = await manager.post(f"{here}/suspension", data=form, headers=PAGE)
        assert (unsaid.status_code, 'href="#why_suspended"' in unsaid.text) == (422, True)
    done = await manager.post(f"{here}/suspension", data={"why_suspended": "Identity <b>checked</b>"}, headers=PAGE)
    assert (done.status_code, done.headers["location"]) == (303, here)
    page = await manager.get(here, headers=PAGE)
    assert "Identity &lt;b&gt;checked&lt;/b&gt;" in page.text
    assert "This certificate is suspended" in await public(street, certificate)
    assert "checked" not in await public(street, certificate), "why is the holder's to know"
    assert (await manager.post(f"{here}/reinstatement", headers=PAGE)).status_code == 303
    assert "This certificate is valid" in await public(street, certificate)
    assert (await manager.post(f"{here}/reinstatement", headers=PAGE)).status_code == 409
    assert (await manager.post(f"{here}/withdrawal", data={"why_withdrawn": "Fraud"}, headers=PAGE)).status_code == 303
    assert "This certificate is withdrawn" in await public(street, certificate)
    page = await manager.get(here, headers=PAGE)
    assert "Fraud" in page.text
    assert '<form class="panel"' not in page.text, "nothing is left to be done"
    again = await manager.post(f"{here}/suspension", data={"why_suspended": "Once more"}, headers=PAGE)
    assert again.status_code == 409
    await street.react()
    async with street.db.read() as tx:
        told = await tx.fetchval("select count(*) from service.mails where recipient = 'noor@example.org'")
    assert told >= 3, "suspended, reinstated, withdrawn"


async def test_it_is_found_by_its_own_centre_only(street: Street, certificate: Certificate) -> None:
    for sought in ("", certificate.serial.lower(), "peet", certificate.public_code, "MACO"):
        page = await street.manager.get("/centre/certificates", params={"q": sought}, headers=PAGE)
        assert certificate.serial in page.text, sought
    page = await street.manager.get("/centre/certificates", params={"q": "%"}, headers=PAGE)
    assert certificate.serial not in page.text, "what is sought is text"
    assert certificate.serial not in (await street.other_manager.get("/centre/certificates", headers=PAGE)).text
    here = f"/centre/certificates/{certificate.id}"
    for act in ("", "/suspension", "/reinstatement", "/withdrawal"):
        answer = await street.other_manager.request("POST" if act else "GET", here + act, headers=PAGE)
        assert answer.status_code == 404, act


async def test_after_ten_minutes_the_page_asks_who_it_is(
    street: Street, certificate: Certificate, clock: Watch
) -> None:
    here = f"/centre/certificates/{certificate.id}"
    clock.now += logins.FRESH
    page = await street.manager.get(here, headers=PAGE)
    assert f"/confirmation?onward={here}" in page.text
    assert "<textarea" not in page.text
    refused = await street.manager.post(f"{here}/suspension", data={"why_suspended": "x"}, headers=PAGE)
    assert refused.headers["location"].startswith("/confirmation")
    assert "This certificate is valid" in await public(street, certificate)


async def test_nobody_who_has_signed_in_is_asked_to_sign_in(street: Street) -> None:
    """Also at an address that does not exist, where no handler asks who it is."""
    for address in ("/nowhere", "/centre/nowhere", "/bookings/1/2/3"):
        page = await street.manager.get(address, headers=PAGE)
        assert (page.status_code, "Sign out" in page.text, "/sign-in" in page.text) == (404, True, False), address
        assert "/sign-in" in (await street.stranger.get(address, headers=PAGE)).text
    street.stranger.cookies.set("preuve", "nobody's")
    page = await street.stranger.get("/nowhere", headers=PAGE)
    assert (page.status_code, "/sign-in" in page.text) == (404, True)
