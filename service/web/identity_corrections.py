"""A date of birth or an email address is corrected: asked for by the candidate, noted by whoever sees their document."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments.refusals import CandidateEmailKnown
from scheduling.refusals import CandidateTooYoung
from service import auth, identities, reach, rectifications
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import AccountKnown, LinkSpent, RectifiedTooOften
from service.settings import secret
from service.web.accounts import ADDRESS, WRONG_ADDRESS
from service.web.declined import Declined, sentence
from service.web.look import render
from service.web.sign_in import UNTOLD

Text = Annotated[str, Meta(max_length=254)]
WRONG_DATE = N_("Write the whole date of birth, as on the identity document")


class BirthDate(Struct, frozen=True, forbid_unknown_fields=True):
    birth_date: Text = ""


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    email: Text = ""


@get("/privacy/identity", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What I asked to be corrected, and the two forms."""
    return await _mine(request, db, auth.own(me.candidate_id), now)


@post("/privacy/birth-date", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def ask_birth_date(
    data: URLEncodedBody[BirthDate], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """My date of birth is another: a centre corrects it when it sees my identity document."""
    candidate_id, birth_date = auth.own(me.candidate_id), _day(data.birth_date, now)
    if birth_date is None:
        errors = {"birth_date": words.gettext(WRONG_DATE)}
        return await _mine(
            request, db, candidate_id, now, status=422, errors=errors, form={"birth_date": data.birth_date}
        )
    try:
        async with db.transaction() as tx:
            await rectifications.ask_birth_date(tx, candidate_id, birth_date, by=me.id, now=now)
    except RectifiedTooOften as often:
        return await _mine(request, db, candidate_id, now, status=429, errors={"": sentence(words, type(often))})
    return Redirect("/privacy/identity", status_code=303)


@post("/privacy/address", include_in_schema=False, guards=[auth.may("privacy", "readdress")])
async def ask_address(
    data: URLEncodedBody[Address],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """My address is another: a link goes there, whether anybody has it already or not."""
    candidate_id, email = auth.own(me.candidate_id), data.email.strip()
    if not ADDRESS.fullmatch(email):
        errors = {"email": words.gettext(WRONG_ADDRESS)}
        return await _mine(request, db, candidate_id, now, status=422, errors=errors, form={"email": data.email})
    key = secret(state.settings)
    try:
        async with db.transaction() as tx:
            await rectifications.ask_address(
                tx, candidate_id, email, rectification_id=uuid4(), key=key, by=me.id, now=now
            )
    except RectifiedTooOften as often:
        return await _mine(request, db, candidate_id, now, status=429, errors={"": sentence(words, type(often))})
    return Redirect("/privacy/identity", status_code=303)


@get(
    "/address/{token:str}",
    include_in_schema=False,
    guards=[auth.may("privacy", "confirm_address")],
    sync_to_thread=False,
)
def confirm_page(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """Only a button: programs that look into mails follow every link."""
    return render(request, "privacy/address.html", headers=UNTOLD, token=token, state="ask")


@post("/address/{token:str}", include_in_schema=False, guards=[auth.may("privacy", "confirm_address")], status_code=200)
async def confirm(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Whoever presses it reads the mail that goes there."""
    try:
        async with db.as_house().transaction() as tx:  # whoever holds the address: nobody has signed in
            await rectifications.confirm(tx, token, now=now)
    except LinkSpent:
        return render(request, "privacy/address.html", status=410, headers=UNTOLD, token="", state="spent")
    except (AccountKnown, CandidateEmailKnown):
        return render(request, "privacy/address.html", status=409, headers=UNTOLD, token="", state="known")
    return render(request, "privacy/address.html", headers=UNTOLD, token="", state="done")


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
    birth_date = _day(data.birth_date, now)
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
    """Where the candidate wants letters; the link sent there changes it, not whoever typed it."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    email, key = data.email.strip(), secret(state.settings)
    if not ADDRESS.fullmatch(email):
        errors = {"email": words.gettext(WRONG_ADDRESS)}
        return await _before_me(request, db, booking_id, now, status=422, errors=errors, email=data.email)
    with Declined() as no:
        async with db.transaction() as tx:
            found = await identities.seen(tx, booking_id)
            try:
                await rectifications.ask_address(
                    tx, found.candidate_id, email, rectification_id=uuid4(), key=key, by=me.id, now=now
                )
            except RectifiedTooOften as often:
                errors = {"": sentence(words, type(often))}
                return await _before_me(request, db, booking_id, now, status=429, errors=errors, email=email)
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/identity?saved=address", status_code=303)
    return await _before_me(request, db, booking_id, now, status=no.status, errors=no.errors(words))


def _day(typed: str, now: datetime) -> date | None:
    try:
        given = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return given if identities.is_likely(given, now=now) else None


async def _mine(
    request: Request[Any, Any, Any],
    db: Database,
    candidate_id: UUID,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        waiting = await rectifications.waiting(tx, candidate_id, now=now)
    return render(
        request,
        "privacy/identity.html",
        status=status,
        waiting=waiting,
        errors=errors or {},
        form={"birth_date": "", "email": ""} | (form or {}),
        is_fresh=auth.is_fresh(request),
    )


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
        waiting = await rectifications.waiting(tx, found.candidate_id, now=now)
    wished = next((one.birth_date for one in waiting if one.birth_date), None)
    return render(
        request,
        "centre/identity.html",
        status=status,
        booking_id=booking_id,
        seen=found,
        wished=wished,
        birth_date=form if form is not None else (wished or found.birth_date).isoformat(),
        email=email,
        is_fresh=auth.is_fresh(request),
        saved=str(request.query_params.get("saved") or ""),
        errors=errors or {},
    )


HANDLERS = [
    mine,
    ask_birth_date,
    ask_address,
    confirm_page,
    confirm,
    identity_page,
    correct_birth_date,
    ask_address_for,
]
