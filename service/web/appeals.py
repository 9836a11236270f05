"""Appeals, step by step: an administrator looks at the form and appoints a panel, whose members mediate and answer; the
centre releases a revised decision."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from msgspec import Meta, Struct

from assessments import appeal_reviewers, appeals, mediations
from assessments.outcome_refusals import MediationResultMissing, PlaceMissing
from assessments.refusals import AnswerUnmotivated, ReviewerInJury
from service import answering, auth, dossiers, outcome_reach, versions, wall_clock
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.appeal_page import Short, Written, after, page
from service.web.deadlines import told
from service.web.declined import Declined
from service.web.look import render

ADMISSIBLE = {"yes": True, "no": False}
RESULTS: dict[str, mediations.Result] = {"agreed": "agreed", "not_agreed": "not_agreed", "not_held": "not_held"}
UNSAID = N_("Choose one of the answers")


class Ruling(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: why it is not admissible, for a no only."""

    admissible: Short = ""
    reason: Written = ""


class Appointment(Struct, frozen=True, forbid_unknown_fields=True):
    assessor_id: Short = ""


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """`day` and `at` as people of Brussels say them."""

    day: Short = ""
    at: Short = ""
    place: Annotated[str, Meta(max_length=300)] = ""
    led_by: Short = ""
    version: versions.Version = ""


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    result: Short = ""
    note: Written = ""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`answer`: rejected, a new test, or what the revised decision says; `competences`: of a recognition (EVC)."""

    answer: Short = ""
    competences: list[Short] | Short = ""
    motivation: Written = ""


@get("/appeals", include_in_schema=False, guards=[auth.may("appeals", "list")])
async def appeals_page(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now) -> Response[str]:
    """The appeals of the centre, or of all for an administrator; those that wait first, by their next deadline."""
    async with db.read() as tx:
        found = await dossiers.dossiers(tx, me)
    return render(request, "appeals/list.html", appeals=found, **told(now, found))


@get("/appeals/{appeal_id:uuid}", include_in_schema=False, guards=[auth.may("appeals", "read")])
async def appeal_page(
    appeal_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """What is objected to, and what this reader can do about it."""
    return await page(request, db, me, appeal_id, now=now)


@post("/appeals/{appeal_id:uuid}/admissibility", include_in_schema=False, guards=[auth.may("appeals", "rule")])
async def rule(
    appeal_id: FromPath[UUID],
    data: URLEncodedBody[Ruling],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Say whether its form is in order, and why not."""
    if data.admissible not in ADMISSIBLE:
        errors = {"admissible": words.gettext(UNSAID)}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    with Declined() as no:
        async with db.transaction() as tx:
            if ADMISSIBLE[data.admissible]:
                await appeals.admit(tx, appeal_id, by=me.id, now=now)
            else:
                await appeals.turn_down(tx, appeal_id, data.reason.strip(), by=me.id, now=now)
    return await after(request, db, me, appeal_id, no, words, data, {AnswerUnmotivated: "reason"}, now=now)


@post("/appeals/{appeal_id:uuid}/reviewers", include_in_schema=False, guards=[auth.may("appeals", "appoint")])
async def appoint(
    appeal_id: FromPath[UUID],
    data: URLEncodedBody[Appointment],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Put somebody on its panel who had no part in the decision."""
    async with db.read() as tx:
        possible = [chosen for chosen, _ in await dossiers.possible_reviewers(tx, appeal_id)]
    if data.assessor_id not in possible:
        errors = {"assessor_id": words.gettext(N_("Choose a person from the list"))}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    with Declined() as no:
        async with db.transaction() as tx:
            await appeal_reviewers.appoint(tx, appeal_id, UUID(data.assessor_id), now=now)
    return await after(request, db, me, appeal_id, no, words, data, {ReviewerInJury: "assessor_id"}, now=now)


@post("/appeals/{appeal_id:uuid}/mediation", include_in_schema=False, guards=[auth.may("appeals", "mediate")])
async def mediate(
    appeal_id: FromPath[UUID],
    data: URLEncodedBody[Meeting],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Set the date of the mediation, or change it; the candidate and who leads it are invited."""
    async with db.read() as tx:
        await outcome_reach.handles_appeal(tx, me, appeal_id)
        panel = {str(one) for one in await appeal_reviewers.of(tx, appeal_id)}
    meets_at = wall_clock.first(data.day, data.at)
    if meets_at is None or meets_at <= now:
        errors = {"day": words.gettext(N_("Give a day and an hour to come"))}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    if data.led_by not in panel:
        errors = {"led_by": words.gettext(N_("Choose a person from the list"))}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    meeting = mediations.Meeting(meets_at, answering.MEETING_MINUTES, data.place.strip(), UUID(data.led_by))
    with Declined() as no:
        async with db.transaction() as tx:
            if versions.is_stale(data.version, await mediations.hold(tx, appeal_id)):
                errors = {"day": words.gettext(versions.CHANGED)}
                return await page(request, db, me, appeal_id, now=now, status=412, errors=errors, form=data)
            await mediations.plan(tx, appeal_id, meeting, by=me.id, now=now)
    return await after(request, db, me, appeal_id, no, words, data, {PlaceMissing: "place"}, now=now)


@post("/appeals/{appeal_id:uuid}/mediation/result", include_in_schema=False, guards=[auth.may("appeals", "mediate")])
async def conclude(
    appeal_id: FromPath[UUID],
    data: URLEncodedBody[Held],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Say what came of the mediation; an agreement ends the appeal."""
    async with db.read() as tx:
        await outcome_reach.handles_appeal(tx, me, appeal_id)
    if data.result not in RESULTS:
        errors = {"result": words.gettext(UNSAID)}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    with Declined() as no:
        async with db.transaction() as tx:
            await mediations.conclude(tx, appeal_id, RESULTS[data.result], data.note.strip(), now=now)
    return await after(request, db, me, appeal_id, no, words, data, {MediationResultMissing: "note"}, now=now)


@post("/appeals/{appeal_id:uuid}/answer", include_in_schema=False, guards=[auth.may("appeals", "answer")])
async def answer(
    appeal_id: FromPath[UUID],
    data: URLEncodedBody[Answer],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Answer an appeal that I review; upheld, it revises the decision, which the centre then releases."""
    async with db.read() as tx:
        await outcome_reach.reviews_appeal(tx, me, appeal_id)
    if data.answer not in answering.CHOICES:
        errors = {"answer": words.gettext(N_("Say how you answer the appeal"))}
        return await page(request, db, me, appeal_id, now=now, status=422, errors=errors, form=data)
    outcome, revised = answering.CHOICES[data.answer]
    shown = [data.competences] if isinstance(data.competences, str) else data.competences
    shown = [code for code in shown if code]
    with Declined() as no:
        async with db.transaction() as tx:
            await answering.answer(
                tx, appeal_id, outcome, revised, data.motivation.strip(), competences=shown, by=me, now=now
            )
    return await after(request, db, me, appeal_id, no, words, data, {AnswerUnmotivated: "motivation"}, now=now)


HANDLERS = [appeals_page, appeal_page, rule, appoint, mediate, conclude, answer]
