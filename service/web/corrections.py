"""After the day: choosing between what two devices say, and correcting what is submitted; each with its reason."""

from typing import Annotated, Any, get_args
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import entries, ratings, recordings, standards
from assessments.marking import Mark, Rating
from assessments.refusals import MotiveMissing, ReasonMissing
from service import assessing, auth, desk, fields, reach
from service.accounts import Account
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

MARKS: tuple[Mark, ...] = get_args(Mark)
FIELDS: dict[type[Exception], str] = {MotiveMissing: "motive", ReasonMissing: "reason"}
UNSEEN = N_("Say what you saw")
Line = Annotated[str, Meta(max_length=800)]


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """A submitted line, what it should say, and why."""

    indicator: Line = ""
    rating: Line = ""
    reason: Line = ""
    motive: Line = ""


@get("/recordings/{booking_id:uuid}/choices", include_in_schema=False, guards=[auth.may("recordings", "rate")])
async def choices_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """What my devices say differently, side by side."""
    return await _choices(request, booking_id, me, db, words)


@post("/recordings/{booking_id:uuid}/choices", include_in_schema=False, guards=[auth.may("recordings", "rate")])
async def choose(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """One of them counts; the others stay in the log."""
    async with db.read() as tx:
        await _own(tx, me, booking_id)
        codes = assessing.expected((await standards.of_booking(tx, booking_id)).content.grid, "observer")
    sent = data.of({"indicator", *(f"{what}-{code}" for what in ("which", "motive") for code in codes)})
    code = str(sent.get("indicator", ""))
    motive = str(sent.get(f"motive-{code}", "")).strip()[:800]
    with Declined() as no:
        async with db.transaction() as tx:
            own = await _own(tx, me, booking_id)
            found = (await entries.disputed(tx, own.id)).get(code, [])
            chosen = next((one for one in found if str(one.id) == sent.get(f"which-{code}")), None)
            if chosen is not None and chosen.rating is not None:
                one = Rating(code, chosen.rating, chosen.reason)
                await ratings.choose(tx, own.id, one, motive, by=me.assessor_id, now=now)
    if no.refusal is None:
        return Redirect(f"/recordings/{booking_id}/choices", status_code=303)
    errors = no.errors(words, {MotiveMissing: f"motive-{code}"})
    return await _choices(request, booking_id, me, db, words, status=no.status, errors=errors)


@get("/recordings/{booking_id:uuid}/corrections", include_in_schema=False, guards=[auth.may("recordings", "rate")])
async def correction_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """Which line, what it should say, and why."""
    return await _correction(request, booking_id, me, db, words)


@post("/recordings/{booking_id:uuid}/corrections", include_in_schema=False, guards=[auth.may("recordings", "rate")])
async def correct(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Correction],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """The correction stands beside what was submitted, under a new content hash."""
    mark = next((mark for mark in MARKS if mark == data.rating), None)
    if mark is None:
        unseen = {"rating": words.gettext(UNSEEN)}
        return await _correction(request, booking_id, me, db, words, status=422, errors=unseen, typed=data)
    rating = Rating(data.indicator, mark, data.reason.strip() if mark == "not_observed" else "")
    with Declined() as no:
        async with db.transaction() as tx:
            own = await _own(tx, me, booking_id)
            await recordings.correct(tx, own.id, rating, data.motive.strip(), by=me.assessor_id, now=now)
    if no.refusal is None:
        return Redirect(f"/recordings/{booking_id}", status_code=303)
    errors = no.errors(words, FIELDS)
    return await _correction(request, booking_id, me, db, words, status=no.status, errors=errors, typed=data)


async def _own(tx: asyncpg.Connection, me: Account, booking_id: UUID) -> recordings.Recording:
    """Refuses NotFound to whoever records nothing for this candidate."""
    await reach.sits_before_booking(tx, me, booking_id)
    reading = await recordings.read(tx, booking_id, reader_assessor_id=auth.own(me.assessor_id))
    if reading.own is None:
        raise NotFound
    return reading.own


async def _choices(
    request: Request[Any, Any, Any],
    booking_id: UUID,
    me: Account,
    db: Db,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        own = await _own(tx, me, booking_id)
        found = await entries.disputed(tx, own.id)
        person, standard = await desk.person(tx, booking_id), await standards.of_booking(tx, booking_id)
    labels = assessing.labels(standard.content.grid, words)
    said: dict[str, Any] = {"person": person, "labels": labels, "disputed": found, "errors": errors or {}}
    return render(request, "recordings/choices.html", status=status, **said)


async def _correction(
    request: Request[Any, Any, Any],
    booking_id: UUID,
    me: Account,
    db: Db,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: Correction | None = None,
) -> Response[str]:
    async with db.read() as tx:
        own = await _own(tx, me, booking_id)
        person, standard = await desk.person(tx, booking_id), await standards.of_booking(tx, booking_id)
    said: dict[str, Any] = {
        "person": person,
        "labels": assessing.labels(standard.content.grid, words),
        "rated": own.ratings,
        "errors": errors or {},
        "typed": typed or Correction(),
    }
    return render(request, "recordings/correction.html", status=status, **said)


HANDLERS = [choices_page, choose, correction_page, correct]
