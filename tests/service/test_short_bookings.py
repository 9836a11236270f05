"""A booking by the short way: the same answer, byte for byte, as through the whole application, or none at all."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from service import accounts, claims
from service.claims import MARK
from service.settings import secret as installation
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


@pytest.fixture(params=[True, False], ids=["claimed", "plain"])
def shown(request: pytest.FixtureRequest, town: Town) -> bool:
    """Whether the cookies of candidates say whose they are, as those of today do, or do not, as those of yesterday."""
    if not request.param:
        for client in (town.candidate, town.rival):
            client.cookies.set("preuve", client.cookies["preuve"].partition(MARK)[0])
    return bool(request.param)


@pytest.mark.usefixtures("shown")
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


@pytest.mark.parametrize(
    "change",
    [
        "update service.logins set ended_at = $1",
        "update service.logins set expires_at = $1",
        "update service.logins set seen_at = $1::timestamptz - interval '12 hours'",
        "update service.accounts set disabled_at = $1",
    ],
)
@pytest.mark.usefixtures("shown")
async def test_a_login_that_is_over_opens_nothing(town: Town, change: str) -> None:
    session_id = await town.open_session()
    async with town.db.transaction() as tx:
        await tx.execute(change, town.app.state.running.now())
    answer = await asked(town.candidate, session_id)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-needed")
    async with town.db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.bookings") == 0
        assert await tx.fetchval("select count(*) from service.idempotency") == 0


async def test_a_claim_spares_the_recognition_and_a_login_seen_long_ago_does_not(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    recognised: list[str] = []
    recognise = town.app.state.recognition

    async def recognition(secret: str, now: datetime) -> Any:
        recognised.append(secret)
        return await recognise(secret, now)

    monkeypatch.setattr(town.app.state, "recognition", recognition)
    session_id = await town.open_session()
    assert (await asked(town.candidate, session_id)).status_code == 201
    assert recognised == []
    async with town.db.transaction() as tx:
        await tx.execute("update service.logins set seen_at = seen_at - interval '6 minutes'")
    assert (await asked(town.candidate, session_id)).status_code == 201
    assert recognised == [town.candidate.cookies["preuve"].partition(MARK)[0]]
    assert (await asked(town.candidate, session_id)).status_code == 201
    assert len(recognised) == 1, "now it has been seen"


@pytest.mark.parametrize(
    "forged", ["theirs beside mine", "mine changed", "not of this house", "no claim at all", "short"]
)
async def test_a_claim_opens_nothing(town: Town, forged: str) -> None:
    """Whatever is claimed, the login says who books; and nobody's requests are counted for another but under our key."""
    secret, _, mine = town.candidate.cookies["preuve"].partition(MARK)
    theirs, account = town.rival.cookies["preuve"].partition(MARK)[2], await whose(town, "sam@example.org")
    claim = {
        "theirs beside mine": theirs,
        "mine changed": theirs[:43] + mine[43:],
        "not of this house": claims.with_claim(b"another key", secret, account).partition(MARK)[2],
        "no claim at all": "A" * 64,
        "short": mine[:40],
    }[forged]
    assert claims.claimed(installation(town.app.state.settings), secret, claim) is None
    town.candidate.cookies.set("preuve", f"{secret}{MARK}{claim}")
    session_id = await town.open_session()
    assert (await asked(town.candidate, session_id)).status_code == 201
    async with town.db.read() as tx:
        booked_by = "select c.email from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id"
        assert await tx.fetchval(booked_by) == "noor@example.org"


async def test_a_claim_of_this_house_for_another_account_is_refused_by_the_database(town: Town) -> None:
    """As if our own key signed it: the login in the same transaction has the last word."""
    secret = town.candidate.cookies["preuve"].partition(MARK)[0]
    wrong = claims.with_claim(installation(town.app.state.settings), secret, await whose(town, "sam@example.org"))
    town.candidate.cookies.set("preuve", wrong)
    assert (await asked(town.candidate, await town.open_session())).status_code == 201
    async with town.db.read() as tx:
        assert await tx.fetchval("select candidate_id from scheduling.bookings") == town.candidate_id


async def whose(town: Town, email: str) -> accounts.Account:
    async with town.db.read() as tx:
        row = await tx.fetchrow("select id, candidate_id from service.accounts where email = $1", email)
    return accounts.Account(row["id"], email, "candidate", None, row["candidate_id"], None, "fr")


@pytest.mark.usefixtures("shown")
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
