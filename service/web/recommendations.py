"""What is recommended after a screening: written down by who scored it or by the centre, before the candidate is told."""

from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import profiles, recommendations, trades, units
from assessments.refusals import NotFound as Unreleased
from service import agenda, auth, desk, reach
from service.db import Database
from service.i18n import Words as Spoken
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

LONGEST = 2500


class Typed(Struct, frozen=True, forbid_unknown_fields=True):
    """The codes of units, and a training on each line."""

    units: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=200)] = []
    trainings: Annotated[str, Meta(max_length=LONGEST)] = ""


@get(
    "/recordings/{booking_id:uuid}/recommendations",
    include_in_schema=False,
    guards=[auth.may("recordings", "recommend")],
)
async def page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """The units there are, by trade, and what was written down so far."""
    async with db.read() as tx:
        await reach.sees_booking(tx, me, booking_id)
    return await _page(request, db, booking_id, words)


@post(
    "/recordings/{booking_id:uuid}/recommendations",
    include_in_schema=False,
    guards=[auth.may("recordings", "recommend")],
)
async def save(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Typed],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Instead of what was there."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.sees_booking(tx, me, booking_id)
            await recommendations.put(
                tx, booking_id, units=data.units, trainings=data.trainings.splitlines(), by=me.id, now=now
            )
    if no.refusal is None:
        return Redirect(f"/recordings/{booking_id}/recommendations?saved=yes", status_code=303)
    return await _page(request, db, booking_id, words, status=no.status, errors=no.errors(words))


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    words: Spoken,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        person = await desk.person(tx, booking_id)
        line = await agenda.session(tx, person.session_id)
        said = await recommendations.of_booking(tx, booking_id)
        is_told = await _is_told(tx, booking_id)
        offered = await _offered(tx, line.centre_code, words)
    return render(
        request,
        "recordings/recommendations.html",
        status=status,
        errors=errors or {},
        person=person,
        line=line,
        said=said,
        chosen=[one.code for one in said.units],
        offered=offered,
        is_told=is_told,
        saved=request.query_params.get("saved") == "yes",
    )


async def _is_told(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    try:
        await profiles.of_booking(tx, booking_id)
    except Unreleased:
        return False
    return True


async def _offered(tx: asyncpg.Connection, centre_code: str, words: Spoken) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every unit by its trade, those of the centre first."""
    known = {one.code: one for one in await trades.every(tx)}
    found: dict[str, list[tuple[str, str]]] = {}
    for unit in await units.every(tx):
        found.setdefault(unit.trade_code, []).append((unit.code, f"{unit.code} – {words.label(unit.label)}"))
    ordered = sorted(found, key=lambda code: (known[code].centre_code != centre_code, words.label(known[code].label)))
    return [(words.label(known[code].label), found[code]) for code in ordered]


HANDLERS = [page, save]
