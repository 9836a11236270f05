"""My data, as pages: my own only, and what I share is read by its address as long as I agree."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from service import accounts, audit
from service.i18n import LANGUAGES
from tests.builders.pages import Street, a_street
from tests.builders.privacy import NUMBER, WRITTEN, react, with_privacy
from tests.builders.watch import Watch

BAKER = {
    "scope": "attendance",
    "recipient_kind": "employer",
    "recipient_name": "Boulangerie <b>Peeters</b>",
    "purpose": "Prouver ma présence",
    "until": "2026-12-31",
    "unit_id": "",
}
PAGE = {"accept": "text/html"}


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


async def shared(street: Street, **changes: str) -> str:
    """Noor agrees and has an address made; the address."""
    assert (await street.noor.post("/privacy/consents", data={**BAKER, **changes})).status_code == 303
    page = await street.noor.get("/privacy")
    consent = re.findall(r"/privacy/consents/([0-9a-f-]+)/links", page.text)[0]
    made = await street.noor.post(f"/privacy/consents/{consent}/links")
    assert made.status_code == 303
    once = await street.noor.get("/privacy")
    again = await street.noor.get("/privacy")
    address = re.search(r"http://localhost:8000(/shared/[\w-]{43})", once.text)
    assert address
    assert address[1] not in again.text, "shown once"
    return address[1]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_my_page_says_nobody_is_told(street: Street, language: str) -> None:
    page = await street.noor.get(f"/privacy?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert "/shared/" not in page.text


async def test_i_see_who_of_the_staff_looked_into_my_file(street: Street) -> None:
    assert "Qui a consulté" not in (await street.noor.get("/privacy")).text, (
        "and nothing is claimed where nothing is noted"
    )
    async with street.db.transaction() as tx:
        account_id = await tx.fetchval("select id from service.accounts where email = 'manager@example.org'")
        await audit.reads(tx, street.noor_id, "file", by=await accounts.get(tx, account_id))
    page = (await street.noor.get("/privacy")).text
    assert "Qui a consulté votre dossier" in page
    assert re.search(r"</time> · .* · Construcity", page)
    assert "Qui a consulté" not in (await street.sam.get("/privacy")).text


async def test_the_page_is_for_candidates_who_are_signed_in(street: Street) -> None:
    assert (await street.stranger.get("/privacy")).status_code == 401
    assert (await street.manager.get("/privacy")).status_code == 403


async def test_whoever_has_the_address_sees_the_attendance_and_no_result(street: Street) -> None:
    await street.tested(street.noor_id, "pass")
    address = await shared(street)
    page = await street.stranger.get(address)
    assert page.status_code == 200
    assert "Noor Peeters" in page.text
    assert "Boulangerie &lt;b&gt;Peeters&lt;/b&gt;" in page.text
    assert "MACO-1" in page.text
    assert not re.search("réussi|Réussi|1990|noor@", page.text)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["cache-control"] == "no-store"
    await street.stranger.get(address)
    assert "Lue 2 fois" in (await street.noor.get("/privacy")).text


async def test_a_consent_to_results_shows_those_that_were_told(street: Street) -> None:
    await street.tested(street.noor_id, "fail", days_ago=21)
    page = await street.stranger.get(await shared(street, scope="result"))
    assert "pas réussi" in page.text


async def test_taken_back_or_over_it_shows_nothing_any_more(street: Street, watch: Watch) -> None:
    address = await shared(street)
    consent = re.findall(r"/privacy/consents/([0-9a-f-]+)/withdrawal", (await street.noor.get("/privacy")).text)[0]
    assert (await street.sam.post(f"/privacy/consents/{consent}/withdrawal")).status_code == 404
    assert (await street.sam.post(f"/privacy/consents/{consent}/links")).status_code == 404
    assert (await street.stranger.get(address)).status_code == 200
    assert (await street.noor.post(f"/privacy/consents/{consent}/withdrawal")).status_code == 303
    gone = await street.stranger.get(address, headers=PAGE)
    assert gone.status_code == 410
    assert "Noor" not in gone.text
    assert (await street.noor.post(f"/privacy/consents/{consent}/links")).status_code == 404
    other = await shared(street)
    watch.now = datetime.fromisoformat("2026-12-31T22:59:59+00:00")
    assert (await street.stranger.get(other)).status_code == 200, "to the last second of the last day in Brussels"
    watch.now += timedelta(seconds=1)
    assert (await street.stranger.get(other)).status_code == 410


async def test_one_address_ends_and_the_consent_stays(street: Street) -> None:
    address = await shared(street)
    link = re.findall(r"/privacy/links/([0-9a-f-]+)/revocation", (await street.noor.get("/privacy")).text)[0]
    assert (await street.sam.post(f"/privacy/links/{link}/revocation")).status_code == 404
    assert (await street.noor.post(f"/privacy/links/{link}/revocation")).status_code == 303
    assert (await street.stranger.get(address)).status_code == 410
    assert (await street.stranger.get(await shared(street))).status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "%E2%80%8B", "a" * 3000])
async def test_an_address_that_never_was_is_not_found(street: Street, token: str) -> None:
    assert (await street.stranger.get(f"/shared/{token}")).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": " "}, {"recipient_name": " "}, {"until": "2026-08-31"}, {"until": "2029-01-01"}, {"until": "tomorrow"},
        {"scope": "everything"}, {"recipient_kind": "neighbour"}, {"more": "x"}, {"purpose": "x" * 501},
    ],
    ids=str,
)  # fmt: skip
async def test_a_consent_that_cannot_be_is_refused(street: Street, changes: dict[str, str]) -> None:
    assert (await street.noor.post("/privacy/consents", data={**BAKER, **changes})).status_code == 422


@pytest.mark.parametrize("unit_id", ["nonsense", "00000000-0000-4000-8000-000000000000"])
async def test_a_consent_for_a_unit_that_is_none_is_not_found(street: Street, unit_id: str) -> None:
    assert (await street.noor.post("/privacy/consents", data={**BAKER, "unit_id": unit_id})).status_code == 404


async def test_a_copy_is_made_and_downloaded_by_me_alone(street: Street) -> None:
    assert (await street.noor.post("/privacy/exports")).status_code == 303
    assert "<progress" in (await street.noor.get("/privacy")).text
    await react(street.app)
    address = re.findall(r"/privacy/exports/[0-9a-f-]+/archive\.zip", (await street.noor.get("/privacy")).text)[0]
    mine = await street.noor.get(address)
    assert mine.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(mine.content)) as files:
        assert "noor@example.org" in files.read("data.json").decode()
    assert (await street.sam.get(address)).status_code == 404
    assert (await street.stranger.get(address)).status_code == 401


async def test_my_number_is_optional_masked_and_taken_back(street: Street) -> None:
    async def given(number: str, who: httpx.AsyncClient = street.noor) -> httpx.Response:
        return await who.post("/privacy/national-number", data={"number": number}, headers=PAGE)

    assert (await given(WRITTEN)).status_code == 303
    page = await street.noor.get("/privacy")
    assert "••.••.••-•••.90" in page.text
    assert NUMBER not in page.text
    taken = await given(NUMBER, street.sam)
    assert taken.status_code == 409
    assert (await given("88022999991")).status_code == 422
    assert NUMBER not in taken.text
    assert (await given("")).status_code == 303
    assert "••" not in (await street.noor.get("/privacy")).text


async def test_forgotten_at_once_and_signed_out_everywhere(street: Street) -> None:
    session = await street.open_session()
    assert (await street.book(session)).status_code in (200, 303)
    address = await shared(street)
    unsure = await street.noor.post("/privacy/erasure", data={})
    assert unsure.status_code == 422
    gone = await street.noor.post("/privacy/erasure", data={"confirmed": "yes"})
    assert gone.status_code == 200
    assert "Vos données sont effacées" in gone.text
    assert (await street.noor.get("/privacy")).status_code == 401
    assert (await street.stranger.get(address)).status_code == 410
    await react(street.app)
    async with street.db.read() as tx:
        assert await tx.fetchval("select taken from scheduling.sessions where id = $1", session) == 0
        assert await tx.fetchval("select count(*) from service.mails where recipient = 'noor@example.org'") == 0


async def test_who_waits_for_a_result_is_told_that_the_request_is_kept(street: Street) -> None:
    booking, _ = await street.tested(street.noor_id, "pass")
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.bookings set closed_at = null where id = $1", booking)
    assert (await street.noor.post("/privacy/erasure", data={"confirmed": "yes"})).status_code == 303
    assert "Vous nous avez demandé de vous oublier" in (await street.noor.get("/privacy")).text
    assert (await street.noor.post("/privacy/erasure/withdrawal")).status_code == 303
    assert "/privacy/erasure/withdrawal" not in (await street.noor.get("/privacy")).text
