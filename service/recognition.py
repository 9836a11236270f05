"""Recognition: whose cookie this is, asked of the database for all who come meanwhile, and never remembered: a login that
was ended opens nothing any more."""

from collections.abc import Sequence
from datetime import datetime

from service import logins
from service.accounts import Account
from service.coalescing import Coalesced
from service.db import Database
from service.held_line import HeldLine
from service.logins import Login


class Recognition:
    """`await recognition(secret, now)`: who holds a cookie, as logins.held says. Refuses what Database.glance refuses."""

    def __init__(self, db: Database) -> None:
        self._line = HeldLine(db)
        self._each = Coalesced(self._together)

    async def __call__(self, secret: str, now: datetime) -> tuple[Account, Login] | None:
        return await self._each((secret, now))

    async def _together(self, asked: Sequence[tuple[str, datetime]]) -> list[tuple[Account, Login] | Exception | None]:
        async with self._line.glance() as connection:
            return [*await logins.held(connection, [secret for secret, _ in asked], now=max(now for _, now in asked))]
