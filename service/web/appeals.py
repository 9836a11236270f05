"""Appeals: an administrator appoints a reviewer, who answers with reasons; the centre releases a revised decision."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from assessments import appeal_reviewers, appeals, decisions
from assessments.marking import Outcome
from assessments.refusals import AnswerUnmotivated, ReviewerInJury
from service import auth, dossiers, reach
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

FIELDS: dict[type[Exception], str] = {AnswerUnmotivated: "motivation", ReviewerInJury: "assessor_id"}
# What the reviewer chooses: the answer, and the outcome that then takes the old one's place.
ANSWERS: dict[str, tuple[Literal["rejected", "upheld"], Outcome | None]] = {
    "rejected": ("rejected", None),
    "pass": ("upheld", "pass"),
    "fail": ("upheld", "fail"),
}


class Appointment(Struct, frozen=True, forbid_unknown_fields=True):
    assessor_id: Annotated[str, Meta(max_length=40)] = ""


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`answer`: rejected, or the outcome of the revised decision."""

    answer: Annotated[str, Meta(max_length=10)] = ""
    motivation: Annotated[str, Meta(max_length=10_000)] = ""


@get("/appeals", include_in_schema=False, guards=[auth.may("appeals", "list")])
async def appeals_page(request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """The appeals of the centre, or of all for an administrator; those that wait first."""
    async with db.read() as tx:
        found = await dossiers.dossiers(tx, me)
    return render(request, "appeals/list.html", appeals=found)


@get("/appeals/{appeal_id:uuid}", include_in_schema=False, guards=[auth.may("appeals", "read")])
async def appeal_page(appeal_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """What is objected to, and what this reader can do about it."""
    return await _page(request, db, me, appeal_id)


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
    """Give it a reviewer who had no part in the decision."""
    async with db.read() as tx:
        possible = [chosen for chosen, _ in await dossiers.possible_reviewers(tx, appeal_id)]
    if data.assessor_id not in possible:
        errors = {"assessor_id": words.gettext(N_("Choose a person from the list"))}
        return await _page(request, db, me, appeal_id, status=422, errors=errors)
    with Declined() as no:
        async with db.transaction() as tx:
            await appeal_reviewers.appoint(tx, appeal_id, UUID(data.assessor_id), now=now)
    return await _after(request, db, me, appeal_id, no, words)


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
        await reach.reviews_appeal(tx, me, appeal_id)
    if data.answer not in ANSWERS:
        errors = {"answer": words.gettext(N_("Say how you answer the appeal"))}
        return await _page(request, db, me, appeal_id, status=422, errors=errors, form=data)
    outcome, revised = ANSWERS[data.answer]
    own = auth.own(me.assessor_id)
    with Declined() as no:
        async with db.transaction() as tx:
            await appeals.answer(tx, appeal_id, outcome, data.motivation.strip(), reviewer_id=own, now=now)
            if revised is not None:
                decision_id = (await appeals.get(tx, appeal_id)).decision_id
                await decisions.revise(tx, decision_id, revised, taken_by=own, now=now)
    return await _after(request, db, me, appeal_id, no, words, data)


async def _after(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    appeal_id: UUID,
    no: Declined,
    words: Words,
    form: Answer | None = None,
) -> Response[Any]:
    if no.refusal is None:
        return Redirect(f"/appeals/{appeal_id}", status_code=303)
    errors = no.errors(words, FIELDS)
    return await _page(request, db, me, appeal_id, status=no.status, errors=errors, form=form)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    appeal_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Answer | None = None,
) -> Response[str]:
    async with db.read() as tx:
        found = await dossiers.dossiers(tx, me, appeal_id)
        possible = await dossiers.possible_reviewers(tx, appeal_id) if me.role == "administrator" else []
    if not found:
        raise NotFound
    return render(
        request,
        "appeals/one.html",
        status=status,
        errors=errors or {},
        form=structs.asdict(form or Answer()),
        appeal=found[0],
        possible=possible,
    )


HANDLERS = [appeals_page, appeal_page, appoint, answer]
