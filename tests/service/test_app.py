"""What every request and every response passes: headers, ids, the same-site rule, assets, health, the description."""

import gzip
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, post

from service.app import assembled, create_app
from service.settings import read
from service.web.assets import IMMUTABLE, address
from tests.builders.web import an_app, serving, stranger


@post("/write", sync_to_thread=False)
def write() -> None:
    return None


@pytest.fixture(scope="module")
def routes() -> Litestar:
    app = assembled("development")
    app.register(write)
    return app


@pytest.fixture
def browser(tmp_path: Path, routes: Litestar) -> httpx.AsyncClient:
    return stranger(an_app(read({"PREUVE_DATA": str(tmp_path)}), routes=routes))


@pytest.fixture
async def app(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime]
) -> AsyncIterator[Litestar]:
    async with serving(database_url, valkey_url, tmp_path, clock) as app:
        yield app


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/nowhere", "/health/live", "/a%00b"])
async def test_every_response_carries_the_safety_headers(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "permissions-policy" in headers
    assert "strict-transport-security" not in headers


async def test_over_https_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    browser = stranger(an_app(read({"PREUVE_DATA": str(tmp_path), "PREUVE_BASE_URL": "https://preuve.example"})))
    response = await browser.get("/?lang=nl")
    assert response.headers["strict-transport-security"] == "max-age=63072000"
    assert "; Secure" in response.headers["set-cookie"]


async def test_applications_with_the_same_routes_are_otherwise_strangers(tmp_path: Path, routes: Litestar) -> None:
    """What lets the tests assemble the routes once."""
    secure = stranger(an_app(read({"PREUVE_BASE_URL": "https://preuve.example"}), routes=routes))
    plain = an_app(read({"PREUVE_DATA": str(tmp_path)}), routes=routes)
    assert "strict-transport-security" in (await secure.get("/")).headers
    assert "strict-transport-security" not in (await stranger(plain).get("/")).headers
    assert (await stranger(plain).post("/write")).status_code == 201
    assert (await stranger(an_app(plain.state.settings)).post("/write")).status_code == 404


async def test_a_request_keeps_its_id_and_a_strange_one_is_replaced(browser: httpx.AsyncClient) -> None:
    kept = await browser.get("/health/live", headers={"x-request-id": "abcd-1234.efgh"})
    assert kept.headers["x-request-id"] == "abcd-1234.efgh"
    replaced = await browser.get("/health/live", headers={"x-request-id": '"}, {"level": "x'})
    assert replaced.headers["x-request-id"].isalnum()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost:8000"}, 201),
        ({"origin": "http://localhost:9000"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_a_form_on_another_site_cannot_write_here(
    browser: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await browser.post("/write", headers=headers)).status_code == status


async def test_a_link_on_another_site_may_lead_here(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/", headers={"sec-fetch-site": "cross-site"})).status_code == 200


async def test_in_production_a_foreign_host_name_is_refused_except_for_health(tmp_path: Path) -> None:
    environ = {
        "PREUVE_ENV": "production",
        "PREUVE_BASE_URL": "https://preuve.example",
        "PREUVE_SMTP_URL": "smtp://mail",
    }
    browser = stranger(create_app(read({**environ, "PREUVE_DATA": str(tmp_path)})))
    for host, path, status in (
        ("preuve.example", "/", 200),
        ("preuve.example:443", "/", 200),
        ("evil.example", "/", 400),
        ("[", "/", 400),
        ("10.0.0.7:8000", "/health/live", 200),
    ):
        assert (await browser.get(path, headers={"host": host})).status_code == status, host


async def test_head_answers_like_get_without_the_body(browser: httpx.AsyncClient) -> None:
    got, asked = await browser.get("/"), await browser.head("/")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]


async def test_the_chosen_language_is_remembered(browser: httpx.AsyncClient) -> None:
    chosen = await browser.get("/?lang=nl")
    assert '<html lang="nl">' in chosen.text
    assert chosen.headers["content-language"] == "nl"
    assert '<html lang="nl">' in (await browser.get("/accessibility", headers={"accept-language": "de"})).text
    assert "set-cookie" not in (await browser.get("/?lang=<x>")).headers


async def test_the_switch_leads_to_the_same_page_of_this_site(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/problems?q=a%26b&lang=en")
    assert 'href="/problems?q=a%26b&amp;lang=nl"' in page.text
    twice = await browser.get("http://localhost:8000//elsewhere.example/", headers={"accept": "text/html"})
    assert 'href="/elsewhere.example' in twice.text
    assert 'href="//' not in twice.text


async def test_assets_are_kept_for_ever_under_their_own_hash_only(browser: httpx.AsyncClient) -> None:
    for name in ("preuve.css", "htmx.js", "errors.js", "source-sans-regular.ttf"):
        asset = await browser.get(address(name))
        assert asset.status_code == 200
        assert asset.headers["cache-control"] == IMMUTABLE
        assert "set-cookie" not in asset.headers
    older = await browser.get("/static/0123456789abcdef/preuve.css")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    assert (await browser.get("/static/0123456789abcdef/secret.css")).status_code == 404


async def test_an_asset_packed_or_not_is_the_same(browser: httpx.AsyncClient) -> None:
    plain = await browser.get(address("htmx.js"), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    async with browser.stream("GET", address("htmx.js")) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content


async def test_ready_says_what_is_away(app: Litestar) -> None:
    asking = stranger(app)
    well = await asking.get("/health/ready")
    assert (well.status_code, well.json()) == (200, {"status": "ok", "database": "ok", "queue": "ok"})
    await app.state.running.db.close()
    down = await asking.get("/health/ready")
    assert (down.status_code, down.json()["status"], down.json()["queue"]) == (503, "down", "ok")


async def test_without_its_queue_the_service_is_degraded_but_ready(
    database_url: str, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    async with serving(database_url, "redis://127.0.0.1:1", tmp_path, clock) as app:
        ready = await stranger(app).get("/health/ready")
    assert (ready.status_code, ready.json()["status"], ready.json()["queue"]) == (200, "degraded", "down")


async def test_the_description_is_openapi_31_and_announces_problems_everywhere(browser: httpx.AsyncClient) -> None:
    description = (await browser.get("/api/openapi.json")).json()
    assert description["openapi"].startswith("3.1")
    operations = [
        operation for item in description["paths"].values() for operation in item.values() if "responses" in operation
    ]
    assert operations
    assert all("application/problem+json" in each["responses"]["default"]["content"] for each in operations)


@pytest.mark.parametrize(("environment", "status"), [("development", 200), ("production", 404)])
async def test_the_gallery_of_components_is_for_development(tmp_path: Path, environment: str, status: int) -> None:
    environ = {"PREUVE_ENV": environment, "PREUVE_BASE_URL": "http://localhost:8000", "PREUVE_SMTP_URL": "smtp://mail"}
    browser = stranger(an_app(read({**environ, "PREUVE_DATA": str(tmp_path)})))
    assert (await browser.get("/look")).status_code == status
