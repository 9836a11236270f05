"""What came of a test, in plain language, and the appeal against it. Only for the candidate, only after the release."""

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import appeals, decisions
from assessments.refusals import AppealAnswered, GroundsMissing
from service import auth, outcome_reach, reach, recognition_words, results
from service.i18n import BRUSSELS
from service.outcome_rules import Outcomes
from service.problems import REFUSALS
from service.provide import Db, Now
from service.web.look import render

LONGEST = 10_000


class Objection(Struct, frozen=True, forbid_unknown_fields=True):
    grounds: Annotated[str, Meta(max_length=LONGEST)]


@get("/bookings/{booking_id:uuid}/result", include_in_schema=False, guards=[auth.may("results", "read")])
async def result(
    booking_id: FromPath[UUID], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now
) -> Response[str]:
    """The decision with its reasons, or the report of a screening."""
    return await _page(request, db, me, booking_id, now=now)


@post("/decisions/{decision_id:uuid}/appeal", include_in_schema=False, guards=[auth.may("appeals", "lodge")])
async def appeal(
    decision_id: FromPath[UUID],
    data: URLEncodedBody[Objection],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    outcomes: Outcomes,
) -> Response[Any]:
    """Object to a decision about me, within the time for it."""
    async with db.read() as tx:
        await outcome_reach.concerned_by_decision(tx, me, decision_id)
        booking_id = (await decisions.get(tx, decision_id)).booking_id
    try:
        async with db.transaction() as tx:
            await appeals.lodge(tx, decision_id, data.grounds, deadlines=outcomes.deadlines, by=me.id, now=now)
    except GroundsMissing:
        return await _page(request, db, me, booking_id, now=now, is_empty=True)
    return Redirect(f"/bookings/{booking_id}/result", status_code=303)


@post("/appeals/{appeal_id:uuid}/withdrawal", include_in_schema=False, guards=[auth.may("appeals", "withdraw")])
async def withdraw(appeal_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Take my appeal back; one that has ended meanwhile shows how."""
    async with db.read() as tx:
        await outcome_reach.concerned_by_appeal(tx, me, appeal_id)
        decision_id = (await appeals.get(tx, appeal_id)).decision_id
        booking_id = (await decisions.get(tx, decision_id)).booking_id
    with suppress(AppealAnswered):
        async with db.transaction() as tx:
            await appeals.withdraw(tx, appeal_id, by=me.id, now=now)
    return Redirect(f"/bookings/{booking_id}/result#appeal", status_code=303)


async def _page(
    request: Request[Any, Any, Any], db: Db, me: auth.Me, booking_id: UUID, *, now: Now, is_empty: bool = False
) -> Response[str]:
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        found = await results.of_booking(tx, booking_id, today=now.astimezone(BRUSSELS).date())
    if isinstance(found, results.Report):
        return render(request, "journey/report.html", report=found)
    if isinstance(found, results.Annulled):
        return render(request, "journey/annulled.html", result=found)
    refusal = REFUSALS[GroundsMissing]
    status, said = (refusal.status, refusal.title) if is_empty else (200, "")
    if isinstance(found, results.Recognised):
        return render(
            request,
            "journey/recognised.html",
            status=status,
            found=found,
            label=recognition_words.told(found.result, anything=bool(found.competences)),
            error=said,
            longest=LONGEST,
        )
    return render(request, "journey/result.html", status=status, result=found, error=said, longest=LONGEST)


HANDLERS = [result, appeal, withdraw]
