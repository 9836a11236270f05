"""Access tokens: shown once, kept as a hash, within their scopes, until they end; and none opens what is its owner's."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from service import logins, tokens
from tests.builders.watch import Watch
from tests.service.conftest import Town


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


async def made(town: Town, who: httpx.AsyncClient, *scopes: str, days: int = 30) -> tuple[str, dict[str, str]]:
    """A token's id, and the header a program sends."""
    answer = await who.post("/api/v1/tokens", json={"name": "import", "scopes": list(scopes), "days": days})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], {"Authorization": f"Bearer {answer.json()['token']}"}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_a_program_acts_for_its_owner_within_the_scopes(town: Town) -> None:
    session = await town.open_session()
    _, reading = await made(town, town.candidate, "read")
    _, booking = await made(town, town.candidate, "bookings:write")
    order: dict[str, Any] = {"json": {"session_id": str(session)}}
    assert (await town.stranger.get("/api/v1/bookings", headers=reading)).json() == []
    refused = await town.stranger.post("/api/v1/bookings", **order, headers={**reading, "Idempotency-Key": "a"})
    assert (refused.status_code, slug(refused)) == (403, "scope-missing")
    accepted = await town.stranger.post("/api/v1/bookings", **order, headers={**booking, "Idempotency-Key": "a"})
    assert accepted.status_code == 201
    assert slug(await town.stranger.get("/api/v1/bookings", headers=booking)) == "scope-missing"


async def test_a_token_is_never_more_than_its_owner(town: Town) -> None:
    session = await town.open_session()
    _, everything = await made(town, town.other_manager, *tokens.SCOPES)
    assert (await town.stranger.put(f"/api/v1/sessions/{session}/lock", headers=everything)).status_code == 404
    _, of_candidate = await made(town, town.candidate, *tokens.SCOPES)
    assert (await town.stranger.put(f"/api/v1/sessions/{session}/lock", headers=of_candidate)).status_code == 403


async def test_what_does_not_work_is_401_and_says_how_to_come_in(town: Town, clock: Watch) -> None:
    token_id, header = await made(town, town.candidate, "read", days=1)
    unknown = {"Authorization": "Bearer preuve_" + "x" * 43}
    for wrong in (unknown, {"Authorization": "Bearer "}, {"Authorization": b"Bearer \xff"}):
        answer = await town.candidate.get("/api/v1/bookings", headers=wrong)  # a cookie does not make up for it
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    clock.now += timedelta(days=1)
    assert (await town.stranger.get("/api/v1/bookings", headers=header)).status_code == 401
    clock.now -= timedelta(days=1)
    assert (await town.stranger.get("/api/v1/bookings", headers=header)).status_code == 200
    assert (await town.rival.put(f"/api/v1/tokens/{token_id}/revocation")).status_code == 404
    for _ in range(2):
        assert (await town.candidate.put(f"/api/v1/tokens/{token_id}/revocation")).status_code == 204
    assert (await town.stranger.get("/api/v1/bookings", headers=header)).status_code == 401


async def test_no_token_opens_identity_or_a_page_or_is_fresh(town: Town) -> None:
    _, header = await made(town, town.manager, *tokens.SCOPES)
    asked = [("GET", "/tokens"), ("POST", "/tokens"), ("GET", "/logins"), ("PUT", "/logins/others/end")]
    for method, path in asked:
        answer = await town.stranger.request(method, f"/api/v1{path}", json={}, headers=header)
        assert (answer.status_code, slug(answer)) == (403, "person-needed"), path
    decision = "/api/v1/decisions/00000000-0000-0000-0000-000000000001/release"
    assert slug(await town.stranger.put(decision, headers=header)) == "person-needed"
    for page in ("/tokens", "/logins", "/centre"):
        assert (await town.stranger.get(page, headers=header)).status_code == 401


async def test_every_address_of_the_interface_names_its_scope_or_wants_a_person(town: Town) -> None:
    served = [
        (route.path, handler)
        for route in town.app.routes
        if route.path.startswith("/api/v1/")
        for handler in getattr(route, "route_handlers", [])
        if "OPTIONS" not in handler.http_methods
    ]
    assert len(served) > 40
    for path, handler in served:
        needed = handler.opt["token_scope"]
        allowed = {None, "read"} if handler.http_methods == {"GET"} else {None, *tokens.SCOPES} - {"read"}
        assert needed in allowed, path
    described = (await town.stranger.get("/api/openapi.json")).json()
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert {"token": ["bookings:write"]} in described["paths"]["/api/v1/bookings"]["post"]["security"]
    assert described["paths"]["/api/v1/tokens"]["post"]["security"] == [{"login": []}]


async def test_nothing_of_the_token_is_stored_or_in_the_trail(town: Town) -> None:
    token_id, header = await made(town, town.candidate, "read")
    await town.stranger.get("/api/v1/bookings", headers=header)
    await town.candidate.put(f"/api/v1/tokens/{token_id}/revocation")
    secret = header["Authorization"].removeprefix("Bearer ")
    async with town.db.read() as tx:
        rows = await tx.fetch("select t::text as row from service.tokens t")
        trail = await tx.fetch("select * from service.audit where subject = 'service.tokens' order by id")
    assert secret not in rows[0]["row"]
    assert secret.removeprefix(tokens.PREFIX) not in rows[0]["row"]
    assert [entry["action"] for entry in trail] == ["token.added", "token.revoked"]
    assert {entry["candidate_id"] for entry in trail} == {town.candidate_id}
    assert trail[0]["changes"]["scopes"] == [None, ["read"]]
    assert not {"name", "secret_hash"} & set(trail[0]["changes"])


async def test_the_list_says_when_it_was_last_used(town: Town, clock: Watch) -> None:
    _, header = await made(town, town.candidate, "read")
    (unused,) = (await town.candidate.get("/api/v1/tokens")).json()
    assert unused["last_used_at"] is None
    clock.now += timedelta(hours=1)
    await town.stranger.get("/api/v1/bookings", headers=header)
    (used,) = (await town.candidate.get("/api/v1/tokens")).json()
    assert datetime.fromisoformat(used["last_used_at"]) == clock.now
    assert "token" not in used


async def test_on_the_page_a_token_is_shown_once(town: Town) -> None:
    wrong = await town.manager.post("/tokens", data={"name": " ", "days": "30"})
    assert wrong.status_code == 422
    assert 'href="#name"' in wrong.text
    assert 'href="#scopes"' in wrong.text
    done = await town.manager.post(
        "/tokens", data={"name": "Import", "scopes": ["read", "sessions:write"], "days": "30"}
    )
    secret = done.text.partition('id="token">')[2].partition("<")[0]
    assert secret.startswith(tokens.PREFIX)
    page = await town.manager.get("/tokens")
    assert "Import" in page.text
    assert secret not in page.text
    header = {"Authorization": f"Bearer {secret}"}
    assert (await town.stranger.get("/api/v1/centres", headers=header)).status_code == 200
    async with town.db.read() as tx:
        token_id = await tx.fetchval("select id from service.tokens")
    assert (await town.rival.post(f"/tokens/{token_id}/revocation")).status_code == 404
    assert (await town.manager.post(f"/tokens/{token_id}/revocation")).status_code == 303
    assert (await town.stranger.get("/api/v1/jury-seats", headers=header)).status_code in (401, 404)


async def test_a_token_is_made_after_a_fresh_sign_in_only(town: Town, clock: Watch) -> None:
    clock.now += logins.FRESH
    wish = {"name": "import", "scopes": ["read"]}
    assert slug(await town.candidate.post("/api/v1/tokens", json=wish)) == "step-up-needed"


async def test_a_month_after_its_end_it_is_forgotten(town: Town, clock: Watch) -> None:
    token_id, _ = await made(town, town.candidate, "read", days=1)
    for days, left in ((30, 1), (2, 0)):
        clock.now += timedelta(days=days)
        async with town.db.transaction() as tx:
            await tokens.forget(tx, now=clock.now)
            assert await tx.fetchval("select count(*) from service.tokens") == left
    assert token_id
