"""Bodies that mean harm: refused as 4xx, at once, by real processes that go on answering (reliability.md, A1 and A2)."""

import gzip
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from litestar.exceptions import ClientException

from service import bodies, embedded
from tests.faults.servers import Servers, web
from tests.service.conftest import Town

HOSTILE = {
    "nested": b"[" * 30_000 + b"]" * 30_000,
    "nested without an end": b'{"session_id":' * 30_000,
    "deeper than anybody needs": b'{"session_id":' + b"[" * 41 + b"]" * 41 + b"}",
    "NaN": b'{"session_id":NaN}',
    "too large a number": b'{"session_id":1e999}',
    "four thousand digits": b'{"session_id":' + b"9" * 4000 + b"}",
    "a name twice": b'{"session_id":"a","session_id":"b"}',
    "NUL": b'{"session_id":"\0"}',
    "escaped NUL": b'{"session_id":"\\u0000"}',
    "half a character": b'{"session_id":"\\ud800"}',
    "half a character as a name": b'{"\\udfff":1}',
    "broken UTF-8": b'{"session_id":"\xff"}',
    "cut": b'{"session_id":"',
    "nothing": b"",
    "an unknown member": b'{"session_id":"00000000-0000-0000-0000-000000000000","is_admin":true}',
}


async def test_hostile_json_is_a_problem_and_quick(town: Town) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    await town.candidate.post(
        "/api/v1/bookings", content=b"{}", headers=headers
    )  # the first of all is slow for everybody
    for name, body in HOSTILE.items():
        before = time.process_time()
        answer = await town.candidate.post("/api/v1/bookings", content=body, headers=headers)
        assert answer.status_code in (400, 422), name
        assert answer.headers["content-type"] == "application/problem+json", name
        assert time.process_time() - before < 0.2, name


ODD = ("nested", "deeper than anybody needs", "NaN", "too large a number", "four thousand digits", "a name twice",
       "half a character", "half a character as a name")  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_a_decoder_might_let_pass_is_refused_by_us(name: str) -> None:
    """msgspec alone reads a name that comes twice as its last value: whoever looked at the first one was fooled."""
    before = time.process_time()
    with pytest.raises(ClientException):
        bodies.refuse_odd(HOSTILE[name])
    assert time.process_time() - before < 0.05


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"[[[[","b":"\\"{{{{"}' * 1,
        b'["' + b"[" * 500 + b'"]',
        b"[1e300,-0.0,123456789012345678]",
        b'"\\ud83d\\ude00"',
    ],
)
def test_harmless_json_passes(body: bytes) -> None:
    bodies.refuse_odd(body)


LOOSE = {
    "/api/v1/alerts": [
        ({"what": "TPCR", "accessible": 1}, "#/accessible"),
        ({"what": "TPCR", "accessible": "true"}, "#/accessible"),
        ({"what": "TPCR", "since": "null"}, "#/since"),
    ],
    "/api/v1/feeds": [({"kind": "candidate", "owner_id": "null"}, "#/owner_id")],
    "/api/v1/waiting": [({"unit": "TPCR-1", "earliest": "2026-09-01", "mornings": ["1"]}, "#/mornings/0")],
}


async def test_json_is_taken_by_its_types_alone(town: Town) -> None:
    """What Litestar would convert for us, as it has to where a form is sent, another program would not."""
    for address, wrong in LOOSE.items():
        for body, where in wrong:
            answer = await town.candidate.post(address, json=body)
            assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [where]), body


async def test_a_packed_body_is_refused_unread(town: Town) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    for headers in ({"Content-Encoding": "gzip"}, {"Content-Encoding": "identity, gzip"}):
        answer = await town.candidate.post(
            "/api/v1/bookings",
            content=bomb,
            headers={**headers, "Content-Type": "application/json", "Idempotency-Key": "k"},
        )
        assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


async def test_ten_megabytes_are_too_many_with_and_without_an_announced_length(town: Town) -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b"x" * 100_000

    for content in (b"x" * 10_000_000, chunks()):
        answer = await town.candidate.post(
            "/api/v1/bookings", content=content, headers={"Content-Type": "application/json", "Idempotency-Key": "k"}
        )
        assert answer.status_code == 413


async def test_a_form_of_too_many_parts_or_bytes_is_refused(town: Town) -> None:
    many = {f"file{number}": ("tpcr.toml", b"x") for number in range(bodies.PARTS + 5)}
    huge = {"file": ("tpcr.toml", b"x" * 2_000_000)}
    for files in (many, huge):
        answer = await town.administrator.post("/catalogue/imports", files=files)
        assert answer.status_code in (400, 413, 422), answer.status_code
    climbing = await town.administrator.post(
        "/catalogue/imports", files={"file": ("../../../etc/passwd.toml", b"x")}, headers={"Accept": "text/html"}
    )
    assert climbing.status_code == 422


@pytest.fixture(scope="module")
async def served(
    copies: Callable[..., Awaitable[str]], valkey: embedded.Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Servers]:
    """The same two processes for all who are slow: whoever was cut has left nothing open."""
    with web(tmp_path_factory.mktemp("bodies") / "web", await copies(), valkey.url) as servers:
        yield servers


async def test_what_trickles_is_cut_and_the_others_are_served(served: Servers) -> None:
    """Of a head, a line now and then keeps nothing open: the time is counted from the first byte."""
    heads, halves = [[socket.create_connection(("127.0.0.1", served.port)) for _ in range(100)] for _ in range(2)]
    post = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    order = b"POST /api/v1/bookings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: slow\r\n"
    began = time.monotonic()
    for one in heads:
        one.settimeout(0.05)
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    for one in halves[::2]:
        one.sendall(post + b"Content-Length: 1000\r\n\r\nemail=")
    for one in halves[1::2]:
        one.sendall(order + b"Cookie: preuve=nobodys\r\nContent-Length: 60\r\n\r\n")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as other:
        for number in range(100):
            if not heads or time.monotonic() - began > bodies.SECONDS + 8:
                break
            asked = time.monotonic()
            assert (await other.get("/health/live")).status_code == 200
            assert time.monotonic() - asked < 0.5
            heads = [one for one in heads if _is_open(one, b"X-Slow-%d: 1\r\n" % number)]
            time.sleep(0.2)
    assert heads == []
    assert time.monotonic() - began > bodies.SECONDS - 1, "whoever is slow on a telephone has time"
    for one in halves:
        one.settimeout(bodies.SECONDS + 5)
        assert one.recv(100).startswith(b"HTTP/1.1 408")
        one.close()
    assert time.monotonic() - began < bodies.SECONDS + 8


def _is_open(one: socket.socket, line: bytes) -> bool:
    try:
        one.sendall(line)
        answer = one.recv(100)
    except TimeoutError:
        return True
    except OSError:
        return False
    return bool(answer) and not answer.startswith(b"HTTP/1.1 408")


ELSEWHERE = (
    "/static/../../settings.py",
    "/static/x/..%2f..%2fsettings.py",
    "/static/x/%2e%2e%2fapp.py",
    "/static/x/..%5c..%5capp.py",
    "/static/x//etc/passwd",
    "/static/x/preuve.css%00.png",
    "/mail/..%2f..%2fsecret",
)


async def test_no_address_leads_out_of_its_folder(town: Town) -> None:
    for path in ELSEWHERE:
        answer = await town.stranger.send(town.stranger.build_request("GET", "http://localhost:8000" + path))
        assert answer.status_code in (400, 404), path
        assert b"import" not in answer.content
