"""How often an account, or a network address, may ask: counted in Valkey for all processes together, exactly.

What is refused is not counted (service/counting.py): whoever waits as long as Retry-After says is let in. Health, assets and
pages that are only read are never counted.

Valkey may be away, or hang. Then a guard against guessing closes its door, and every other one stands open: nobody loses
a booking because nobody could count. After one silence a process does not ask again for some seconds.
"""

import hashlib
import ipaddress
import time
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import TooManyRequestsException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from service.counting import Try
from service.refusals import Unavailable
from service.settings import Settings, secret
from service.wiring import Running

SILENCE_SECONDS = 5.0  # after which it is asked again
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Rule(Struct, frozen=True):
    """So many requests within `seconds` of the first; `is_open`: let in what cannot be counted."""

    name: str
    seconds: int
    of_address: int
    of_account: int
    is_open: bool = True


SIGN_IN = Rule("sign-in", 900, of_address=60, of_account=60, is_open=False)
GUESSES = Rule("guesses", 3600, of_address=60, of_account=60, is_open=False)  # the serial number of a certificate
CHECKS = Rule("certificates", 60, of_address=120, of_account=120)  # 128 bits and more: against load, not guessing
SEARCHES = Rule("search", 60, of_address=600, of_account=120)
FEEDS = Rule("feeds", 60, of_address=600, of_account=600)  # calendar services ask for many people from one address
CHANGES = Rule("writes", 60, of_address=1200, of_account=120)  # a classroom shares one address
RULES = (SIGN_IN, GUESSES, CHECKS, SEARCHES, FEEDS, CHANGES)


class Limit(ASGIMiddleware):
    """Refuses (429) what goes beyond the rule of its address; comes after auth.Recognise, which says who asks."""

    scopes = (ScopeType.HTTP,)
    exclude_path_pattern = ("^/static/", "^/health/")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        rule = rule_of(connection.scope["method"], connection.url.path)  # type: ignore[typeddict-item]
        if rule is not None:
            await count(rule, connection)
        await next_app(scope, receive, send)


async def count(rule: Rule, connection: ASGIConnection[Any, Any, Any, Any], *, account_id: UUID | None = None) -> None:
    """Count one request, of the account that is signed in or else of `account_id`. Refuses TooManyRequestsException, and
    Unavailable where a closed door cannot count."""
    running: Running | None = connection.app.state.get("running")  # None: the application has not begun
    if running is None or not running.settings.rate_limits:
        return
    account = connection.scope.get("user")
    account_id = account.id if account else account_id
    who = [(f"address:{origin(connection, running.settings)}", rule.of_address)]
    if account_id is not None:
        who.append((f"account:{account_id}", rule.of_account))
    wait = 0
    try:
        wait = await _asked(running, rule, who)
    except Unavailable:
        if not rule.is_open:
            raise
    if wait:
        raise TooManyRequestsException(headers={"Retry-After": str(-(-wait // 1000))})


async def _asked(running: Running, rule: Rule, who: list[tuple[str, int]]) -> int:
    if time.monotonic() < running.queue.silent_until:
        raise Unavailable
    share = running.settings.rate_limits
    try:
        return await counted(
            running,
            {f"{rule.name}:{name}": max(1, most * share // 100) for name, most in who},
            milliseconds=rule.seconds * 1000,
        )
    except Unavailable:
        running.queue.silent_until = time.monotonic() + SILENCE_SECONDS
        raise


async def counted(running: Running, most: dict[str, int], *, milliseconds: int) -> int:
    """Count one try for each name, unless one of them has had its `most`: then the milliseconds until it may, else 0.

    Names are kept as keyed hashes: Valkey learns no network address. Refuses Unavailable, within queue.QUICK_SECONDS.
    """
    key = secret(running.settings)[:64]
    named = {
        f"limits:{hashlib.blake2b(name.encode(), key=key, digest_size=16).hexdigest()}": so_many
        for name, so_many in most.items()
    }
    return await running.queue.counting(Try(named, milliseconds))


def rule_of(method: str, path: str) -> Rule | None:
    """The rule of an address; None where reading is free."""
    path = path.rstrip("/")
    if method in WRITES:
        if path.startswith(("/sign-in", "/confirmation")):
            return SIGN_IN
        return GUESSES if path.startswith("/certificates/") else CHANGES
    if path.startswith("/sign-in/provider"):  # writes down what has to come back
        return SIGN_IN
    if path.startswith("/calendars/"):
        return FEEDS
    if path.startswith(("/certificates/", "/api/v1/certificates/", "/shared/")):
        return CHECKS
    return SEARCHES if path in ("/sessions", "/api/v1/places") else None


def origin(connection: ASGIConnection[Any, Any, Any, Any], settings: Settings) -> str:
    """The network address that asks: the connection's, or what a trusted proxy says of it (X-Forwarded-For, read from
    the right, up to the first address that is no proxy of ours). Of IPv6 the /64, which one household or school has."""
    client = connection.client
    nearest = client.host if client else ""
    hops = [nearest, *reversed([hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",")])]
    for hop in hops:
        address = _address(hop)
        if address is None:  # what no proxy of ours would write: the one before is as far as we can see
            break
        nearest = str(address)
        if not any(address in network for network in settings.trusted_proxies):
            break
    parsed = _address(nearest)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return nearest


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
