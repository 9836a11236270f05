"""My telephone number, and whether I want short messages on it."""

from typing import Annotated, Literal

from litestar import post
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import candidates
from service import auth, sms, text_wishes
from service.provide import Db, Now


class Telephone(Struct, frozen=True, forbid_unknown_fields=True):
    """`texts`: the check box that asks for short messages."""

    phone: Annotated[str, Meta(max_length=30)] = ""
    texts: Literal["yes", ""] = ""


@post("/privacy/telephone", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def keep(data: URLEncodedBody[Telephone], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Keep the number, correct it or delete it; without a number there are no messages."""
    candidate_id, given = auth.own(me.candidate_id), data.phone.strip()
    number = sms.number(given) if given else None
    if given and number is None:
        return Redirect("/privacy?telephone=wrong#telephone", status_code=303)
    async with db.transaction() as tx:
        await candidates.give_phone(tx, candidate_id, number)
        if number and data.texts:
            await text_wishes.wish(tx, candidate_id, by=me.id, now=now)
        else:
            await text_wishes.end(tx, candidate_id)
    return Redirect("/privacy#telephone", status_code=303)


HANDLERS = [keep]
