"""The rules of the interface that hold everywhere: standards.md, "HTTP API", each sentence once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scheduling import sessions
from service.problems import PROBLEMS
from tests.service.conftest import Town

NOBODY = str(uuid4())


def is_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert {"type", "title", "status", "detail"} <= set(said)
    assert said["status"] == status
    assert "Traceback" not in answer.text


async def test_every_error_is_a_problem(town: Town) -> None:
    candidate, json_text = town.candidate, {"Content-Type": "application/json", "Idempotency-Key": "k"}
    book = "/api/v1/bookings"
    is_problem(await candidate.post(book, content=b"{", headers=json_text), 400)
    anonymous = await town.stranger.get(book)
    is_problem(anonymous, 401)
    assert anonymous.headers["www-authenticate"].startswith("Bearer ")
    is_problem(await town.manager.get(book), 403)
    is_problem(await candidate.get(f"{book}/{NOBODY}"), 404)
    is_problem(await candidate.get("/api/v1/nothing"), 404)
    is_problem(await candidate.get("/api/nothing"), 404)
    for method, path in (("DELETE", book), ("PATCH", book), ("POST", "/api/v1/trades"), ("TRACE", book)):
        wrong = await candidate.request(method, path)
        is_problem(wrong, 405)
        assert "GET" in wrong.headers["allow"]
    is_problem(await candidate.post(book, content=b"x" * 2_000_000, headers=json_text), 413)
    is_problem(await candidate.post(book, content=b"<a/>", headers={**json_text, "Content-Type": "text/xml"}), 415)
    is_problem(await candidate.post(book, json={"session_id": 7}, headers={"Idempotency-Key": "k"}), 422)
    town.app.state.running.db.pool.terminate()
    is_problem(await town.stranger.get("/api/v1/places"), 503)


async def test_what_nobody_foresaw_is_said_without_its_inside(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("scheduling.written_places.Texts.search", broken)
    answer = await town.stranger.get("/api/v1/places")
    is_problem(answer, 500)
    assert "secret" not in answer.text


def test_every_status_of_the_rules_has_its_words() -> None:
    assert {problem.status for problem in PROBLEMS.values()} >= {
        400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 422, 428, 429, 500, 503,
    }  # fmt: skip


async def test_moving_a_session_takes_the_version_that_was_read(town: Town) -> None:
    session_id = await town.open_session()
    here = f"/api/v1/sessions/{session_id}"
    read = await town.manager.get(here)
    tag = read.headers["etag"]
    assert not tag.startswith("W/")
    assert (await town.manager.get(here, headers={"If-None-Match": tag})).status_code == 304
    later = {"starts_at": (town.stage.morning + timedelta(days=1)).isoformat(), "room_id": str(town.stage.room)}

    is_problem(await town.manager.put(f"{here}/time", json=later), 428)
    for stale in ('"0123"', f"W/{tag}"):
        is_problem(await town.manager.put(f"{here}/time", json=later, headers={"If-Match": stale}), 412)
    assert (await town.book(session_id)).status_code == 201
    overlooked = await town.manager.put(f"{here}/time", json=later, headers={"If-Match": tag})
    is_problem(overlooked, 412)
    fresh = (await town.manager.get(here)).headers["etag"]
    async with town.db.transaction() as tx:  # somebody else's move, not committed yet
        moved = town.stage.morning + timedelta(days=2)
        await sessions.move(tx, session_id, starts_at=moved, room_id=town.stage.room, by=None, now=town.stage.now)
        rival = asyncio.create_task(town.manager.put(f"{here}/time", json=later, headers={"If-Match": fresh}))
        await asyncio.sleep(0.3)
        assert not rival.done()
    is_problem(await rival, 412)
    fresh = (await town.manager.get(here)).headers["etag"]
    assert (await town.manager.put(f"{here}/time", json=later, headers={"If-Match": fresh})).status_code == 200


async def followed(client: httpx.AsyncClient, path: str) -> tuple[list[dict[str, Any]], int]:
    """Everything behind the links, and in how many parts it came."""
    found, parts = [], 0
    while path:
        answer = await client.get(path)
        found += answer.json()
        parts += 1
        path = answer.links.get("next", {}).get("url", "")
    return found, parts


async def test_long_lists_come_in_parts_without_a_gap_or_a_twin(town: Town) -> None:
    ids = [
        str(await town.open_session(starts_at=town.stage.morning + timedelta(days=day))) for day in range(5) if day != 4
    ]
    async with town.db.transaction() as tx:
        ids.append(str(await town.there.open(tx)))  # at the same moment as the first
    places, parts = await followed(town.candidate, "/api/v1/places?limit=2")
    assert (sorted(place["session_id"] for place in places), parts) == (sorted(ids), 3)
    lines, parts = await followed(town.administrator, "/api/v1/sessions?limit=2")
    assert (sorted(one["id"] for one in lines), parts) == (sorted(ids), 3)
    own, _ = await followed(town.evaluator, "/api/v1/sessions?limit=1")
    assert sorted(one["id"] for one in own) == sorted(ids[:4])
    for path in ("/api/v1/places?limit=101", "/api/v1/sessions?limit=1000", "/api/v1/openings?limit=0"):
        is_problem(await town.administrator.get(path), 422)


async def test_only_our_own_pages_are_asked_without_an_invitation(town: Town) -> None:
    answer = await town.stranger.get("/api/v1/places", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_every_policy_forbids_what_was_not_ours(town: Town) -> None:
    for path in ("/", "/sessions", "/api/v1/places", "/nothing", "/openings", "/calendars/x.ics"):
        policy = (await town.stranger.get(path)).headers["content-security-policy"]
        for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert part in policy
        assert "unsafe" not in policy


async def test_an_unknown_address_is_answered_like_a_known_one_and_as_fast(town: Town) -> None:
    """Known and unknown addresses in turn; the quickest of each, which others on the machine have least to do with, are
    alike."""
    import time

    town.app.state.running = _uncounted(town)
    took: dict[str, list[float]] = {"candidate": [], "nobody": []}
    said = {}
    for _ in range(40):
        for who, times in took.items():
            began = time.perf_counter()
            email = f"{who}@example.org" if who == "nobody" else "noor@example.org"
            answer = await town.stranger.post("/sign-in", data={"email": email})
            times.append(time.perf_counter() - began)
            said[who] = answer.text.replace(email, "")
    assert said["candidate"] == said["nobody"]
    known, unknown = map(min, took.values())
    assert abs(known - unknown) < 0.25 * max(known, unknown)


def _uncounted(town: Town) -> Any:
    import msgspec

    settings = msgspec.structs.replace(town.app.state.running.settings, rate_limits=0)
    return msgspec.structs.replace(town.app.state.running, settings=settings)
