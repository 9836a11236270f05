"""Measures: a candidate asks for what they need, a centre manager grants it or says why not. Never the diagnosis."""

from typing import Annotated, Any, get_args
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import accommodations
from assessments.refusals import RefusalUnmotivated
from service import auth, measures
from service.accounts import Account
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

MEASURES: tuple[accommodations.Measure, ...] = get_args(accommodations.Measure)
PERCENT = ("10", "25", "33", "50", "100")
FIELDS: dict[type[Exception], str] = {RefusalUnmotivated: "motivation"}


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """`percent`: of the test's duration, for extra time."""

    measure: accommodations.Measure
    percent: Annotated[str, Meta(max_length=3)] = ""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`motivation`: for a no; `percent`: for extra time, another share than was asked for."""

    answer: Annotated[str, Meta(max_length=20)] = ""
    percent: Annotated[str, Meta(max_length=3)] = ""
    motivation: Annotated[str, Meta(max_length=2_000)] = ""


@get("/measures", include_in_schema=False, guards=[auth.may("measures", "ask")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """What I asked for and what came of it, and the form to ask."""
    async with db.read() as tx:
        asked = await accommodations.of_candidate(tx, auth.own(me.candidate_id))
    return render(request, "measures/mine.html", asked=asked, measures=MEASURES, percents=PERCENT, errors={})


@post("/measures", include_in_schema=False, guards=[auth.may("measures", "ask")])
async def ask(
    data: URLEncodedBody[Wish], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """Ask for a measure; the centre answers."""
    percent = _percent(data.percent) if data.measure == "extra_time" else 0
    with Declined() as no:
        async with db.transaction() as tx:
            await accommodations.request(
                tx, auth.own(me.candidate_id), data.measure, now=now, extra_percent=percent or 0
            )
    if no.refusal is None:
        return Redirect("/measures", status_code=303)
    async with db.read() as tx:
        asked = await accommodations.of_candidate(tx, auth.own(me.candidate_id))
    errors = no.errors(words)
    return render(
        request, "measures/mine.html", status=no.status, asked=asked, measures=MEASURES, percents=PERCENT, errors=errors
    )


@get("/centre/measures", include_in_schema=False, guards=[auth.may("measures", "answer")])
async def waiting(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What candidates asked for and is not answered yet."""
    return await _page(request, db, me, now=now)


@post(
    "/centre/measures/{accommodation_id:uuid}/answer", include_in_schema=False, guards=[auth.may("measures", "answer")]
)
async def answer(
    accommodation_id: FromPath[UUID],
    data: URLEncodedBody[Answer],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Grant it, with what is booked already, or say why not. Where a booking cannot grow, the page says what is in the way."""
    with Declined() as no:
        async with db.transaction() as tx:
            if not await measures.answers(tx, me.centre_id, accommodation_id):
                raise NotFound
            if data.answer != "granted":
                await accommodations.refuse(tx, accommodation_id, data.motivation, by=me.id, now=now)
        if data.answer == "granted":
            async with db.as_house().transaction() as tx:  # it widens what is booked in every centre
                await measures.grant(tx, accommodation_id, extra_percent=_percent(data.percent), by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/centre/measures", status_code=303)
    return await _page(
        request, db, me, now=now, status=no.status, errors=no.errors(words, FIELDS), wrong=accommodation_id
    )


async def _page(
    request: Request[Any, Any, Any],
    db: Db,
    me: Account,
    *,
    now: Now,
    status: int = 200,
    errors: dict[str, str] | None = None,
    wrong: UUID | None = None,
) -> Response[str]:
    async with db.read() as tx:
        asked = await measures.unanswered(tx, me.centre_id, now=now)
    return render(
        request, "centre/measures.html", status=status, asked=asked, percents=PERCENT, errors=errors or {}, wrong=wrong
    )


def _percent(given: str) -> int | None:
    return int(given) if given in PERCENT else None


HANDLERS = [mine, ask, waiting, answer]
