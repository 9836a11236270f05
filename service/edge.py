"""What every request passes before a handler sees it, and every response on its way out.

Litestar's own middleware begins after routing, so a 404 would leave without its headers; this wraps the whole application.
"""

import re
import secrets
import time
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import ClientException, HTTPException
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

from service import logs, sending
from service.auth import cookie_name
from service.problems import FromAnotherSite
from service.settings import Settings
from service.web import language

SAFE = ("GET", "HEAD", "OPTIONS")
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
READABLE = "ETag, Link, Location, Retry-After, X-Request-Id"  # by scripts of the sites in PREUVE_CORS_ORIGINS
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
    "Access-Control-Max-Age": "600",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # frame-ancestors, for browsers that do not know it
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Edge:
    """The outermost layer: request id, refusals that need no handler, headers, and one log line per request."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._host = urlsplit(settings.base_url).hostname if settings.environment == "production" else None
        self._is_https = settings.base_url.startswith("https://")
        self._origins, self._cookie = settings.cors_origins, cookie_name(settings)
        always = HEADERS | ({"Strict-Transport-Security": "max-age=63072000"} if self._is_https else {})
        self._headers = [(name.lower().encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        started, status = time.perf_counter(), 0
        marked = logs.request_id.set(_request_id(scope))
        is_head = scope["method"] == "HEAD"

        async def send_out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._complete(request, message)
            if message["type"] == "http.response.body" and is_head:
                message["body"] = b""
            await send(message)

        if is_head:
            scope["method"] = HttpMethod.GET  # every page that can be read can be asked about
        try:
            await self._handle(request, scope, receive, send_out)
        except Exception as exception:
            logs.fault("a response failed", exception)
            if status:
                raise
            await _last_resort(send_out)
        finally:
            logs.say(
                "request",
                method="HEAD" if is_head else scope["method"],
                route=scope.get("path_template", ""),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
            logs.request_id.reset(marked)

    async def _handle(self, request: Request[Any, Any, Any], scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _unreadable(scope) or self._misdirected(request) or self._forged(request)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await sending.refusal(request, refusal, receive, send)

    def _misdirected(self, request: Request[Any, Any, Any]) -> HTTPException | None:
        """In production only the address people use. Health is asked by number, not by name."""
        if self._host is None or request.scope["path"].startswith("/health/"):
            return None
        if _hostname(request.headers.get("host", "")) == self._host:
            return None
        return ClientException("unknown host")

    def _forged(self, request: Request[Any, Any, Any]) -> HTTPException | None:
        """A write that a browser sends for another site's page. Programs send neither of the two headers."""
        if request.method in SAFE:
            return None
        site, origin = _from_where(request.scope)
        if site is origin is None:
            return None
        if self._invited(request) and self._cookie not in request.cookies:
            return None  # with a token of its own; a login's cookie works for our own pages alone
        if site is not None:
            return None if site in ("same-origin", "none") else FromAnotherSite()
        if origin is None or urlsplit(origin).netloc == request.headers.get("host"):
            return None
        return FromAnotherSite()

    def _invited(self, request: Request[Any, Any, Any]) -> bool:
        """A script of a site that the installation names, at the interface for programs."""
        return request.url.path.startswith("/api/") and request.headers.get("origin") in self._origins

    def _complete(self, request: Request[Any, Any, Any], message: HTTPResponseStartEvent) -> None:
        """The list is made anew by hand: Litestar's headers read all of them again for each that is set."""
        given = {name.lower(): value for name, value in message["headers"]}
        headers = [*message["headers"], (b"x-request-id", logs.request_id.get().encode())]
        headers += [header for header in self._headers if header[0] not in given]
        message["headers"] = headers
        if self._origins and request.url.path.startswith("/api/"):
            self._invite(request, MutableScopeHeaders.from_message(message))
        if b"lang" in request.scope["query_string"] and (chosen := language.to_remember(request)):
            secure = "; Secure" if self._is_https else ""
            remembered = f"{language.COOKIE}={chosen}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}"
            headers.append((b"set-cookie", remembered.encode()))

    def _invite(self, request: Request[Any, Any, Any], headers: MutableScopeHeaders) -> None:
        headers["Vary"] = ", ".join(filter(None, (headers.get("vary"), "Origin")))
        if self._invited(request):
            is_asking = "access-control-request-method" in request.headers
            headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            headers["Access-Control-Expose-Headers"] = READABLE
            headers.update(PREFLIGHT if is_asking else {})


def _from_where(scope: Scope) -> tuple[str | None, str | None]:
    """What a browser says of the page that asks: Sec-Fetch-Site, and Origin. By hand, as _request_id."""
    site = origin = None
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site" and site is None:
            site = value.decode("latin-1")
        elif name == b"origin" and origin is None:
            origin = value.decode("latin-1")
    return site, origin


@lru_cache(maxsize=64)
def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # no address of anybody's
        return None


def _request_id(scope: HTTPScope) -> str:
    """The headers are gone through by hand: most requests have none of it, and most of those need no other header either."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    return secrets.token_hex(8)


def _unreadable(scope: Scope) -> HTTPException | None:
    """NUL bytes and broken UTF-8: PostgreSQL would refuse them later, with a 500."""
    address = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    for part in (address.partition(b"?")[0], scope.get("query_string", b"")):
        plain = unquote_to_bytes(part) if b"%" in part else part
        if b"\0" in plain or not (plain.isascii() or _is_utf8(plain)):
            return ClientException("NUL or broken UTF-8 in the address")
    return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _last_resort(send: Send) -> None:
    """Not even the page that says sorry could be made."""
    await sending.whole(send, 500, [(b"content-type", b"text/plain; charset=utf-8")], b"Preuve: 500")
