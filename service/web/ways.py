"""How long the way between two sites is: what juries that sit at both on one day are reckoned with."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import travel_times
from service import auth, desk, fields
from service.i18n import N_
from service.provide import Db, Words
from service.refusals import NotFound
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=40)]
MOST_MINUTES = 600


class Way(Struct, frozen=True, forbid_unknown_fields=True):
    """Two sites, one of them of the centre; empty minutes: the way is not reckoned with."""

    one_site: UUID
    other_site: UUID
    minutes: Short = ""
    centre: Short = ""


@get("/centre/ways", include_in_schema=False, guards=[auth.may("sessions", "ways")])
async def ways_page(request: Request[Any, Any, Any], me: auth.Me, db: Db, centre: Asked = None) -> Response[Any]:
    """From each site of the centre to every other one."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    return await _page(request, me, db, centre)


@post("/centre/ways", include_in_schema=False, guards=[auth.may("sessions", "ways")])
async def say(
    data: URLEncodedBody[Way], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[Any]:
    """Say how long it is, the same in both directions, or that it does not count."""
    text = data.minutes.strip()
    if text and not 1 <= fields.whole(text) <= MOST_MINUTES:
        said = words.gettext(N_("Give the minutes as a number, from 1 to 600"))
        return await _page(
            request, me, db, data.centre or None, errors={f"minutes-{data.one_site}-{data.other_site}": said}
        )
    async with db.transaction() as tx:
        here = await desk.centre(tx, me, data.centre or None)
        ways = await travel_times.of_centre(tx, here.id)
        if (data.one_site, data.other_site) not in [(way.one_site, way.other_site) for way in ways]:
            raise NotFound
        if text:
            await travel_times.put(tx, data.one_site, data.other_site, minutes=int(text))
        else:
            await travel_times.drop(tx, data.one_site, data.other_site)
    where = "/centre/ways" if me.centre_id else f"/centre/ways?centre={here.code}"
    return Redirect(where, status_code=303)


async def _page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, centre: str | None, *, errors: dict[str, str] | None = None
) -> Response[str]:
    async with db.read() as tx:
        here = await desk.centre(tx, me, centre)
        ways = await travel_times.of_centre(tx, here.id)
    return render(
        request, "centre/ways.html", status=422 if errors else 200, centre=here, ways=ways, errors=errors or {}
    )


HANDLERS = [ways_page, say]
