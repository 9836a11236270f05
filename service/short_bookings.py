"""The short way of a booking: the most frequent write of a busy opening is answered before the application, like the reads
of service/short_way.py, and by the same pieces: who is asking, how often, the table of access, the ledger, every refusal.

It takes what programs send when all is well: a login, a key, and a small body with a session and nothing else. Whatever is
not certainly so goes the long way, from its first byte on, before anything has happened.
"""

import asyncio
import re
from typing import Any
from uuid import UUID

from litestar import Litestar, Request
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send
from msgspec import Struct

from service import access, auth, bodies, limits, sending
from service.accounts import Account
from service.api import bookings
from service.db import ACTING, STRANGER

SESSION = re.compile(rb'\{"session_id": ?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"\}')  # as programs write it
SECRET = re.compile(rb"[A-Za-z0-9_-]+")
ONCE = {b"cookie", b"idempotency-key", b"content-type", b"content-length"}
NEVER = {b"authorization", b"content-encoding", b"transfer-encoding"}  # the long way knows what to do about them


class Head(Struct, frozen=True):
    """What the head of a well-asked booking says."""

    secret: str
    key: str
    length: bytes  # of the body, in digits


class ShortBookings:
    """Answers a booking, or leaves it to `app`."""

    def __init__(self, app: ASGIApp, litestar: Litestar) -> None:
        self._app, self._state = app, litestar.state
        self._cookie = auth.cookie_name(litestar.state.settings).encode()
        self._rule = access.rule("bookings", "book")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = self._head(scope)
        if head is None:
            await self._app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope)
        scope["path_template"] = bookings.ADDRESS
        acting = ACTING.set(STRANGER)
        try:
            first = await _in_time(receive)
            session_id = _session(first, head)
            account = await self._account(scope, head) if session_id else None
            if session_id and account:
                ACTING.set(auth.actor(account))
                await limits.count(limits.CHANGES, request)
                answer = await bookings.booked(scope, session_id, head.key)
        except Exception as exception:
            await sending.refusal(request, exception, receive, send)
            return
        finally:
            ACTING.reset(acting)
        if account is None:
            await self._app(scope, _from_the_first(first, receive), send)
            return
        location = (b"location", bookings.address_of(answer).encode())
        length = (b"content-length", str(len(answer.body)).encode())
        headers = [(b"content-type", b"application/json"), location, length]
        await sending.whole(send, answer.status, headers, answer.body)

    def _head(self, scope: Scope) -> Head | None:
        """None: for the long way."""
        given: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in NEVER or name in given:
                return None
            if name in ONCE:
                given[name] = value
        if scope["query_string"] or given.get(b"content-type") != b"application/json":
            return None
        key = given.get(b"idempotency-key", b"").decode("latin-1")
        secret = self._secret(given.get(b"cookie", b""))
        if secret is None or not bookings.KEY.fullmatch(key):
            return None
        return Head(secret.decode(), key, given.get(b"content-length", b""))

    def _secret(self, cookies: bytes) -> bytes | None:
        """Of our cookie, where it stands there once, and plainly."""
        found = [
            value
            for name, _, value in (part.strip().partition(b"=") for part in cookies.split(b";"))
            if name == self._cookie
        ]
        return found[0] if len(found) == 1 and SECRET.fullmatch(found[0]) else None

    async def _account(self, scope: Scope, head: Head) -> Account | None:
        """Who may book; None: the long way says why not."""
        held = await self._state.recognition(head.secret, self._state.running.now())
        if held is None or not self._rule.admits(held[0]):
            return None
        scope["user"], scope["auth"] = held
        account: Account = held[0]
        return account


async def _in_time(receive: Receive) -> ReceiveMessage:
    try:
        async with asyncio.timeout(bodies.SECONDS):
            return await receive()
    except TimeoutError:
        raise HTTPException(status_code=408, headers={"Connection": "close"}) from None


def _session(message: ReceiveMessage, head: Head) -> UUID | None:
    """Of a body that is here as a whole, names one and says nothing else. (The server may say that more is to come when
    all has come: the length tells.)"""
    if message["type"] != "http.request" or str(len(message["body"])).encode() != head.length:
        return None
    named = SESSION.fullmatch(message["body"])
    return UUID(named[1].decode()) if named else None


def _from_the_first(first: ReceiveMessage, receive: Receive) -> Receive:
    """`receive`, as if `first` had not been read yet."""
    waiting = [first]

    async def again() -> ReceiveMessage:
        return waiting.pop() if waiting else await receive()

    return again
