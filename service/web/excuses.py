"""Excused absences: a candidate gives the reason, the centre reads it and answers."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import excuses
from scheduling.refusals import ExcuseRefusalUnmotivated, Refusal
from service import absences, auth, reach
from service.booking_rules import Booking as Rules
from service.problems import slug_of
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

FIELDS: dict[type[Exception], str] = {ExcuseRefusalUnmotivated: "motivation"}


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`motivation`: for a no only."""

    answer: Annotated[str, Meta(max_length=20)] = ""
    motivation: Annotated[str, Meta(max_length=2_000)] = ""


@post("/bookings/{booking_id:uuid}/excuse", include_in_schema=False, guards=[auth.may("bookings", "excuse")])
async def ask(
    booking_id: FromPath[UUID], data: URLEncodedBody[Reason], me: auth.Me, db: Db, now: Now, rules: Rules
) -> Redirect:
    """Say why I could not come. A refusal is said on the booking's own page."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
    try:
        async with db.transaction() as tx:
            await excuses.ask(tx, booking_id, data.reason, policy=rules.excuse, now=now)
    except Refusal as refusal:
        return Redirect(f"/bookings/{booking_id}?refused={slug_of(type(refusal))}#excuse", status_code=303)
    return Redirect(f"/bookings/{booking_id}#excuse", status_code=303)


@get("/centre/excuses", include_in_schema=False, guards=[auth.may("absences", "answer")])
async def waiting(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """What candidates of this centre asked to be excused for and is not answered yet, oldest first."""
    async with db.read() as tx:
        asked = await absences.unanswered(tx, me.centre_id)
    return render(request, "centre/excuses.html", asked=asked, errors={}, wrong=None)


@post("/centre/excuses/{excuse_id:uuid}/answer", include_in_schema=False, guards=[auth.may("absences", "answer")])
async def answer(
    excuse_id: FromPath[UUID],
    data: URLEncodedBody[Answer],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Excuse the absence, or say why not."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, (await excuses.get(tx, excuse_id)).booking_id)
            if data.answer == "excused":
                await excuses.accept(tx, excuse_id, by=me.id, now=now)
            else:
                await excuses.refuse(tx, excuse_id, data.motivation, by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/centre/excuses", status_code=303)
    async with db.read() as tx:
        asked = await absences.unanswered(tx, me.centre_id)
    errors = no.errors(words, FIELDS)
    return render(request, "centre/excuses.html", status=no.status, asked=asked, errors=errors, wrong=excuse_id)


HANDLERS = [ask, waiting, answer]
