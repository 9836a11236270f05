"""My passkeys: listed and removed; a device adds one on the page. No token leads here."""

from uuid import UUID

from litestar import delete, get
from litestar.params import FromPath

from service import auth, passkeys
from service.api.described import refusals
from service.passkeys import Passkey
from service.provide import Db
from service.refusals import NotFound, PersonNeeded, StepUpNeeded

TAGS = ["identity"]


@get(
    "/passkeys",
    tags=TAGS,
    guards=[auth.in_person, auth.may("passkeys", "own")],
    responses=refusals(PersonNeeded, codes=(401, 403)),
)
async def mine(me: auth.Me, db: Db) -> list[Passkey]:
    """My passkeys, newest first, with their last use."""
    async with db.read() as tx:
        return await passkeys.of_account(tx, me.id)


@delete(
    "/passkeys/{passkey_id:uuid}",
    tags=TAGS,
    guards=[auth.in_person, auth.may("passkeys", "own"), auth.fresh],
    responses=refusals(PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def remove(passkey_id: FromPath[UUID], me: auth.Me, db: Db) -> None:
    """It opens nothing here any more. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        if not await passkeys.remove(tx, passkey_id, account_id=me.id):
            raise NotFound


HANDLERS = [mine, remove]
