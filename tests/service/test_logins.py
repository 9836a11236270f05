"""My sign-ins: listed with where and since when, ended one by one or all at once; limits; what devices are called."""

from datetime import datetime, timedelta
from hashlib import sha256

import httpx
import pytest

from service import devices, logins
from tests.builders.watch import Watch
from tests.builders.web import stranger
from tests.service.conftest import Town

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E1 Safari/604.1"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture
def clock(now: datetime) -> Watch:
    return Watch(now)


async def elsewhere(town: Town, secret: str, **more: str) -> httpx.AsyncClient:
    """The candidate on another device."""
    async with town.db.transaction() as tx:
        account = await tx.fetchval("select id from service.accounts where email = 'noor@example.org'")
        now = town.app.state.running.now()
        await logins.begin(tx, account, secret=secret, now=now, **more)  # type: ignore[arg-type]
    client = stranger(town.app)
    client.cookies.set("preuve", secret)
    return client


async def test_mine_are_listed_and_this_one_is_marked(town: Town, clock: Watch) -> None:
    clock.now += timedelta(minutes=1)
    await elsewhere(town, "telephone", method="passkey", device=devices.described(IPHONE))
    listed = (await town.candidate.get("/api/v1/logins")).json()
    assert [(one["method"], one["device"], one["is_this"]) for one in listed] == [
        ("passkey", "Safari · iPhone", False),
        ("mail", "", True),
    ]
    page = await town.candidate.get("/logins")
    assert "Safari · iPhone" in page.text
    assert page.text.count('/end"') == 1


async def test_one_is_ended_and_nobody_elses(town: Town) -> None:
    telephone = await elsewhere(town, "telephone")
    (mine,) = [one for one in (await telephone.get("/api/v1/logins")).json() if one["is_this"]]
    assert (await town.rival.post(f"/logins/{mine['id']}/end")).status_code == 404
    assert (await town.rival.put(f"/api/v1/logins/{mine['id']}/end")).status_code == 404
    assert (await town.candidate.post(f"/logins/{mine['id']}/end")).status_code == 303
    assert (await telephone.get("/logins")).status_code == 401
    assert (await town.candidate.get("/logins")).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/logins/end-others"), ("PUT", "/api/v1/logins/others/end")])
async def test_all_the_others_are_ended(town: Town, method: str, path: str) -> None:
    others = [await elsewhere(town, f"device {number}") for number in range(3)]
    assert (await town.candidate.request(method, path)).status_code in (204, 303)
    assert {(await other.get("/logins")).status_code for other in others} == {401}
    assert (await town.candidate.get("/logins")).status_code == 200
    assert (await town.rival.get("/logins")).status_code == 200


async def test_what_is_idle_or_over_is_not_listed(town: Town, clock: Watch) -> None:
    await elsewhere(town, "forgotten")
    clock.now += logins.IDLE - timedelta(minutes=1)
    assert len((await town.candidate.get("/api/v1/logins")).json()) == 2
    clock.now += timedelta(minutes=2)
    assert len((await town.candidate.get("/api/v1/logins")).json()) == 1


async def test_who_comes_together_is_noted_together_and_not_at_every_request(town: Town, clock: Watch) -> None:
    secrets, seen = ["one", "other"], "select distinct seen_at from service.logins where secret_hash = any ($1)"
    hashes = [sha256(secret.encode()).digest() for secret in secrets]
    for secret in secrets:
        await elsewhere(town, secret)
    begun = clock.now
    for minutes, noted in ((4, begun), (2, begun + timedelta(minutes=6)), (1, begun + timedelta(minutes=6))):
        clock.now += timedelta(minutes=minutes)
        async with town.db.glance() as session:
            assert None not in await logins.held(session, secrets, now=clock.now)
        async with town.db.read() as tx:
            assert [row["seen_at"] for row in await tx.fetch(seen, hashes)] == [noted]


@pytest.mark.parametrize(
    ("said", "described"),
    [
        (FIREFOX, "Firefox · Linux"),
        (IPHONE, "Safari · iPhone"),
        (EDGE, "Edge · Windows"),
        ("curl/8.5", ""),
        ("", ""),
        ("<script>alert(1)</script>" * 1000, ""),
    ],
)
def test_a_device_is_called_by_names_we_know(said: str, described: str) -> None:
    assert devices.described(said) == described
