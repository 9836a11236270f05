"""What a handler may ask for, by its parameter's name and type.

async def book(data: JSONBody[Order], db: Db, now: Now, words: Words) -> Booking: ...
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.types import Scope

from service import i18n, orders, why_not
from service.db import Database
from service.web.language import language_of

Db = NamedDependency[Database]
Now = NamedDependency[datetime]
Words = NamedDependency[i18n.Words]
Orders = NamedDependency[orders.Orders]
Reasons = NamedDependency[why_not.Reasons]


# Of the scope and not of `state`, which Litestar copies for each of them.
def _db(scope: Scope) -> Database:
    return scope["litestar_app"].state.running.db  # type: ignore[no-any-return]


def _now(scope: Scope) -> datetime:
    return scope["litestar_app"].state.running.now()  # type: ignore[no-any-return]


def _orders(scope: Scope) -> orders.Orders:
    return scope["litestar_app"].state.orders  # type: ignore[no-any-return]


def _reasons(scope: Scope) -> why_not.Reasons:
    return scope["litestar_app"].state.reasons  # type: ignore[no-any-return]


def _words(request: Request[Any, Any, Any]) -> i18n.Words:
    return i18n.words(language_of(request))


DEPENDENCIES: Mapping[str, Provide] = {
    "db": Provide(_db, sync_to_thread=False),
    "now": Provide(_now, sync_to_thread=False),
    "ledger": Provide(_orders, sync_to_thread=False),
    "reasons": Provide(_reasons, sync_to_thread=False),
    "words": Provide(_words, sync_to_thread=False),
}
