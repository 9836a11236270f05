"""The short way of a booking: the most frequent write of a busy opening is answered before the application, like the reads
of service/short_way.py, and by the same pieces: who is asking, how often, the table of access, the ledger, every refusal.

It takes what programs send when all is well: a login, a key, and a small body with a session and nothing else. Whatever is
not certainly so goes the long way, from its first byte on, before anything has happened.
"""

import asyncio
import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Litestar, Request
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send
from msgspec import Struct

from service import access, auth, bodies, explaining, limits, logins, sending
from service.accounts import Account
from service.api import bookings
from service.claims import MARK, Claim, claimed
from service.db import ACTING, STRANGER, Actor
from service.idempotency import Answer
from service.orders import Unproven
from service.reaches import NONE
from service.settings import secret

SESSION = re.compile(rb'\{"session_id": ?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"\}')  # as programs write it
COOKIE = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?")
ONCE = {b"cookie", b"idempotency-key", b"content-type", b"content-length"}
NEVER = {b"authorization", b"content-encoding", b"transfer-encoding"}  # the long way knows what to do about them
TOO_LATE = "the body is not here in time"


class Head(Struct, frozen=True):
    """What the head of a well-asked booking says."""

    secret: str
    claim: str  # see service/claims.py; empty: none
    key: str
    length: bytes  # of the body, in digits


class ShortBookings:
    """Answers a booking, or leaves it to `app`."""

    def __init__(self, app: ASGIApp, litestar: Litestar) -> None:
        self._app, self._state = app, litestar.state
        self._cookie = auth.cookie_name(litestar.state.settings).encode()
        self._rule = access.rule("bookings", "book")
        self._takes_claims = self._rule.of("candidate") != NONE

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
            answer = await self._answer(request, head, session_id) if session_id else None
        except Exception as exception:
            await sending.refusal(request, exception, receive, send)
            return
        finally:
            ACTING.reset(acting)
        if answer is None:
            await self._app(scope, _from_the_first(first, receive), send)
            return
        location = (b"location", bookings.address_of(answer).encode())
        length = (b"content-length", str(len(answer.body)).encode())
        headers = [(b"content-type", b"application/json"), location, length]
        await sending.whole(send, answer.status, headers, answer.body)

    async def _answer(self, request: Request[Any, Any, Any], head: Head, session_id: UUID) -> Answer | None:
        """None: the long way says why not."""
        claim = self._claim(head)
        if claim is not None:
            await limits.count(limits.CHANGES, request, account_id=claim.account)
            with suppress(Unproven):
                return await self._claimed(request.scope, head, claim, session_id)
        account = await self._account(request.scope, head)
        if account is None:
            return None
        ACTING.set(auth.actor(account))
        if claim is None:
            await limits.count(limits.CHANGES, request)
        return await bookings.booked(request.scope, session_id, head.key)

    async def _claimed(self, scope: Scope, head: Head, claim: Claim, session_id: UUID) -> Answer:
        """In one round trip. Who is refused is recognised before it is explained: in whose words, and how much of it."""
        ACTING.set(Actor("candidate", claim.account, candidate=claim.candidate))
        now = self._state.running.now()
        order = bookings.order_of(session_id, head.key, now=now, login=logins.hash_of(head.secret))
        try:
            answer: Answer = await self._state.orders(order)
            return answer
        except Unproven:
            raise
        except Exception:
            await self._account(scope, head)
            async with explaining.explaining(scope, session_id=session_id):
                raise

    def _claim(self, head: Head) -> Claim | None:
        """Whose the login is said to be, under our signature."""
        if not head.claim or not self._takes_claims:
            return None
        return claimed(secret(self._state.settings), head.secret, head.claim)

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
        cookie = self._value(given.get(b"cookie", b""))
        if cookie is None or not bookings.KEY.fullmatch(key):
            return None
        named, _, claim = cookie.decode().partition(MARK)
        return Head(named, claim, key, given.get(b"content-length", b""))

    def _value(self, cookies: bytes) -> bytes | None:
        """Of our cookie, where it stands there once, and plainly."""
        found = [
            value
            for name, _, value in (part.strip().partition(b"=") for part in cookies.split(b";"))
            if name == self._cookie
        ]
        return found[0] if len(found) == 1 and COOKIE.fullmatch(found[0]) else None

    async def _account(self, scope: Scope, head: Head) -> Account | None:
        """Who may book; None: the long way says why not."""
        held = await self._state.recognition(head.secret, self._state.running.now())
        if held is None or not self._rule.admits(held[0]):
            return None
        scope["user"], scope["auth"] = held
        account: Account = held[0]
        return account


async def _in_time(receive: Receive) -> ReceiveMessage:
    """As asyncio.timeout would have it, which takes longer than to check a signature."""
    task = asyncio.current_task()
    assert task is not None
    over = asyncio.get_running_loop().call_later(bodies.SECONDS, task.cancel, TOO_LATE)
    try:
        return await receive()
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (TOO_LATE,):
            raise
        task.uncancel()
        raise HTTPException(status_code=408, headers={"Connection": "close"}) from None
    finally:
        over.cancel()


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
