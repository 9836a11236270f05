"""Every no is a problem document for programs and a page for people, with the status and the headers that belong to it."""

import logging
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException, TooManyRequestsException
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody

from service import refusals
from service.app import assembled
from service.i18n import LANGUAGES
from service.logs import JsonLines
from service.problems import PROBLEMS, REFUSALS, everything, slug_of
from service.settings import read
from tests.builders.web import an_app


class Order(msgspec.Struct, forbid_unknown_fields=True):
    unit: Annotated[str, msgspec.Meta(max_length=20)]
    seats: Annotated[int, msgspec.Meta(ge=1)]


@post("/api/orders")
async def order(data: JSONBody[Order]) -> Order:
    return data


@post("/orders")
async def order_by_form(data: URLEncodedBody[Order]) -> Order:
    return data


@get("/api/search", sync_to_thread=False)
def search(limit: FromQuery[int]) -> int:
    return limit


RAISED: dict[str, Exception] = {
    "sign-in": NotAuthorizedException(),
    "forbidden": PermissionDeniedException(),
    "hurry": TooManyRequestsException(headers={"Retry-After": "7"}),
    "away": refusals.Unavailable(),
    "spent": refusals.LinkSpent(),
    "wrapped": ExceptionGroup("clean-up", [refusals.NotFound()]),
    "bug": RuntimeError("Key (email)=(noor@example.org) already exists"),
}


@get("/raise/{name:str}", sync_to_thread=False)
def raise_it(name: FromPath[str]) -> None:
    raise RAISED[name]


@pytest.fixture(scope="module")
def routes() -> Litestar:
    app = assembled("development")
    for handler in (order, order_by_form, search, raise_it):
        app.register(handler)
    return app


@pytest.fixture
def client(tmp_path: Path, routes: Litestar) -> httpx.AsyncClient:
    return browser(an_app(read({"PREUVE_DATA": str(tmp_path), "PREUVE_LOG": "json"}), routes=routes))


def browser(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")  # type: ignore[arg-type]


async def problem(
    client: httpx.AsyncClient, method: str, path: str, **more: Any
) -> tuple[httpx.Response, dict[str, Any]]:
    response = await client.request(method, path, **more)
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["type"] == f"/problems/{document['type'].removeprefix('/problems/')}"
    assert document["request_id"] == response.headers["x-request-id"]
    return response, document


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"unit": "TPCR-3", "seats": 2', JSON, 400),
        (b'{"unit": "TPCR-3\\u0000", "seats": 2}', JSON, 400),
        (b'{"unit": "\xff\xfe", "seats": 2}', JSON, 400),
        (b'{"unit": "\\ud800", "seats": 2}', JSON, 400),
        (b"[" * 30_000 + b"]" * 30_000, JSON, 400),
        (b'{"unit": "TPCR-3", "seats": 2}', {"content-type": "text/plain"}, 415),
        (b"unit=TPCR-3&seats=2", FORM, 415),
        (b'{"unit": "TPCR-3", "seats": 2}' + b" " * 1_000_000, JSON, 413),
        (b'{"unit": "TPCR-3", "seats": 0}', JSON, 422),
        (b'{"unit": "TPCR-3", "seats": 2, "price": 0}', JSON, 422),
        (b"", JSON, 422),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_for_what_is_wrong_with_it(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int
) -> None:
    response, _ = await problem(client, "POST", "/api/orders", content=body, headers=headers)
    assert response.status_code == status


async def test_a_backslash_before_u0000_is_text_and_no_nul(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/orders", content=rb'{"unit": "\\u0000", "seats": 2}', headers=JSON)
    assert response.status_code == 201


@pytest.mark.parametrize("body", [b"unit=a%00b&seats=1", b"unit=%ff&seats=1"])
async def test_a_form_with_nul_or_broken_utf8_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response, _ = await problem(client, "POST", "/orders", content=body, headers=FORM)
    assert response.status_code == 400


async def test_a_wrong_field_is_named_by_a_pointer(client: httpx.AsyncClient) -> None:
    _, document = await problem(client, "POST", "/api/orders", json={"unit": "TPCR-3", "seats": "many"})
    assert document["type"] == "/problems/check-your-answers"
    assert [error["pointer"] for error in document["errors"]] == ["#/seats"]


async def test_a_wrong_parameter_is_named_with_its_place(client: httpx.AsyncClient) -> None:
    _, document = await problem(client, "GET", "/api/search?limit=ten")
    assert [(error["parameter"], error["in"]) for error in document["errors"]] == [("limit", "query")]


@pytest.mark.parametrize(
    ("path", "status", "slug", "headers"),
    [
        ("/raise/sign-in", 401, "sign-in-needed", {"www-authenticate": 'Bearer realm="preuve"'}),
        ("/raise/forbidden", 403, "not-allowed", {}),
        ("/raise/hurry", 429, "too-many-requests", {"retry-after": "7"}),
        ("/raise/away", 503, "unavailable", {"retry-after": "3"}),
        ("/raise/spent", 410, "link-spent", {}),
        ("/raise/wrapped", 404, "not-found", {}),
        ("/nowhere", 404, "not-found", {}),
        ("/raise/a%00b", 400, "bad-request", {}),
        ("/problems?q=%ff", 400, "bad-request", {}),
    ],
)
async def test_each_no_has_its_status_its_page_and_its_headers(
    client: httpx.AsyncClient, path: str, status: int, slug: str, headers: dict[str, str]
) -> None:
    response, document = await problem(client, "GET", path)
    assert (response.status_code, document["type"]) == (status, f"/problems/{slug}")
    assert {name: response.headers[name] for name in headers} == headers


async def test_405_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    response, _ = await problem(client, "DELETE", "/problems")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


async def test_a_bug_is_a_500_that_tells_neither_the_reader_nor_the_log_whose_row_it_was(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="preuve"):
        response, _ = await problem(client, "GET", "/raise/bug")
    assert response.status_code == 500
    assert "noor" not in response.text
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any("RuntimeError" in line and "raise_it" in line for line in lines)
    assert not any("noor" in line for line in lines)


async def test_a_browser_gets_a_page_in_its_language(client: httpx.AsyncClient) -> None:
    asked = {"accept": "text/html,application/xhtml+xml", "accept-language": "nl-BE"}
    response = await client.get("/nowhere", headers=asked)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="nl">' in response.text
    assert "We vinden dit niet" in response.text


async def test_under_api_even_a_browser_gets_json(client: httpx.AsyncClient) -> None:
    await problem(client, "GET", "/api/nowhere", headers={"accept": "text/html"})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_type_is_a_page_in_four_languages(client: httpx.AsyncClient, language: str) -> None:
    for slug in everything():
        response = await client.get(f"/problems/{slug}?lang={language}", headers={"accept": "text/html"})
        assert response.status_code == 200
        assert f'<html lang="{language}">' in response.text


def test_two_refusals_of_one_name_say_the_same() -> None:
    for refusal, wording in REFUSALS.items():
        assert slug_of(refusal) in PROBLEMS or everything()[slug_of(refusal)] == wording
