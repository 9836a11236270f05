"""EVC: what the grids propose, what is recognised, and the fee. The release is that of the decision."""

from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from assessments import decisions, fees, recognitions
from assessments.outcome_refusals import JuryKnowsCandidate, TestAnnulled
from assessments.refusals import (
    AlreadyRecognised,
    DeciderExamined,
    DeciderKnowsCandidate,
    FeeNotDue,
    MotivationMissing,
    NotARecognition,
    NotFound,
    ReasonMissing,
    RecognitionTooEarly,
)
from service import auth, reach
from service.api.described import refusals
from service.api.fields import Remarks
from service.provide import Db, Now

TAGS = ["decisions"]


class Recognising(Struct, frozen=True, forbid_unknown_fields=True):
    """What is recognised, and why where it is not what the grids propose."""

    result: recognitions.Result
    motivation: Remarks = ""


class Settling(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: compulsory for a fee that is not asked for."""

    settled_as: fees.Settled
    reason: Remarks = ""


class Found(Struct, frozen=True):
    """`proposal` once the evaluators have submitted; `recognition` and `decision` once somebody has decided; the fee."""

    proposal: recognitions.Proposal | None
    recognition: recognitions.Recognition | None
    decision: decisions.Decision | None
    fee: fees.Fee


@get(
    "/bookings/{booking_id:uuid}/recognition",
    tags=TAGS,
    guards=[auth.may("decisions", "file")],
    responses=refusals(codes=(401, 403, 404)),
)
async def read(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> Found:
    """How far the recognition of a candidate's competences is."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        try:
            proposal = await recognitions.proposed(tx, booking_id)
        except RecognitionTooEarly:
            proposal = None
        try:
            known = await recognitions.of_booking(tx, booking_id)
        except NotFound:
            known = None
        taken = await decisions.of_booking(tx, booking_id)
        return Found(proposal, known, taken[-1] if taken else None, await fees.of_booking(tx, booking_id))


@post(
    "/bookings/{booking_id:uuid}/recognition",
    tags=TAGS,
    guards=[auth.may("decisions", "decide"), auth.decides],
    responses=refusals(
        RecognitionTooEarly, NotARecognition, AlreadyRecognised, MotivationMissing, DeciderExamined,
        DeciderKnowsCandidate, JuryKnowsCandidate, TestAnnulled,
    ),
)  # fmt: skip
async def recognise(
    booking_id: FromPath[UUID], data: JSONBody[Recognising], me: auth.Me, db: Db, now: Now
) -> Response[decisions.Decision]:
    """Recognise, by somebody who was not on the jury. `PUT /decisions/{id}/release` tells the candidate."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        own = auth.own(me.assessor_id)
        decision_id = await recognitions.decide(
            tx, booking_id, data.result, motivation=data.motivation, by=own, now=now
        )
        taken = await decisions.get(tx, decision_id)
    return Response(taken, status_code=201)


@put(
    "/bookings/{booking_id:uuid}/fee",
    tags=TAGS,
    guards=[auth.may("decisions", "fee")],
    responses=refusals(FeeNotDue, ReasonMissing),
)
async def settle(booking_id: FromPath[UUID], data: JSONBody[Settling], me: auth.Me, db: Db, now: Now) -> fees.Fee:
    """Note that the fee was paid, or is not asked for and why. A fee is settled once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await fees.settle(tx, booking_id, data.settled_as, reason=data.reason, by=me.id, now=now)
        return await fees.of_booking(tx, booking_id)


HANDLERS = [read, recognise, settle]
