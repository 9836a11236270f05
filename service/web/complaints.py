"""Complaints: a candidate writes one and follows it; the centre takes it up and answers. Results are not touched."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from assessments import complaints
from assessments.outcome_refusals import ComplaintAnswerMissing, ComplaintEnded, ComplaintMissing
from service import auth, complaint_files, outcome_reach
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.outcome_rules import Outcomes
from service.provide import Db, Now, Words
from service.web.deadlines import told
from service.web.declined import Declined
from service.web.look import render

ABOUT: dict[str, complaints.About] = {one: one for one in complaints.ABOUT}
FINDINGS: dict[str, complaints.Finding] = {one: one for one in complaints.FINDINGS}
Short = Annotated[str, Meta(max_length=60)]
Written = Annotated[str, Meta(max_length=10_000)]
Asked = Annotated[str, QueryParameter(max_length=40)]


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """`where`: a test of the candidate's, or a centre, as complaint_files.Place says it."""

    where: Short = ""
    about: Short = ""
    complaint: Written = ""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    finding: Short = ""
    answer: Written = ""


@get("/complaints", include_in_schema=False, guards=[auth.may("complaints", "own")])
async def my_complaints(request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """What I complained about and what came of it."""
    async with db.read() as tx:
        found = await complaint_files.mine(tx, auth.own(me.candidate_id))
    return render(request, "complaints/mine.html", complaints=found)


@get("/complaints/new", include_in_schema=False, guards=[auth.may("complaints", "lodge")])
async def new(request: Request[Any, Any, Any], me: auth.Me, db: Db, booking: Asked = "") -> Response[str]:
    """The form; `booking`: the test it is about."""
    return await _form(request, db, me, Form(where=f"test:{booking}" if booking else ""))


@post("/complaints", include_in_schema=False, guards=[auth.may("complaints", "lodge")])
async def lodge(
    data: URLEncodedBody[Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
    outcomes: Outcomes,
) -> Response[Any]:
    """Complain to a centre."""
    own = auth.own(me.candidate_id)
    async with db.read() as tx:
        places = {place.value: place for place in await complaint_files.places(tx, own)}
    missing = {
        "where": N_("Say which test or which centre it is about") if data.where not in places else "",
        "about": N_("Say what it is about") if data.about not in ABOUT else "",
    }
    if errors := {name: words.gettext(said) for name, said in missing.items() if said}:
        return await _form(request, db, me, data, status=422, errors=errors)
    place = places[data.where]
    with Declined() as no:
        async with db.transaction() as tx:
            await complaints.lodge(
                tx,
                own,
                place.centre_id,
                ABOUT[data.about],
                data.complaint.strip(),
                booking_id=place.booking_id,
                deadlines=outcomes.deadlines,
                now=now,
            )
    if no.refusal is None:
        return Redirect("/complaints", status_code=303)
    errors = no.errors(words, {ComplaintMissing: "complaint"})
    return await _form(request, db, me, data, status=no.status, errors=errors)


@post("/complaints/{complaint_id:uuid}/withdrawal", include_in_schema=False, guards=[auth.may("complaints", "own")])
async def withdraw(complaint_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Take it back; one that was answered meanwhile shows its answer."""
    async with db.read() as tx:
        await outcome_reach.holds_complaint(tx, me, complaint_id)
    with Declined():
        async with db.transaction() as tx:
            await complaints.withdraw(tx, complaint_id, now=now)
    return Redirect("/complaints", status_code=303)


@get("/centre/complaints", include_in_schema=False, guards=[auth.may("complaints", "list")])
async def of_centre(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now) -> Response[str]:
    """The complaints to the centre, or to all for an administrator; those that wait first."""
    async with db.read() as tx:
        found = await complaint_files.of_centre(tx, me)
    return render(request, "complaints/list.html", complaints=found, **told(now, found))


@get("/centre/complaints/{complaint_id:uuid}", include_in_schema=False, guards=[auth.may("complaints", "handle")])
async def complaint_page(
    complaint_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """What is said, and what is to be done about it."""
    async with db.read() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
    return await _page(request, db, complaint_id, now)


@post(
    "/centre/complaints/{complaint_id:uuid}/taking-up",
    include_in_schema=False,
    guards=[auth.may("complaints", "handle")],
)
async def take_up(
    complaint_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Look into it from now on."""
    async with db.read() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
    with Declined() as no:
        async with db.transaction() as tx:
            await complaints.take_up(tx, complaint_id, by=me.id, now=now)
    if no.refusal is None or isinstance(no.refusal, ComplaintEnded):
        return Redirect(f"/centre/complaints/{complaint_id}", status_code=303)
    return await _page(request, db, complaint_id, now, status=no.status, errors=no.errors(words))


@post(
    "/centre/complaints/{complaint_id:uuid}/answer",
    include_in_schema=False,
    guards=[auth.may("complaints", "handle")],
)
async def answer(
    complaint_id: FromPath[UUID],
    data: URLEncodedBody[Answer],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Say what was found and what follows."""
    async with db.read() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
    if data.finding not in FINDINGS:
        errors = {"finding": words.gettext(N_("Say what was found"))}
        return await _page(request, db, complaint_id, now, status=422, errors=errors, form=data)
    with Declined() as no:
        async with db.transaction() as tx:
            await complaints.answer(tx, complaint_id, FINDINGS[data.finding], data.answer.strip(), by=me.id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/complaints/{complaint_id}", status_code=303)
    errors = no.errors(words, {ComplaintAnswerMissing: "answer"})
    return await _page(request, db, complaint_id, now, status=no.status, errors=errors, form=data)


async def _form(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    form: Form,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        places = await complaint_files.places(tx, auth.own(me.candidate_id))
    return render(
        request,
        "complaints/new.html",
        status=status,
        errors=errors or {},
        form=structs.asdict(form),
        tests=[place for place in places if place.booking_id],
        centres=[place for place in places if not place.booking_id],
    )


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    complaint_id: UUID,
    now: Now,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Answer | None = None,
) -> Response[str]:
    async with db.read() as tx:
        found = await complaint_files.one(tx, complaint_id)
    return render(
        request,
        "complaints/one.html",
        status=status,
        errors=errors or {},
        form=structs.asdict(form or Answer()),
        complaint=found,
        **told(now),
    )


HANDLERS = [my_complaints, new, lodge, withdraw, of_centre, complaint_page, take_up, answer]
