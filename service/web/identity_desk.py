"""Somebody has the candidate and their document before them: a date of birth is corrected, another address is asked for,
which a second person approves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from scheduling.refusals import CandidateTooYoung
from service import auth, identities, reach, rectification_readings, rectifications
from service.db import Database
from service.provide import Db, Now, Words
from service.refusals import RectifiedTooOften, SecondPersonNeeded
from service.settings import secret
from service.web.accounts import ADDRESS, WRONG_ADDRESS
from service.web.corrected import WRONG_DATE, Address, BirthDate, day_of
from service.web.declined import Declined, sentence
from service.web.look import render


@get("/centre/bookings/{booking_id:uuid}/identity", include_in_schema=False, guards=[auth.may("attendance", "rectify")])
async def identity_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """What is on record and what the candidate asked for, beside their document."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    return await _before_me(request, db, booking_id, now)


@post(
    "/centre/bookings/{booking_id:uuid}/birth-date",
    include_in_schema=False,
    guards=[auth.may("attendance", "rectify")],
)
async def correct_birth_date(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[BirthDate],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """What the document says."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    birth_date = day_of(data.birth_date, now)
    if birth_date is None:
        errors = {"birth_date": words.gettext(WRONG_DATE)}
        return await _before_me(request, db, booking_id, now, status=422, errors=errors, form=data.birth_date)
    with Declined() as no:
        async with db.transaction() as tx:
            found = await identities.seen(tx, booking_id)
            await rectifications.correct_birth_date(tx, found.candidate_id, birth_date, by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/identity?saved=date", status_code=303)
    errors = no.errors(words, {CandidateTooYoung: "birth_date"})
    return await _before_me(request, db, booking_id, now, status=no.status, errors=errors, form=data.birth_date)


@post(
    "/centre/bookings/{booking_id:uuid}/address", include_in_schema=False, guards=[auth.may("attendance", "readdress")]
)
async def ask_address_for(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Address],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """Where the candidate wants letters: approved by somebody else, after a time in which the old address can stop it, and
    by the link that is sent there then."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    email, key, wait = data.email.strip(), secret(state.settings), timedelta(hours=state.settings.address_wait)
    if not ADDRESS.fullmatch(email):
        errors = {"email": words.gettext(WRONG_ADDRESS)}
        return await _before_me(request, db, booking_id, now, status=422, errors=errors, email=data.email)
    with Declined() as no:
        async with db.transaction() as tx:
            found = await identities.seen(tx, booking_id)
            try:
                await rectifications.ask_address_for(
                    tx,
                    found.candidate_id,
                    email,
                    booking_id=booking_id,
                    rectification_id=uuid4(),
                    key=key,
                    wait=wait,
                    by=me.id,
                    now=now,
                )
            except RectifiedTooOften as often:
                errors = {"": sentence(words, type(often))}
                return await _before_me(request, db, booking_id, now, status=429, errors=errors, email=email)
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/identity?saved=address", status_code=303)
    return await _before_me(request, db, booking_id, now, status=no.status, errors=no.errors(words))


@post(
    "/centre/bookings/{booking_id:uuid}/address/{rectification_id:uuid}/approval",
    include_in_schema=False,
    guards=[auth.may("attendance", "approve_address")],
)
async def approve_address(
    booking_id: FromPath[UUID],
    rectification_id: FromPath[UUID],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """A second person stands for it, having read this very address."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    try:
        async with db.transaction() as tx:
            found = await identities.seen(tx, booking_id)
            await rectifications.approve(tx, found.candidate_id, rectification_id, by=me.id, now=now)
    except SecondPersonNeeded as alone:
        return await _before_me(request, db, booking_id, now, status=409, errors={"": sentence(words, type(alone))})
    return Redirect(f"/centre/bookings/{booking_id}/identity?saved=approval", status_code=303)


async def _before_me(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: str | None = None,
    email: str = "",
) -> Response[str]:
    async with db.read() as tx:
        found = await identities.seen(tx, booking_id)
        waiting = await rectification_readings.waiting(tx, found.candidate_id, now=now)
    wished = next((one.birth_date for one in waiting if one.birth_date), None)
    return render(
        request,
        "centre/identity.html",
        status=status,
        booking_id=booking_id,
        seen=found,
        wished=wished,
        readdressing=next((one for one in waiting if one.by_staff), None),
        birth_date=form if form is not None else (wished or found.birth_date).isoformat(),
        email=email,
        is_fresh=auth.is_fresh(request),
        saved=str(request.query_params.get("saved") or ""),
        errors=errors or {},
    )


HANDLERS = [identity_page, correct_birth_date, ask_address_for, approve_address]
