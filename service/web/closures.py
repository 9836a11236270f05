"""What is closed, and when: public holidays and what the centre enters, which is seen before it is written."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import centres, closures, rooms
from service import auth, desk, planners, reach, wall_clock
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=40)]
LONGEST = timedelta(days=2 * 366)


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed. `room`: empty for the whole centre; the times empty for whole days; `to_day` empty for one day."""

    act: Annotated[str, Meta(pattern=r"^(look|close)$(?!\n)", max_length=5)] = "look"
    centre: Short = ""
    room: Short = ""
    from_day: Short = ""
    from_at: Short = ""
    to_day: Short = ""
    to_at: Short = ""
    reason: Annotated[str, Meta(max_length=closures.LONGEST_REASON)] = ""


class Wish(Struct, frozen=True):
    """The closure that the form asks for; without a room the whole centre's."""

    room: rooms.Room | None
    starts_at: datetime
    ends_at: datetime
    reason: str


@get("/centre/closures", include_in_schema=False, guards=[auth.may("closures", "list")])
async def list_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, centre: Asked = None
) -> Response[Any]:
    """What is closed from now on, and the form to enter more."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    return await _page(request, db, me, Form(centre=centre or ""), now)


@post("/centre/closures", include_in_schema=False, guards=[auth.may("closures", "close")])
async def close(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """First what it would meet; then, where that is nothing, it is written. What meets tests leads to their repair."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
        wish, errors = _read(await rooms.of_centre(tx, here.id), data, words, now)
    if wish is None:
        return await _page(request, db, me, data, now, errors)
    if data.act == "look":
        return await _preview(request, db, here, data, wish, now)
    with Declined() as no:
        async with db.transaction() as tx:
            await closures.close(
                tx,
                centre_id=here.id,
                room_id=wish.room.id if wish.room else None,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
                reason=wish.reason,
                by=me.id,
                now=now,
            )
    if no.refusal is None:
        return Redirect(_address(me, here), status_code=303)
    return await _preview(request, db, here, data, wish, now, status=no.status, errors=no.errors(words))


@post("/centre/closures/{closure_id:uuid}/removal", include_in_schema=False, guards=[auth.may("closures", "reopen")])
async def reopen(closure_id: FromPath[UUID], me: auth.Me, db: Db) -> Redirect:
    """Take it back. Twice is a page that is not there."""
    async with db.transaction() as tx:
        await reach.runs_closure(tx, me, closure_id)
        here = await centres.get(tx, await closures.centre_of(tx, closure_id))
        await closures.reopen(tx, closure_id)
    return Redirect(_address(me, here), status_code=303)


def _address(me: Account, here: centres.Centre) -> str:
    return "/centre/closures" if me.centre_id else f"/centre/closures?centre={here.code}"


def _read(found: list[rooms.Room], form: Form, words: Language, now: datetime) -> tuple[Wish | None, dict[str, str]]:
    """The closure that the form asks for; or None, and what is missing in it."""
    room = next((one for one in found if str(one.id) == form.room), None)
    begin, end = (
        wall_clock.first(form.from_day, form.from_at or "00:00"),
        wall_clock.until(form.to_day or form.from_day, form.to_at),
    )
    errors = {}
    for name, is_wrong, said in (
        ("room", form.room and room is None, N_("Choose a room, or the whole centre")),
        ("from_day", begin is None, N_("Choose a day, and a time that the clock shows on it")),
        ("to_day", end is None or (begin or end) >= end, N_("Choose a later day or time than the first one")),
        ("reason", not form.reason.strip(), N_("Say why it is closed")),
    ):
        if is_wrong:
            errors[name] = words.gettext(said)
    if errors or begin is None or end is None:
        return None, errors
    if end <= now:
        return None, {"to_day": words.gettext(N_("This moment has passed. Choose a later one."))}
    if end - begin > LONGEST:
        return None, {"to_day": words.gettext(N_("Choose at most two years"))}
    return Wish(room, begin, end, form.reason.strip()), {}


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    form: Form,
    now: datetime,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        here = await desk.centre(tx, me, form.centre)
        found = await closures.of_centre(tx, here.id, since=now, now=now)
        known = await rooms.of_centre(tx, here.id)
    return render(
        request,
        "closures/list.html",
        status=422 if errors else 200,
        centre=here,
        found=found,
        spoken={one.id: wall_clock.typed(one.starts_at, one.ends_at) | {"reason": one.reason} for one in found},
        rooms=known,
        form=form,
        errors=errors or {},
    )


async def _preview(
    request: Request[Any, Any, Any],
    db: Database,
    here: centres.Centre,
    form: Form,
    wish: Wish,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    room_id = wish.room.id if wish.room else None
    async with db.read() as tx:
        found = await closures.met(
            tx, centre_id=here.id, room_id=room_id, starts_at=wish.starts_at, ends_at=wish.ends_at, now=now
        )
        lines = await planners.met(tx, found)
    return render(
        request,
        "closures/preview.html",
        status=status,
        centre=here,
        form=form,
        wish=wish,
        spoken=wall_clock.typed(wish.starts_at, wish.ends_at) | {"reason": wish.reason},
        lines=lines,
        subject=f"room:{room_id}" if room_id else f"centre:{here.id}",
        errors=errors or {},
    )


HANDLERS = [list_page, close, reopen]
