"""What weighs heavily asks for a fresh sign-in, says so, and leads back to where its reader was."""

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from service import logins
from service.outbox import drain
from service.reactions import BY_TOPIC
from service.web import onward
from tests.builders.outcomes import a_world
from tests.builders.watch import Watch
from tests.builders.web import confirmed, signed_in
from tests.service.conftest import Town

NOBODY = "00000000-0000-0000-0000-000000000001"
HTML = {"Accept": "text/html"}


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


async def newest_link(town: Town) -> str:
    await drain(town.app.state.running.as_house(), BY_TOPIC)
    async with town.db.read() as tx:
        body = await tx.fetchval("select body from service.mails order by id desc limit 1")
    found = re.search(r"/sign-in/[\w-]+", body)
    assert found
    return found[0]


HEAVY = [
    ("manager", "PUT", f"/api/v1/decisions/{NOBODY}/release"),
    ("manager", "POST", f"/centre/decisions/{NOBODY}/release"),
    ("manager", "PUT", f"/api/v1/certificates/{NOBODY}/suspension"),
    ("manager", "DELETE", f"/api/v1/certificates/{NOBODY}/suspension"),
    ("manager", "PUT", f"/api/v1/certificates/{NOBODY}/withdrawal"),
    ("candidate", "GET", f"/privacy/exports/{NOBODY}/archive.zip"),
]


@pytest.mark.parametrize(("who", "method", "path"), HEAVY)
async def test_ten_minutes_later_it_is_refused(town: Town, clock: Watch, who: str, method: str, path: str) -> None:
    person: httpx.AsyncClient = getattr(town, who)
    body = {"json": {"reason": "error"}} if "certificates" in path and method == "PUT" else {}
    clock.now += logins.FRESH - timedelta(seconds=1)
    assert (await person.request(method, path, **body)).status_code == 404, "fresh: it looks, and there is none"
    clock.now += timedelta(seconds=1)
    refused = await person.request(method, path, **body)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/step-up-needed")
    assert (await town.stranger.request(method, path)).status_code == 401


async def test_a_page_leads_to_the_confirmation_and_the_link_back_again(town: Town, clock: Watch) -> None:
    clock.now += timedelta(hours=1)
    here = {**HTML, "Referer": "http://localhost:8000/privacy?lang=nl"}
    refused = await town.candidate.post("/privacy/exports", headers=here)
    assert refused.status_code == 303
    asked = urlsplit(refused.headers["location"])
    assert (asked.path, parse_qs(asked.query)["onward"]) == ("/confirmation", ["/privacy?lang=nl"])
    page = await town.candidate.get(refused.headers["location"], headers=HTML)
    assert 'value="/privacy?lang=nl"' in page.text
    assert "noor@example.org" in page.text
    former = town.candidate.cookies["preuve"]
    assert (await town.candidate.post("/confirmation", data={"onward": "/privacy?lang=nl"})).status_code == 200
    arrived = await town.candidate.post(await newest_link(town))
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/privacy?lang=nl")
    fresh = arrived.cookies["preuve"]
    assert fresh != former
    town.candidate.cookies.clear()
    town.candidate.cookies.set("preuve", fresh)
    assert (await town.candidate.post("/privacy/exports", headers=here)).headers["location"] == "/privacy#copies"
    listed = (await town.candidate.get("/api/v1/logins")).json()
    assert len(listed) == 1, "the login goes on"
    assert listed[0]["signed_in_at"] < listed[0]["confirmed_at"]


async def test_somebody_elses_link_confirms_nothing_of_mine(town: Town, clock: Watch) -> None:
    """It signs them in here, and me out."""
    clock.now += timedelta(hours=1)
    await town.rival.post("/confirmation", data={})
    former = town.candidate.cookies["preuve"]
    arrived = await town.candidate.post(await newest_link(town))
    assert arrived.cookies["preuve"] != former
    async with town.db.read() as tx:
        assert await logins.held(tx, [former], now=clock.now) == [None]


async def test_a_certificate_is_suspended_and_withdrawn_by_its_centre(town: Town, clock: Watch) -> None:
    async with town.db.transaction() as tx:
        world = await a_world(tx, clock.now)
    clock.now = world.now
    manager = await signed_in(
        town.app, "issuer@example.org", "manager", centre_id=world.passed.centre, assessor_id=world.passed.manager
    )
    await confirmed(town.app, "other@example.org")
    for person, status in ((town.other_manager, 404), (manager, 200)):
        path, reason = f"/api/v1/certificates/{world.certificate}", {"reason": "Erreur de personne"}
        assert (await person.put(f"{path}/suspension", json=reason)).status_code == status
    assert (await town.other_manager.put(f"{path}/withdrawal", json=reason)).status_code == 404
    assert (await manager.put(f"{path}/suspension", json=reason)).json()["type"] == "/problems/not-in-that-state"
    assert (await manager.delete(f"{path}/suspension")).json()["status"] == "valid"
    assert (await manager.put(f"{path}/withdrawal", json={"reason": " "})).status_code == 422
    assert (await manager.put(f"{path}/withdrawal", json=reason)).json()["status"] == "withdrawn"
    assert (await manager.put(f"{path}/withdrawal", json=reason)).json()["type"] == "/problems/certificate-withdrawn"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: b=c", "javascript:1", "/é", ""],
)
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    assert onward.safe(elsewhere) == ""


async def test_a_planted_address_is_not_followed(town: Town) -> None:
    await town.stranger.post("/sign-in", data={"email": "noor@example.org", "onward": "https://evil.example/"})
    assert "onward" not in town.stranger.cookies
    town.stranger.cookies.set("onward", "%2F%2Fevil.example")
    arrived = await town.stranger.post(await newest_link(town))
    assert arrived.headers["location"] == "/journey"


async def test_after_signing_in_one_goes_on_where_one_was_going(town: Town) -> None:
    page = await town.stranger.get("/sign-in?onward=/calendars", headers=HTML)
    assert 'name="onward" value="/calendars"' in page.text
    await town.stranger.post("/sign-in", data={"email": "noor@example.org", "onward": "/calendars"})
    assert (await town.stranger.post(await newest_link(town))).headers["location"] == "/calendars"
