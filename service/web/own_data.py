"""What everyone may do with their own data: take a copy away, and be forgotten. A candidate and an assessor have a page each,
with its own lines in the access table; what happens there is the same, and is here."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
from litestar import Request, Response
from litestar.response import Redirect
from msgspec import Struct

from service import auth, exports
from service.accounts import Account
from service.db import Database
from service.exports import Whose
from service.settings import Settings
from service.web.language import language_of
from service.web.look import render

Tx = asyncpg.Connection


class Confirmed(Struct, frozen=True, forbid_unknown_fields=True):
    """The check box that says: I know that this cannot be undone."""

    confirmed: Literal["yes"]


class Person(Struct, frozen=True):
    """What one of an account is, and how that is forgotten. `page`: where it stands; `erased`: what is said afterwards;
    `awaited`: why it has to wait."""

    page: str
    erased: str
    own: Callable[[Account], UUID]
    whose: Callable[[UUID], Whose]
    wish: Callable[[Tx, UUID, datetime], Awaitable[None]]
    erase: Callable[[Tx, UUID, Account, datetime], Awaitable[None]]
    stay: Callable[[Tx, UUID], Awaitable[None]]
    awaited: tuple[type[Exception], ...]

    async def asks_copy(self, me: Account, request: Request[Any, Any, Any], db: Database, now: datetime) -> Redirect:
        """In the language of the page; the worker makes it."""
        async with db.transaction() as tx:
            await exports.ask(tx, self.whose(self.own(me)), language=language_of(request), now=now)
        return Redirect(f"{self.page}#copies", status_code=303)

    async def fetches(self, copy_id: UUID, me: Account, db: Database, now: datetime) -> Response[bytes]:
        """To be saved under the day. Refuses NotFound."""
        async with db.read() as tx:
            archive = await exports.archive(tx, copy_id, whose=self.whose(self.own(me)), now=now)
        named = f'attachment; filename="preuve-{now:%Y-%m-%d}.zip"'
        return Response(archive, media_type="application/zip", headers={"Content-Disposition": named})

    async def leaves(
        self, me: Account, request: Request[Any, Any, Any], db: Database, now: datetime, settings: Settings
    ) -> Response[Any]:
        """The wish is kept, whatever the erasure has to wait for; who is erased is signed out for good."""
        own = self.own(me)
        async with db.transaction() as tx:
            await self.wish(tx, own, now)
        try:
            async with db.as_house().transaction() as tx:
                await self.erase(tx, own, me, now)
        except self.awaited:
            return Redirect(f"{self.page}#forget", status_code=303)
        request.scope["user"] = None
        response = render(request, self.erased)
        response.set_cookie(auth.cookie(settings, "", seconds=0))
        return response

    async def stays(self, me: Account, db: Database) -> Redirect:
        """As long as the wish waits."""
        async with db.transaction() as tx:
            await self.stay(tx, self.own(me))
        return Redirect(f"{self.page}#forget", status_code=303)
