"""What equipment a centre has, what is new and what is retired; what of it is out of order, and when it is back."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import centres, closures, equipment, outages
from scheduling.equipment_refusals import EquipmentKnown
from service import auth, desk, planners, reach, wall_clock
from service.accounts import Account
from service.db import Database
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=40)]
LONGEST = timedelta(days=2 * 366)


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed. `to_day` empty: nobody knows yet; the times empty: whole days."""

    act: Annotated[str, Meta(pattern=r"^(look|enter)$(?!\n)", max_length=5)] = "look"
    centre: Short = ""
    piece: Short = ""
    from_day: Short = ""
    from_at: Short = ""
    to_day: Short = ""
    to_at: Short = ""
    reason: Annotated[str, Meta(max_length=closures.LONGEST_REASON)] = ""


class Piece(Struct, frozen=True, forbid_unknown_fields=True):
    centre: Short = ""
    kind: Short = ""
    name: Annotated[str, Meta(max_length=equipment.LONGEST_NAME)] = ""


class Retired(Struct, frozen=True, forbid_unknown_fields=True):
    centre: Short = ""
    retired: Short = ""


class Wish(Struct, frozen=True):
    """The outage that the form asks for."""

    piece: equipment.Piece
    starts_at: datetime
    ends_at: datetime | None
    reason: str


@get("/centre/equipment", include_in_schema=False, guards=[auth.may("equipment", "list")])
async def list_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, centre: Asked = None, piece: Asked = None
) -> Response[Any]:
    """What there is, what of it is out of order, and the form to enter more."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    return await _page(request, db, me, _blank(centre or "", now, piece or ""), now)


@post("/centre/equipment", include_in_schema=False, guards=[auth.may("equipment", "add")])
async def add(
    data: URLEncodedBody[Piece], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """It can be planned with at once."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
    errors = {}
    if data.kind not in desk.equipment_kinds():
        errors["kind"] = words.gettext(N_("Choose a kind of equipment"))
    if not data.name.strip():
        errors["name"] = words.gettext(N_("Give it a name"))
    form = _blank(data.centre, now)
    if errors:
        return await _page(request, db, me, form, now, errors, new=data)
    with Declined() as no:
        async with db.transaction() as tx:
            await equipment.acquire(tx, centre_id=here.id, kind=data.kind, name=data.name.strip())
    if no.refusal is None:
        return Redirect(_address(me, here), status_code=303)
    return await _page(
        request, db, me, form, now, no.errors(words, {EquipmentKnown: "name"}), new=data, status=no.status
    )


@post("/centre/retirements", include_in_schema=False, guards=[auth.may("equipment", "retire")])
async def retire(
    data: URLEncodedBody[Retired], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The sessions that count on it take another piece; where there is none, they are named and nothing changes."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
        piece = next((one for one in await equipment.of_centre(tx, here.id) if str(one.id) == data.retired), None)
    form = _blank(data.centre, now)
    if piece is None:
        errors = {"retired": words.gettext(N_("Choose a piece of equipment"))}
        return await _page(request, db, me, form, now, errors)
    with Declined() as no:
        async with db.transaction() as tx:
            await equipment.retire(tx, piece.id, now=now)
    if no.refusal is None:
        return Redirect(_address(me, here), status_code=303)
    async with db.read() as tx:
        found = await outages.met(tx, equipment_id=piece.id, starts_at=now, ends_at=None, now=now)
        needing = await planners.met(tx, [one for one in found if one.session_id in no.refusal.args])
    errors = {"retired": f"{no.errors(words)['']} ({piece.name})"}
    return await _page(request, db, me, form, now, errors, needing=needing, retired=data.retired, status=no.status)


@post("/centre/outages", include_in_schema=False, guards=[auth.may("equipment", "fail")])
async def enter(
    data: URLEncodedBody[Form], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """First which tests count on it; then, where there are none, it is written. Tests lead to their repair."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
        wish, errors = _read(await equipment.of_centre(tx, here.id), data, words, now)
    if wish is None:
        return await _page(request, db, me, data, now, errors)
    if data.act == "look":
        return await _preview(request, db, here, data, wish, now)
    with Declined() as no:
        async with db.transaction() as tx:
            await outages.enter(
                tx,
                equipment_id=wish.piece.id,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
                reason=wish.reason,
                by=me.id,
                now=now,
            )
    if no.refusal is None:
        return Redirect(_address(me, here), status_code=303)
    return await _preview(request, db, here, data, wish, now, status=no.status, errors=no.errors(words))


@post("/centre/outages/{outage_id:uuid}/return", include_in_schema=False, guards=[auth.may("equipment", "return")])
async def put_back(outage_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """It is in order again. Twice is a page that is not there."""
    async with db.transaction() as tx:
        await reach.runs_outage(tx, me, outage_id)
        here = await centres.get(tx, await outages.centre_of(tx, outage_id))
        await outages.put_back(tx, outage_id, by=me.id, now=now)
    return Redirect(_address(me, here), status_code=303)


def _blank(centre: str, now: datetime, piece: str = "") -> Form:
    here = now.astimezone(BRUSSELS)
    return Form(centre=centre, piece=piece, from_day=here.date().isoformat(), from_at=f"{here:%H:%M}")


def _address(me: Account, here: centres.Centre) -> str:
    return "/centre/equipment" if me.centre_id else f"/centre/equipment?centre={here.code}"


def _read(
    found: list[equipment.Piece], form: Form, words: Language, now: datetime
) -> tuple[Wish | None, dict[str, str]]:
    """The outage that the form asks for; or None, and what is missing in it."""
    piece = next((one for one in found if str(one.id) == form.piece), None)
    begin = wall_clock.first(form.from_day, form.from_at or "00:00")
    end = wall_clock.until(form.to_day, form.to_at) if form.to_day or form.to_at else None
    is_open = not form.to_day and not form.to_at
    errors = {}
    for name, is_wrong, said in (
        ("piece", piece is None, N_("Choose a piece of equipment")),
        ("from_day", begin is None, N_("Choose a day, and a time that the clock shows on it")),
        (
            "to_day",
            not is_open and (end is None or (begin or end) >= end),
            N_("Choose a later day or time than the first one"),
        ),
        ("reason", not form.reason.strip(), N_("Say what is wrong with it")),
    ):
        if is_wrong:
            errors[name] = words.gettext(said)
    if errors or piece is None or begin is None:
        return None, errors
    if end is not None and end <= now:
        return None, {"to_day": words.gettext(N_("This moment has passed. Choose a later one."))}
    if max(begin, end or begin) > now + LONGEST:
        return None, {"to_day" if end else "from_day": words.gettext(N_("Choose at most two years"))}
    return Wish(piece, begin, end, form.reason.strip()), {}


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    form: Form,
    now: datetime,
    errors: dict[str, str] | None = None,
    *,
    new: Piece | None = None,
    needing: list[planners.Meeting] | None = None,
    retired: str = "",
    status: int = 422,
) -> Response[str]:
    async with db.read() as tx:
        here = await desk.centre(tx, me, form.centre)
        pieces = await equipment.of_centre(tx, here.id)
        found = await outages.of_centre(tx, here.id, now=now)
    return render(
        request,
        "equipment/list.html",
        status=status if errors else 200,
        centre=here,
        new=new or Piece(),
        needing=needing or [],
        retired=retired,
        known_kinds=desk.equipment_kinds(),
        pieces=pieces,
        found=found,
        out={one.equipment_id for one in found if one.starts_at <= now},
        now=now,
        spoken={one.id: wall_clock.typed(one.starts_at, one.ends_at) | {"reason": one.reason} for one in found},
        kinds=desk.kinds(),
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
    async with db.read() as tx:
        found = await outages.met(
            tx, equipment_id=wish.piece.id, starts_at=wish.starts_at, ends_at=wish.ends_at, now=now
        )
        lines = await planners.met(tx, found)
    return render(
        request,
        "equipment/preview.html",
        status=status,
        centre=here,
        form=form,
        wish=wish,
        spoken=wall_clock.typed(wish.starts_at, wish.ends_at) | {"reason": wish.reason},
        lines=lines,
        errors=errors or {},
    )


HANDLERS = [list_page, add, retire, enter, put_back]
