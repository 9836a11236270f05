"""The short way: the list of places and the calendars, which programs ask for again and again, are answered before the
application, whose layers cost three times what such an answer does; so are bookings (service/short_bookings.py).

Everything that holds for a request holds for these: Edge is around them (headers, one line in the log, refusals of what is
unreadable or from elsewhere), and they are counted as service/limits.py says. Whoever shows a login or a token, and
whatever is not certainly well asked, goes the long way, which has the words for every refusal.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from litestar import Litestar, Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from scheduling import places
from service import auth, limits, sending, subscriptions
from service.api import bookings
from service.api.fields import MOST_LISTED, Moment, within_reach
from service.db import ACTING, STRANGER
from service.place_lists import MOST_PAGES, PLACES, PlaceLists, Question
from service.short_bookings import ShortBookings

CALENDARS, CALENDAR = "/calendars/", "/calendars/{file}"
Asked = Request[Any, Any, Any]
Sent = tuple[int, str, dict[str, str], bytes]  # status, media type, headers, body


class Way(Struct, frozen=True):
    """How an address is called in the log, and what answers."""

    route: str
    answer: Callable[[Asked], Awaitable[Sent]]


class ShortWay:
    """`app`, and before it the few answers that need none of it."""

    def __init__(self, app: ASGIApp, litestar: Litestar) -> None:
        self._app, self._state = app, litestar.state
        self._cookie = auth.cookie_name(litestar.state.settings).encode()
        self._bookings = ShortBookings(app, litestar)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "POST" and scope["path"] == bookings.ADDRESS:
            await self._bookings(scope, receive, send)
            return
        way = None
        if scope["type"] == ScopeType.HTTP and scope["method"] == "GET" and self._is_a_stranger(scope):
            way = self._to(scope["path"], scope["query_string"])
        if way is None:
            await self._app(scope, receive, send)
        else:
            await self._go(way, scope, receive, send)

    def _is_a_stranger(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization" or (name == b"cookie" and self._cookie in value):
                return False
        return True

    def _to(self, path: str, query: bytes) -> Way | None:
        if path == PLACES:
            lists: PlaceLists = self._state.place_lists
            question = lists.question(query) or read(query)
            return Way(PLACES, partial(self._places, question)) if question else None
        file = path.removeprefix(CALENDARS)
        if file != path and file.endswith(subscriptions.SUFFIX) and "/" not in file:
            return Way(CALENDAR, partial(self._calendar, file.removesuffix(subscriptions.SUFFIX)))
        return None

    async def _go(self, way: Way, scope: Scope, receive: Receive, send: Send) -> None:
        request: Asked = Request(scope)
        scope["path_template"] = way.route
        acting = ACTING.set(STRANGER)
        try:
            if rule := limits.rule_of("GET", scope["path"]):
                await limits.count(rule, request)
            status, media_type, more, body = await way.answer(request)
        except Exception as exception:
            await sending.refusal(request, exception, receive, send)
            return
        finally:
            ACTING.reset(acting)
        headers = [(name.lower().encode(), value.encode()) for name, value in more.items()]
        if status == 200:
            headers += [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
        await sending.whole(send, status, headers, body)

    async def _places(self, question: Question, _: Asked) -> Sent:
        answer = await self._state.place_lists.for_everybody(question, now=self._state.running.now())
        return 200, "application/json", answer.headers, answer.body

    async def _calendar(self, secret: str, request: Asked) -> Sent:
        running, base_url = self._state.running, self._state.settings.base_url
        token_hash = subscriptions.token_hash(secret)
        written = await self._state.kept_feeds.written(token_hash, base_url=base_url, now=running.now())
        if written.is_known(request.headers):
            return 304, "", written.headers, b""
        return 200, "text/calendar; charset=utf-8", written.headers, written.body


def read(query: bytes) -> Question | None:
    """A plain question: a time, how many, which page. None for any other, and for whatever looks odd."""
    try:
        pairs = query.decode("ascii").split("&") if query else []
        given = dict(map(_pair, pairs))
        if len(given) < len(pairs) or not given.keys() <= {"limit", "page", "since", "until"}:
            return None
        limit, page = _number(given.get("limit", "50"), MOST_LISTED), _number(given.get("page", "1"), MOST_PAGES)
        since, until = _moment(given.get("since")), _moment(given.get("until"))
    except ValueError:
        return None
    wish = places.Wish(since=since, until=until, limit=limit + 1, skip=(page - 1) * limit)
    return Question(query, wish, limit, page)


def _pair(text: str) -> tuple[str, str]:
    name, value = text.split("=")  # a ValueError where it is none, or several
    return name, unquote_plus(value) if "%" in value or "+" in value else value


def _number(text: str, most: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 4 else 0
    if not 1 <= number <= most:
        raise ValueError(text)
    return number


def _moment(text: str | None) -> datetime | None:
    return None if text is None else within_reach(msgspec.convert(text, Moment))  # a ValidationError is a ValueError
