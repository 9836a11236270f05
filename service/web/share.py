"""What a candidate shares: a page for whoever has its address, as long as the consent behind it stands."""

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from service import auth, share_links, share_views
from service.provide import Db, Now
from service.refusals import NotFound
from service.web.look import render

UNTOLD = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


class Ended(HTTPException):
    """The consent was taken back or is over, or the address was ended."""

    status_code = 410


@get("/shared/{token:str}", include_in_schema=False, guards=[auth.may("privacy", "shared")])
async def shared(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Attendance or result, whichever was agreed to. Each reading is noted where the candidate sees it."""
    async with db.transaction() as tx:
        found = await share_links.by_token(tx, token, now=now)
        if found is None:
            raise NotFound
        if found.ended:
            raise Ended(headers=UNTOLD)
        lines = await share_links.lines(tx, found)
        await share_views.note(tx, found.link_id, now=now)
    return render(request, "share/one.html", headers=UNTOLD, shared=found, lines=lines)


HANDLERS = [shared]
