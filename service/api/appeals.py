"""Appeals: lodged by the candidate, examined for their form, answered by a panel that had no part in the decision."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import appeal_reviewers, appeals, mediations
from assessments.outcome_refusals import (
    AppealAlreadyRuled,
    AppealNotAdmitted,
    MediationMissing,
    MediationOver,
    MediationResultMissing,
    PlaceMissing,
    RulingByJury,
)
from assessments.refusals import (
    AlreadyAppealed,
    AnswerUnmotivated,
    AppealAnswered,
    AppealTooLate,
    DecisionSuperseded,
    IndicatorUnknown,
    NotARecognition,
    NotAReviewer,
    ReviewerInJury,
)
from service import answering, auth, outcome_reach, reach, versions
from service.api.described import refusals
from service.api.fields import Moment, Remarks, Text, refuse_unlikely
from service.outcome_rules import Outcomes
from service.provide import Db, Now

TAGS = ["appeals"]


class Grounds(Struct, frozen=True, forbid_unknown_fields=True):
    grounds: Text


class Ruling(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: why it is not admissible; for a no only."""

    admissible: bool
    reason: Remarks = ""


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """`led_by`: somebody of the panel."""

    meets_at: Moment
    place: Annotated[str, Meta(max_length=300)]
    led_by: UUID
    minutes: Annotated[int, Meta(ge=15, le=480)] = answering.MEETING_MINUTES

    def __post_init__(self) -> None:
        refuse_unlikely(self.meets_at)


class Arranged(Struct, frozen=True):
    """The mediation of an appeal; null as long as none is planned. Either has its version."""

    mediation: mediations.Mediation | None


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    result: mediations.Result
    note: Remarks


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`revised`: the outcome of the decision that takes the old one's place, when the appeal is upheld; of an EVC what is
    recognised instead, and of which `competences` (codes of criteria; all of them for the whole qualification)."""

    outcome: Literal["rejected", "upheld", "new_test"]
    motivation: Remarks
    revised: answering.Revised | None = None
    competences: Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=50)] = []

    def __post_init__(self) -> None:
        if (self.outcome == "upheld") != (self.revised is not None):
            raise ValueError("an upheld appeal brings a revised outcome, another one does not")


@post(
    "/decisions/{decision_id:uuid}/appeal",
    tags=TAGS,
    guards=[auth.may("appeals", "lodge")],
    responses=refusals(AppealTooLate, AlreadyAppealed, DecisionSuperseded),
)
async def lodge(
    decision_id: FromPath[UUID], data: JSONBody[Grounds], me: auth.Me, db: Db, now: Now, outcomes: Outcomes
) -> Response[appeals.Appeal]:
    """Appeal against a decision about me, within the days that the scheme gives."""
    async with db.transaction() as tx:
        await outcome_reach.concerned_by_decision(tx, me, decision_id)
        appeal_id = await appeals.lodge(tx, decision_id, data.grounds, deadlines=outcomes.deadlines, by=me.id, now=now)
        lodged = await appeals.get(tx, appeal_id)
    return Response(lodged, status_code=201)


@post(
    "/appeals/{appeal_id:uuid}/withdrawal",
    tags=TAGS,
    guards=[auth.may("appeals", "withdraw")],
    responses=refusals(AppealAnswered, codes=(401, 403, 404)),
)
async def withdraw(appeal_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[appeals.Appeal]:
    """Take an appeal of mine back; the decision stands."""
    async with db.transaction() as tx:
        await outcome_reach.concerned_by_appeal(tx, me, appeal_id)
        await appeals.withdraw(tx, appeal_id, by=me.id, now=now)
        return Response(await appeals.get(tx, appeal_id), status_code=201)


@get(
    "/appeals/{appeal_id:uuid}",
    tags=TAGS,
    guards=[auth.may("appeals", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(appeal_id: FromPath[UUID], me: auth.Me, db: Db) -> appeals.Appeal:
    """An appeal that I review, or one against a decision of my centre."""
    async with db.read() as tx:
        await outcome_reach.reads_appeal(tx, me, appeal_id)
        return await appeals.get(tx, appeal_id)


@put(
    "/appeals/{appeal_id:uuid}/admissibility",
    tags=TAGS,
    guards=[auth.may("appeals", "rule")],
    responses=refusals(AppealAnswered, AppealAlreadyRuled, AnswerUnmotivated, RulingByJury),
)
async def rule(appeal_id: FromPath[UUID], data: JSONBody[Ruling], me: auth.Me, db: Db, now: Now) -> appeals.Appeal:
    """Say whether its form is in order; a no ends it, with its reason."""
    async with db.transaction() as tx:
        if data.admissible:
            await appeals.admit(tx, appeal_id, by=me.id, now=now)
        else:
            await appeals.turn_down(tx, appeal_id, data.reason, by=me.id, now=now)
        return await appeals.get(tx, appeal_id)


@put(
    "/appeals/{appeal_id:uuid}/reviewers/{assessor_id:uuid}",
    tags=TAGS,
    guards=[auth.may("appeals", "appoint")],
    responses=refusals(AppealAnswered, AppealNotAdmitted, ReviewerInJury, codes=(401, 403, 404)),
)
async def appoint(appeal_id: FromPath[UUID], assessor_id: FromPath[UUID], db: Db, now: Now) -> appeals.Appeal:
    """Put somebody on the panel who was not on the jury, did not decide and has no tie. Twice is once."""
    async with db.transaction() as tx:
        await reach.knows_assessor(tx, assessor_id)
        await appeal_reviewers.appoint(tx, appeal_id, assessor_id, now=now)
        return await appeals.get(tx, appeal_id)


@get(
    "/appeals/{appeal_id:uuid}/mediation",
    tags=TAGS,
    guards=[auth.may("appeals", "mediate")],
    responses=refusals(codes=(401, 403, 404)),
)
async def arranged(appeal_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[Arranged]:
    """Whether a mediation is planned, when and where, with the ETag that changing it asks for."""
    async with db.read() as tx:
        await outcome_reach.handles_appeal(tx, me, appeal_id)
        return versions.shown(Arranged(await mediations.of_appeal(tx, appeal_id)))


@put(
    "/appeals/{appeal_id:uuid}/mediation",
    tags=TAGS,
    guards=[auth.may("appeals", "mediate"), versions.stated],
    responses=refusals(
        AppealAnswered, MediationOver, NotAReviewer, PlaceMissing, codes=(401, 403, 404, 409, 412, 422, 428)
    ),
)
async def mediate(
    appeal_id: FromPath[UUID], data: JSONBody[Meeting], if_match: versions.IfMatch, me: auth.Me, db: Db, now: Now
) -> Response[Arranged]:
    """Set the date of a mediation, or change the one that was read. The same again is no news."""
    async with db.transaction() as tx:
        await outcome_reach.handles_appeal(tx, me, appeal_id)
        before = await mediations.hold(tx, appeal_id)
        versions.refuse_stale(if_match, Arranged(before))
        meeting = mediations.Meeting(data.meets_at, data.minutes, data.place, data.led_by)
        await mediations.plan(tx, appeal_id, meeting, by=me.id, now=now)
        return versions.shown(Arranged(await mediations.of_appeal(tx, appeal_id)))


@post(
    "/appeals/{appeal_id:uuid}/mediation/result",
    tags=TAGS,
    guards=[auth.may("appeals", "mediate")],
    responses=refusals(AppealAnswered, MediationMissing, MediationOver, MediationResultMissing),
)
async def conclude(
    appeal_id: FromPath[UUID], data: JSONBody[Held], me: auth.Me, db: Db, now: Now
) -> Response[appeals.Appeal]:
    """Say what came of the mediation; an agreement ends the appeal."""
    async with db.transaction() as tx:
        await outcome_reach.handles_appeal(tx, me, appeal_id)
        await mediations.conclude(tx, appeal_id, data.result, data.note, now=now)
        return Response(await appeals.get(tx, appeal_id), status_code=201)


@post(
    "/appeals/{appeal_id:uuid}/answer",
    tags=TAGS,
    guards=[auth.may("appeals", "answer")],
    responses=refusals(
        AppealAnswered, AnswerUnmotivated, DecisionSuperseded, ReviewerInJury, NotARecognition, IndicatorUnknown
    ),
)
async def answer(
    appeal_id: FromPath[UUID], data: JSONBody[Answer], me: auth.Me, db: Db, now: Now
) -> Response[appeals.Appeal]:
    """Answer an appeal that I review, with reasons; upheld, it revises the decision, which the centre then releases."""
    async with db.transaction() as tx:
        await outcome_reach.reviews_appeal(tx, me, appeal_id)
        await answering.answer(
            tx, appeal_id, data.outcome, data.revised, data.motivation, competences=data.competences, by=me, now=now
        )
        return Response(await appeals.get(tx, appeal_id), status_code=201)


HANDLERS = [lodge, withdraw, one, rule, appoint, arranged, mediate, conclude, answer]
