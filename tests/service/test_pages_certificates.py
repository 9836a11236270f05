"""Checking a certificate: everyone learns whether it is valid, who holds the paper learns whose it is, guessing leads nowhere."""

import re
from datetime import datetime
from uuid import uuid4

import httpx
import pytest

from certificates import codes, register
from certificates.register import Certificate
from service.embedded import Server
from tests.builders.pages import Street

PAGE = {"accept": "text/html", "accept-language": "en"}
UNKNOWN = codes.public_code(bytes(16))


@pytest.fixture
async def certificate(street: Street) -> Certificate:
    """Noor's, issued and printed by the reactions to a released pass."""
    await street.tested(street.noor_id, "pass")
    await street.react()
    async with street.db.read() as tx:
        return (await register.of_candidate(tx, street.noor_id))[0]


async def check(street: Street, code: str) -> httpx.Response:
    return await street.stranger.get(f"/certificates/{code}", headers=PAGE)


async def test_a_stranger_learns_the_status_and_nothing_about_the_person(
    street: Street, certificate: Certificate
) -> None:
    page = await check(street, certificate.public_code)
    assert page.status_code == 200
    assert "This certificate is valid" in page.text
    assert "Construcity" in page.text
    assert page.headers["x-robots-tag"] == "noindex"
    for secret in ("Noor", "Peeters", "1990", certificate.serial, str(certificate.id)):
        assert secret not in page.text


async def test_suspended_withdrawn_and_unknown_say_so(street: Street, certificate: Certificate, now: datetime) -> None:
    async with street.db.transaction() as tx:
        await register.suspend(tx, certificate.id, reason="Vérification", by=None, now=now)
    page = await check(street, certificate.public_code)
    assert "This certificate is suspended" in page.text
    assert "Vérification" not in page.text, "the reason is the holder's"
    mine = await street.noor.get("/journey", headers=PAGE)
    assert "Vérification" in mine.text
    async with street.db.transaction() as tx:
        await register.withdraw(tx, certificate.id, reason="Fraude", by=None, now=now)
    assert "This certificate is withdrawn" in (await check(street, certificate.public_code)).text
    unknown = await check(street, UNKNOWN)
    assert (unknown.status_code, "We do not know this certificate" in unknown.text) == (404, True)
    assert "Votre Titre de compétence a été retiré" in (await street.noor.get("/journey", headers=PAGE)).text


@pytest.mark.parametrize(
    "junk",
    [
        "x",
        "PRV-123",
        "a" * 5000,
        "%F0%9F%A7%B1",
        "..%2F..%2Fetc",
        "<script>",
        "%E2%80%AE",
        "PRV-" + "0" * 28,
        "0b7b0a5e-3c1f-4d53-9d5b-0a51de0c5b11",
        "%00",
        "%FF",
    ],
)
async def test_junk_is_not_found_and_never_a_fault(street: Street, junk: str) -> None:
    for method, address in (("GET", junk), ("GET", f"{junk}/document.pdf"), ("POST", f"{junk}/holder")):
        answer = await street.stranger.request(method, f"/certificates/{address}", headers=PAGE, data={"serial": "x"})
        assert answer.status_code in (400, 401, 404, 405), address
        assert "<script>" not in answer.text.replace('<script type="module"', "")


async def test_the_form_forgives_how_a_code_is_typed_and_leads_to_its_address(
    street: Street, certificate: Certificate
) -> None:
    typed = certificate.public_code.lower().replace("-", " ").replace("0", "o")
    found = await street.stranger.get("/certificates", params={"code": typed}, headers=PAGE)
    assert (found.status_code, found.headers["location"]) == (303, f"/certificates/{certificate.public_code}")
    wrong = certificate.public_code[:-1] + ("1" if certificate.public_code[-1] != "1" else "2")
    mistyped = await street.stranger.get("/certificates", params={"code": wrong}, headers=PAGE)
    assert mistyped.status_code == 404
    assert 'href="#code"' in mistyped.text


async def test_the_serial_number_on_the_paper_shows_the_name(street: Street, certificate: Certificate) -> None:
    address = f"/certificates/{certificate.public_code}/holder"
    shown = await street.stranger.post(address, data={"serial": f" {certificate.serial.lower()} "}, headers=PAGE)
    assert (shown.status_code, "Noor Peeters" in shown.text) == (200, True)
    wrong = await street.stranger.post(address, data={"serial": "BXL-2026-000999"}, headers=PAGE)
    assert (wrong.status_code, "Noor" in wrong.text) == (422, False)
    unknown = await street.stranger.post(
        f"/certificates/{UNKNOWN}/holder", data={"serial": certificate.serial}, headers=PAGE
    )
    assert unknown.status_code == 404


async def test_a_serial_number_cannot_be_guessed(street: Street, certificate: Certificate) -> None:
    address = f"/certificates/{certificate.public_code}/holder"
    for number in range(5):
        assert (
            await street.stranger.post(address, data={"serial": f"BXL-2025-{number:06d}"}, headers=PAGE)
        ).status_code == 422
    closed = await street.stranger.post(address, data={"serial": certificate.serial}, headers=PAGE)
    assert (closed.status_code, "Noor" in closed.text) == (429, False)
    assert "Too many wrong numbers" in closed.text
    assert (await check(street, certificate.public_code)).status_code == 200


async def test_looking_up_the_right_number_is_no_guess(street: Street, certificate: Certificate) -> None:
    address = f"/certificates/{certificate.public_code}/holder"
    for _ in range(8):
        assert (
            await street.stranger.post(address, data={"serial": certificate.serial}, headers=PAGE)
        ).status_code == 200


async def test_without_a_count_no_name_is_shown(street: Street, certificate: Certificate, valkey: Server) -> None:
    await street.app.state.running.queue.redis.config_set("maxmemory", "1")  # it takes no write any more
    await street.app.state.running.queue.redis.config_set("maxmemory-policy", "noeviction")
    try:
        answer = await street.stranger.post(
            f"/certificates/{certificate.public_code}/holder", data={"serial": certificate.serial}, headers=PAGE
        )
        assert (answer.status_code, "Noor" in answer.text) == (503, False)
    finally:
        await street.app.state.running.queue.redis.config_set("maxmemory", "0")


async def test_the_document_is_for_its_holder_and_its_centre(street: Street, certificate: Certificate) -> None:
    address = f"/certificates/{certificate.id}/document.pdf"
    for entitled in (street.noor, street.manager):
        answer = await entitled.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(b"%PDF-")
        assert f'filename="{certificate.serial}.pdf"' in answer.headers["content-disposition"]
    for other in (street.sam, street.other_manager):
        assert (await other.get(address)).status_code == 404
        assert (await other.get(f"/certificates/{uuid4()}/document.pdf")).status_code == 404
    assert (await street.stranger.get(address)).status_code == 401


async def test_the_journey_leads_to_the_document_and_to_the_public_page(
    street: Street, certificate: Certificate
) -> None:
    page = (await street.noor.get("/journey", headers=PAGE)).text
    assert page.count(f"/certificates/{certificate.id}/document.pdf") == 2
    assert f"/certificates/{certificate.public_code}" in page
    assert len(re.findall('aria-current="step"', page)) == 1
