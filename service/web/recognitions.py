"""The result of an EVC at the centre's desk: what the grids propose, what is recognised, the fee, and its release."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import decisions, fees, recognitions, standards
from assessments.recognitions import Result
from assessments.refusals import NotFound, RecognitionTooEarly
from service import agenda, assessing, auth, desk, reach, recognition_words
from service.db import Database
from service.i18n import Words as Spoken
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


class Decided(Struct, frozen=True, forbid_unknown_fields=True):
    """What is recognised, and why where it is not what the grids propose."""

    result: Result
    motivation: Annotated[str, Meta(max_length=10_000)] = ""


class Settled(Struct, frozen=True, forbid_unknown_fields=True):
    settled_as: Literal["paid", "waived"]
    reason: Annotated[str, Meta(max_length=800)] = ""


@get("/centre/bookings/{booking_id:uuid}/recognition", include_in_schema=False, guards=[auth.may("decisions", "file")])
async def page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """The file of one candidate of an EVC."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    return await _page(request, db, booking_id, words)


@post(
    "/centre/bookings/{booking_id:uuid}/recognition",
    include_in_schema=False,
    guards=[auth.may("decisions", "decide"), auth.decides],
)
async def decide(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Decided],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Signed by a person of the register who was not on the jury."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            by = auth.own(me.assessor_id)
            await recognitions.decide(tx, booking_id, data.result, motivation=data.motivation, by=by, now=now)
    return await _answer(request, db, booking_id, words, no)


@post(
    "/centre/bookings/{booking_id:uuid}/recognition/release",
    include_in_schema=False,
    guards=[auth.may("decisions", "release")],
)
async def release(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Give it to the candidate; whatever is recognised brings its certificate. Twice is once."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            standing = (await decisions.of_booking(tx, booking_id))[-1:]
            for decision in standing:
                await decisions.release(tx, decision.id, by=me.id, now=now)
    return await _answer(request, db, booking_id, words, no)


@post("/centre/bookings/{booking_id:uuid}/fee", include_in_schema=False, guards=[auth.may("decisions", "fee")])
async def settle(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Settled],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Paid, or not asked for."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await fees.settle(tx, booking_id, data.settled_as, reason=data.reason, by=me.id, now=now)
    return await _answer(request, db, booking_id, words, no)


async def _answer(
    request: Request[Any, Any, Any], db: Database, booking_id: UUID, words: Spoken, no: Declined
) -> Response[Any]:
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/recognition", status_code=303)
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
        try:
            known = await recognitions.of_booking(tx, booking_id)
            decision = (await decisions.of_booking(tx, booking_id))[-1]
        except NotFound:
            known, decision = None, None
        try:
            proposal = await recognitions.proposed(tx, booking_id)
        except RecognitionTooEarly:
            proposal = None
        labels = assessing.labels((await standards.of_booking(tx, booking_id)).content.grid, words)
        certificate = await desk.certificate_of(tx, booking_id)
        fee, line = await fees.of_booking(tx, booking_id), await agenda.session(tx, person.session_id)
    return render(
        request,
        "deliberations/recognition.html",
        status=status,
        errors=errors or {},
        person=person,
        line=line,
        known=known,
        decision=decision,
        certificate=certificate,
        proposal=proposal,
        labels=labels,
        fee=fee,
        results=recognition_words.LABELS,
        choices=[(result, words.gettext(label)) for result, label in recognition_words.LABELS.items()],
    )


HANDLERS = [page, decide, release, settle]
