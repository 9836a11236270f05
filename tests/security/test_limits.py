"""Limits: exact over several processes, kept by account and by address, and what happens when nobody can count."""

import asyncio
import ipaddress
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import redis.asyncio
from litestar.connection import ASGIConnection

from service import embedded, limits
from service.counting import Counting, Try
from service.limits import CHANGES, CHECKS, FEEDS, GUESSES, SEARCHES, SIGN_IN
from service.settings import read
from tests.builders.web import an_app, serving, settings_for, stranger
from tests.faults.servers import HOUSE, web
from tests.service.conftest import Town


async def test_four_processes_together_let_exactly_the_limit_in(
    database_url: str, valkey_url: str, tmp_path: Path
) -> None:
    program = [sys.executable, "-m", "tests.security.counting", database_url, valkey_url, str(tmp_path), "40"]
    started = [
        await asyncio.create_subprocess_exec(*program, cwd=HOUSE, stdout=asyncio.subprocess.PIPE) for _ in range(4)
    ]
    let_in = [int((await one.communicate())[0]) for one in started]
    assert sum(let_in) == 25
    async with redis.asyncio.from_url(valkey_url) as client:
        kept = {key: (await client.get(key), await client.pttl(key)) async for key in client.scan_iter("limits:*")}
    assert {value for value, _ in kept.values()} == {b"25"}, "what is refused is not counted, under either name"
    assert all(0 < left <= 60_000 for _, left in kept.values())
    assert not [key for key in kept if b"one" in key], "names are hashes"


async def test_tries_that_share_a_round_trip_are_counted_each_by_itself(valkey_url: str) -> None:
    async with redis.asyncio.from_url(valkey_url) as client:
        counting = Counting(client)
        tries = [Try({"mine": 2, "all": 3}, 60_000), Try({"theirs": 9, "all": 3}, 30_000), Try({"alone": 1}, 500)]
        waits = await asyncio.gather(*(counting(one) for one in tries * 2))
        assert [wait > 0 for wait in waits] == [False, False, False, False, True, True]
        assert waits[5] <= 500 < waits[4] <= 60_000, "each waits for what is in its own way"
        kept = {name: int(await client.get(name)) for name in ("mine", "theirs", "all", "alone")}
        assert kept == {"mine": 2, "theirs": 1, "all": 3, "alone": 1}, "what has to wait is counted nowhere"


async def test_counting_without_the_script_is_not_exact(valkey_url: str) -> None:
    """The control: look, then count, as a limiter over a plain store does."""
    async with redis.asyncio.from_url(valkey_url) as client:

        async def naive() -> bool:
            if int(await client.get("naive") or 0) >= 25:
                return False
            await asyncio.sleep(0)
            await client.incr("naive")
            return True

        assert sum(await asyncio.gather(*(naive() for _ in range(160)))) > 25


@pytest.mark.parametrize(
    ("method", "path", "rule"),
    [
        ("POST", "/sign-in", SIGN_IN),
        ("POST", "/sign-in/token", SIGN_IN),
        ("POST", "/certificates/PRV-1/holder", GUESSES),
        ("GET", "/certificates/PRV-1", CHECKS),
        ("GET", "/api/v1/certificates/PRV-1", CHECKS),
        ("GET", "/shared/token", CHECKS),
        ("GET", "/sessions", SEARCHES),
        ("GET", "/api/v1/places", SEARCHES),
        ("GET", "/calendars/token.ics", FEEDS),
        ("POST", "/bookings", CHANGES),
        ("PUT", "/api/v1/sessions/1/time", CHANGES),
        ("GET", "/", None),
        ("GET", "/journey", None),
        ("GET", "/sign-in", None),
        ("GET", "/health/live", None),
        ("GET", "/static/1/preuve.css", None),
    ],
)
def test_every_address_has_its_rule(method: str, path: str, rule: limits.Rule | None) -> None:
    assert limits.rule_of(method, path) is rule


def test_only_guards_against_guessing_close_when_nobody_can_count() -> None:
    assert {rule.name for rule in limits.RULES if not rule.is_open} == {"sign-in", "guesses"}


async def test_beyond_the_limit_the_answer_says_when(town: Town) -> None:
    fewer = msgspec.structs.replace(town.app.state.settings, rate_limits=2)  # percent
    town.app.state.running = msgspec.structs.replace(town.app.state.running, settings=fewer)
    asked = [await town.candidate.get("/api/v1/places") for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 429, 429], "two percent of 120 for an account"
    assert asked[2].json()["type"] == "/problems/too-many-requests"
    assert 0 < int(asked[2].headers["retry-after"]) <= 60
    assert (await town.rival.get("/api/v1/places")).status_code == 200, "another account, the same address"
    page = await town.candidate.get("/sessions", headers={"Accept": "text/html"})
    assert (page.status_code, "retry-after" in page.headers) == (429, True)
    assert (await town.candidate.get("/journey")).status_code == 200, "reading is free"


def asking(client: str, forwarded: str = "") -> ASGIConnection[Any, Any, Any, Any]:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return ASGIConnection({"type": "http", "client": (client, 1), "headers": headers})  # type: ignore[arg-type, misc, typeddict-item]


@pytest.mark.parametrize(
    ("trusted", "client", "forwarded", "address"),
    [
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),  # nobody's word is taken
        ("10.0.0.0/8", "10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.2", "1.1.1.1, 198.51.100.1, 10.0.0.3", "198.51.100.1"),  # what the client wrote is left
        ("10.0.0.0/8", "203.0.113.9", "198.51.100.1", "203.0.113.9"),  # past the proxy
        ("10.0.0.0/8", "10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.0/8", "10.0.0.2", "<script>", "10.0.0.2"),
        ("::1", "::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "::ffff:203.0.113.9", "", "203.0.113.9"),
    ],
)
def test_the_address_is_the_nearest_that_no_proxy_of_ours_has(
    trusted: str, client: str, forwarded: str, address: str
) -> None:
    settings = read({"PREUVE_TRUSTED_PROXIES": trusted})
    assert limits.origin(asking(client, forwarded), settings) == address
    if trusted:
        assert settings.trusted_proxies == (ipaddress.ip_network(trusted),)


@pytest.fixture
def own_valkey(servers_folder: Path, tmp_path: Path) -> Iterator[embedded.Server]:
    """A Valkey that this test may stop."""
    folder = servers_folder / tmp_path.name
    folder.mkdir(mode=0o711)
    server = embedded.start_valkey(folder)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


async def test_a_valkey_that_hangs_closes_sign_in_and_nothing_else(
    database_url: str, own_valkey: embedded.Server, tmp_path: Path
) -> None:
    with web(tmp_path / "web", database_url, own_valkey.url, PREUVE_RATE_LIMITS="100") as servers:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{servers.port}", timeout=20) as browser:
            ask = {"email": "noor@example.org"}
            assert (await browser.post("/sign-in", data=ask)).status_code == 200
            before = await health(browser)
            own_valkey.process.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            assert (await browser.post("/sign-in", data=ask)).status_code == 503
            assert time.monotonic() - began < 1.5
            searches = asyncio.gather(*(browser.get("/api/v1/places") for _ in range(20)))
            during = await health(browser)
            assert {answer.status_code for answer in await searches} == {200}
            assert during < max(3 * before, 0.1)
            began = time.monotonic()
            for _ in range(10):  # nobody is asked again for some seconds
                await browser.get("/api/v1/places")
            assert time.monotonic() - began < 2
            own_valkey.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(limits.SILENCE_SECONDS + 0.5)
            assert (await browser.post("/sign-in", data=ask)).status_code == 200


async def health(browser: httpx.AsyncClient) -> float:
    """The 99th of a hundred answers, in seconds."""
    took = []
    for _ in range(100):
        began = time.perf_counter()
        assert (await browser.get("/health/live")).status_code == 200
        took.append(time.perf_counter() - began)
    return sorted(took)[98]


async def test_without_valkey_pages_are_read_and_nobody_signs_in(database_url: str, tmp_path: Path, clock: Any) -> None:
    away = serving(database_url, "redis://127.0.0.1:1", tmp_path, clock, PREUVE_RATE_LIMITS="100")
    async with away as app, stranger(app) as browser:
        for path in ("/", "/sessions", "/api/v1/places", "/certificates", "/health/live", "/sign-in"):
            assert (await browser.get(path)).status_code == 200, path
        assert (await browser.post("/sign-in", data={"email": "noor@example.org"})).status_code == 503
        code = "PRV-" + "-".join(["0000"] * 7)
        assert (await browser.post(f"/certificates/{code}/holder", data={"serial": "1"})).status_code == 503
        assert (await browser.get(f"/certificates/{code}")).status_code == 404


async def test_scripts_of_named_sites_may_use_the_interface_without_a_login_cookie(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Any
) -> None:
    friend, foe = "https://app.example.org", "https://foe.example.org"
    app = an_app(settings_for(database_url, valkey_url, tmp_path, PREUVE_CORS_ORIGINS=friend), clock)
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    async with stranger(app) as script:
        preflight = await script.options("/api/v1/bookings", headers={"Origin": friend, **ask})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == friend
        assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        for origin, path in ((foe, "/api/v1/bookings"), (friend, "/bookings")):
            other = await script.options(path, headers={"Origin": origin, **ask})
            assert "access-control-allow-origin" not in other.headers
        cross = {"Origin": friend, "Sec-Fetch-Site": "cross-site"}
        assert (await script.get("/api/openapi.json", headers=cross)).headers["vary"].endswith("Origin")
        script.cookies.set("preuve", "somebody's")
        assert (await script.post("/api/v1/feeds", headers=cross)).status_code == 403
