"""Appeals: lodged by the candidate, answered by somebody who had no part in the decision."""

from typing import Literal
from uuid import UUID

from litestar import Response, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from assessments import appeal_reviewers, appeals, decisions
from assessments.marking import Outcome
from assessments.refusals import (
    AlreadyAppealed,
    AnswerUnmotivated,
    AppealAnswered,
    AppealTooLate,
    DecisionSuperseded,
    ReviewerInJury,
)
from service import auth, reach
from service.api.described import refusals
from service.api.fields import Remarks, Text
from service.provide import Db, Now

TAGS = ["appeals"]


class Grounds(Struct, frozen=True, forbid_unknown_fields=True):
    grounds: Text


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`revised`: the outcome of the decision that takes the old one's place, when the appeal is upheld."""

    outcome: Literal["rejected", "upheld"]
    motivation: Remarks
    revised: Outcome | None = None

    def __post_init__(self) -> None:
        if (self.outcome == "upheld") != (self.revised is not None):
            raise ValueError("an upheld appeal brings a revised outcome, a rejected one does not")


@post(
    "/decisions/{decision_id:uuid}/appeal",
    tags=TAGS,
    guards=[auth.may("appeals", "lodge")],
    responses=refusals(AppealTooLate, AlreadyAppealed, DecisionSuperseded),
)
async def lodge(
    decision_id: FromPath[UUID], data: JSONBody[Grounds], me: auth.Me, db: Db, now: Now
) -> Response[appeals.Appeal]:
    """Appeal against a decision about me, within the days that the scheme gives."""
    async with db.transaction() as tx:
        await reach.concerned_by_decision(tx, me, decision_id)
        appeal_id = await appeals.lodge(tx, decision_id, data.grounds, by=me.id, now=now)
        lodged = await appeals.get(tx, appeal_id)
    return Response(lodged, status_code=201)


@put(
    "/appeals/{appeal_id:uuid}/reviewers/{assessor_id:uuid}",
    tags=TAGS,
    guards=[auth.may("appeals", "appoint")],
    responses=refusals(AppealAnswered, ReviewerInJury, codes=(401, 403, 404)),
)
async def appoint(appeal_id: FromPath[UUID], assessor_id: FromPath[UUID], db: Db, now: Now) -> appeals.Appeal:
    """Give the appeal a reviewer who was not on the jury, did not decide and has no tie. Twice is once."""
    async with db.transaction() as tx:
        await reach.knows_assessor(tx, assessor_id)
        await appeal_reviewers.appoint(tx, appeal_id, assessor_id, now=now)
        return await appeals.get(tx, appeal_id)


@post(
    "/appeals/{appeal_id:uuid}/answer",
    tags=TAGS,
    guards=[auth.may("appeals", "answer")],
    responses=refusals(AppealAnswered, AnswerUnmotivated, DecisionSuperseded),
)
async def answer(
    appeal_id: FromPath[UUID], data: JSONBody[Answer], me: auth.Me, db: Db, now: Now
) -> Response[appeals.Appeal]:
    """Answer an appeal that I review, with reasons; upheld, it revises the decision, which the centre then releases."""
    async with db.transaction() as tx:
        await reach.reviews_appeal(tx, me, appeal_id)
        own = auth.own(me.assessor_id)
        await appeals.answer(tx, appeal_id, data.outcome, data.motivation, reviewer_id=own, now=now)
        answered = await appeals.get(tx, appeal_id)
        if data.revised is not None:
            await decisions.revise(tx, answered.decision_id, data.revised, taken_by=own, now=now)
    return Response(answered, status_code=201)


HANDLERS = [lodge, appoint, answer]
