"""A booking by the short way: the same answer, byte for byte, as through the whole application, or none at all."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from service.short_bookings import ShortBookings
from tests.service.conftest import Town

ADDRESS = "/api/v1/bookings"
LONG = {"Content-Type": "application/json; charset=utf-8"}  # says nothing else, and the short way does not read it
CHANGING = {"x-request-id", "date"}


async def asked(who: httpx.AsyncClient, session_id: object, key: str = "key-1", **headers: str) -> httpx.Response:
    given = {"Idempotency-Key": key, "Content-Type": "application/json", "Accept-Language": "nl", **headers}
    return await who.post(ADDRESS, content=f'{{"session_id": "{session_id}"}}', headers=given)


def said(answer: httpx.Response) -> tuple[int, dict[str, str], object]:
    """Without what no two answers share."""
    headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    body = answer.json()
    if "request_id" in body:
        del body["request_id"]
    return answer.status_code, headers, body


async def test_both_ways_give_the_same(town: Town) -> None:
    """What is booked is told again by either way; what is refused is refused in the same words."""
    session_id, full = (
        await town.open_session(),
        await town.open_session(starts_at=town.stage.morning + timedelta(days=1), seats=1),
    )
    assert (await town.book(full, who=town.rival)).status_code == 201
    async with town.db.transaction() as tx:
        draft = await town.stage.draft(tx, starts_at=town.stage.morning + timedelta(days=2))
    first = await asked(town.candidate, session_id)
    assert first.status_code == 201
    questions: list[tuple[httpx.AsyncClient, object, str]] = [
        (town.candidate, session_id, "key-1"),
        (town.candidate, session_id, "key-2"),
        (town.candidate, full, "key-1"),
        (town.candidate, full, "key-3"),
        (town.candidate, draft, "key-4"),
        (town.candidate, uuid4(), "key-5"),
        (town.manager, session_id, "key-1"),
        (town.evaluator, session_id, "key-1"),
        (town.stranger, session_id, "key-1"),
    ]
    statuses = []
    for who, wished, key in questions:
        short, long = await asked(who, wished, key), await asked(who, wished, key, **LONG)
        assert said(short) == said(long), key
        statuses.append(short.status_code)
    assert statuses == [201, 409, 422, 409, 404, 404, 403, 403, 401]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Idempotency-Key": "a b"}, None),
        ({"Idempotency-Key": ""}, None),
        ({"Content-Type": "text/plain"}, None),
        ({"Content-Type": "application/json; charset=utf-8"}, None),
        ({"Content-Encoding": "gzip"}, None),
        ({"Authorization": "Bearer x"}, None),
        ({"Cookie": "preuve=a; preuve=b"}, None),
        ({"Cookie": "preuve="}, None),
        ({"Cookie": 'preuve="a"'}, None),
        ({"Cookie": "preuve=nobody"}, None),
        ({"Content-Length": "999"}, None),
        ({}, b""),
        ({}, b"{}"),
        ({}, b'{"session_id": "x"}'),
        ({}, b'{"session_id": "%s", "session_id": "%s"}'),
        ({}, b'{"session_id": "%s", "candidate_id": "%s"}'),
        ({}, b'[{"session_id": "%s"}]'),
    ],
)
async def test_whatever_is_not_certainly_well_asked_goes_the_long_way_as_it_came(
    town: Town, headers: dict[str, str], body: bytes | None
) -> None:
    session_id = await town.open_session()
    plain = b'{"session_id": "%s"}' % str(session_id).encode()
    sent = plain if body is None else body.replace(b"%s", str(session_id).encode())
    went = await went_long(town, sent, headers)
    assert went == sent
    async with town.db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.bookings") == 0
    assert await went_long(town, plain, {}) is None, "well asked, it does not"


async def went_long(town: Town, body: bytes, more: dict[str, str]) -> bytes | None:
    """The body that arrived at the application; None when it was not asked."""
    arrived: list[bytes] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            arrived.append(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def server(scope: Any, receive: Any, send: Any) -> None:
        scope["litestar_app"] = town.app
        await ShortBookings(application, town.app)(scope, receive, send)

    cookie = "; ".join(f"{name}={value}" for name, value in town.candidate.cookies.items())
    headers = {"Cookie": cookie, "Idempotency-Key": "key-1", "Content-Type": "application/json"} | more
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://localhost") as client:
        answer = await client.post(ADDRESS, content=body, headers=headers)
    assert bool(arrived) == (answer.status_code != 201)
    return b"".join(arrived) if arrived else None


async def test_a_login_that_has_ended_opens_nothing(town: Town) -> None:
    session_id = await town.open_session()
    async with town.db.transaction() as tx:
        await tx.execute("update service.logins set ended_at = now()")
    answer = await asked(town.candidate, session_id)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-needed")


async def test_it_is_counted_and_logged_like_any_other(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """An account may write 120 times a minute; where the house asks for a hundredth of that, once."""
    settings = msgspec.structs.replace(town.app.state.running.settings, rate_limits=1)
    town.app.state.running = msgspec.structs.replace(town.app.state.running, settings=settings)
    caplog.set_level("INFO", "preuve")
    session_id = await town.open_session()
    answers = [await asked(town.candidate, session_id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    lines = [record.facts for record in caplog.records if getattr(record, "facts", {}).get("route") == ADDRESS]
    assert [line["status"] for line in lines] == [201, 429, 429]
