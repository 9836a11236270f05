"""A substitute decides where nobody of the centre may: an administrator records it, with the reason."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import decisions, recognitions
from assessments.decisions import Substitution
from assessments.outcome_refusals import SubstitutionUnmotivated
from service import agenda, auth, desk, reach, recognition_words, substitutes
from service.db import Database
from service.i18n import N_
from service.i18n import Words as Spoken
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Short = Annotated[str, Meta(max_length=40)]
Written = Annotated[str, Meta(max_length=10_000)]


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """Who decided instead, and why; of an EVC also what is recognised, with its motivation."""

    assessor_id: Short = ""
    reason: Written = ""
    result: Short = ""
    motivation: Written = ""


@get(
    "/centre/bookings/{booking_id:uuid}/substitution",
    include_in_schema=False,
    guards=[auth.may("decisions", "substitute")],
)
async def page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """Who may decide instead of the centre's managers; nobody while one of these may."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    return await _page(request, db, booking_id, words, Form())


@post(
    "/centre/bookings/{booking_id:uuid}/substitution",
    include_in_schema=False,
    guards=[auth.may("decisions", "substitute")],
)
async def record(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Write down what the substitute decided."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        recognises = (await desk.rules(tx, (await desk.person(tx, booking_id)).session_id)).recognises
        chosen = data.assessor_id in [one for one, _ in await substitutes.possible(tx, booking_id)]
    if not chosen or (recognises and data.result not in recognitions.RESULTS):
        errors = {"result" if chosen else "assessor_id": words.gettext(N_("Choose from the list"))}
        return await _page(request, db, booking_id, words, data, status=422, errors=errors)
    by, why = UUID(data.assessor_id), Substitution(data.reason, me.id)
    with Declined() as no:
        async with db.transaction() as tx:
            if recognises:
                await recognitions.decide(
                    tx, booking_id, data.result, motivation=data.motivation, by=by, now=now, substitution=why  # type: ignore[arg-type]
                )  # fmt: skip
            else:
                await decisions.take(tx, booking_id, taken_by=by, now=now, substitution=why)
    if no.refusal is None:
        kind = "recognition" if recognises else "deliberation"
        return Redirect(f"/centre/bookings/{booking_id}/{kind}", status_code=303)
    errors = no.errors(words, {SubstitutionUnmotivated: "reason"})
    return await _page(request, db, booking_id, words, data, status=no.status, errors=errors)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    words: Spoken,
    form: Form,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        person = await desk.person(tx, booking_id)
        rules = await desk.rules(tx, person.session_id)
        line = await agenda.session(tx, person.session_id)
        possible = await substitutes.possible(tx, booking_id)
    return render(
        request,
        "deliberations/substitution.html",
        status=status,
        errors=errors or {},
        form=form,
        person=person,
        line=line,
        possible=possible,
        kind="recognition" if rules.recognises else "deliberation",
        choices=[(result, words.gettext(label)) for result, label in recognition_words.LABELS.items()],
    )


HANDLERS = [page, record]
