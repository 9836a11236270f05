"""My sign-ins. No token leads here."""

from datetime import datetime
from uuid import UUID

from litestar import get, put
from litestar.params import FromPath
from msgspec import Struct

from service import auth, logins
from service.api.described import refusals
from service.logins import Method
from service.provide import Db, Now
from service.refusals import NotFound, PersonNeeded

TAGS = ["identity"]


class Shown(Struct, frozen=True):
    """A login that still opens something; `is_this`: the one that asks."""

    id: UUID
    method: Method
    device: str
    signed_in_at: datetime
    confirmed_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this: bool


@get(
    "/logins",
    tags=TAGS,
    guards=[auth.in_person, auth.may("logins", "own")],
    responses=refusals(PersonNeeded, codes=(401, 403)),
)
async def mine(me: auth.Me, login: auth.MyLogin, db: Db, now: Now) -> list[Shown]:
    """Where I am signed in, the one seen last first."""
    async with db.read() as tx:
        running = await logins.running(tx, me.id, now=now)
    return [
        Shown(
            each.id, each.method, each.device, each.signed_in_at, each.confirmed_at, each.seen_at, each.expires_at,
            each.id == login.id,
        )
        for each in running
    ]  # fmt: skip


@put(
    "/logins/{login_id:uuid}/end",
    tags=TAGS,
    guards=[auth.in_person, auth.may("logins", "own")],
    status_code=204,
    responses=refusals(PersonNeeded, codes=(401, 403, 404)),
)
async def end(login_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """End one of mine; ending the one that asks is signing out. Twice is once."""
    async with db.transaction() as tx:
        if not await logins.end_one(tx, login_id, account_id=me.id, now=now):
            raise NotFound


@put(
    "/logins/others/end",
    tags=TAGS,
    guards=[auth.in_person, auth.may("logins", "own")],
    status_code=204,
    responses=refusals(PersonNeeded, codes=(401, 403)),
)
async def end_others(me: auth.Me, login: auth.MyLogin, db: Db, now: Now) -> None:
    """End all of mine but the one that asks."""
    async with db.transaction() as tx:
        await logins.end_all(tx, me.id, now=now, but=login.id)


HANDLERS = [mine, end, end_others]
