"""Complaints: lodged by a candidate, taken up and answered by the centre. They never change a result."""

from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from assessments import complaints
from assessments.complaints import Complaint
from assessments.outcome_refusals import (
    ComplaintAboutYou,
    ComplaintAnswerMissing,
    ComplaintEnded,
    ComplaintMissing,
    ComplaintNotTakenUp,
)
from service import auth, complaint_files, outcome_reach
from service.api.described import refusals
from service.api.fields import Remarks, Text
from service.outcome_rules import Outcomes
from service.provide import Db, Now
from service.refusals import NotFound

TAGS = ["complaints"]


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """`centre_id`: to whom; or `booking_id`: the test of mine that it is about, and with it its centre."""

    about: complaints.About
    complaint: Text
    centre_id: UUID | None = None
    booking_id: UUID | None = None


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    finding: complaints.Finding
    answer: Remarks


@get("/complaints", tags=TAGS, guards=[auth.may("complaints", "own")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[complaint_files.File]:
    """What I complained about, and what came of it."""
    async with db.read() as tx:
        return await complaint_files.mine(tx, auth.own(me.candidate_id))


@post(
    "/complaints",
    tags=TAGS,
    guards=[auth.may("complaints", "lodge")],
    responses=refusals(ComplaintMissing),
)
async def lodge(data: JSONBody[Wording], me: auth.Me, db: Db, now: Now, outcomes: Outcomes) -> Response[Complaint]:
    """Complain to a centre, about one of my tests there or in general."""
    own = auth.own(me.candidate_id)
    async with db.transaction() as tx:
        place = next(
            (
                place
                for place in await complaint_files.places(tx, own)
                if place.booking_id == data.booking_id and data.centre_id in (None, place.centre_id)
                and (data.booking_id or data.centre_id)
            ),
            None,
        )  # fmt: skip
        if place is None:
            raise NotFound
        complaint_id = await complaints.lodge(
            tx,
            own,
            place.centre_id,
            data.about,
            data.complaint,
            booking_id=place.booking_id,
            deadlines=outcomes.deadlines,
            now=now,
        )
        return Response(await complaints.get(tx, complaint_id), status_code=201)


@post(
    "/complaints/{complaint_id:uuid}/withdrawal",
    tags=TAGS,
    guards=[auth.may("complaints", "own")],
    responses=refusals(ComplaintEnded, codes=(401, 403, 404)),
)
async def withdraw(complaint_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[Complaint]:
    """Take a complaint of mine back."""
    async with db.transaction() as tx:
        await outcome_reach.holds_complaint(tx, me, complaint_id)
        await complaints.withdraw(tx, complaint_id, now=now)
        return Response(await complaints.get(tx, complaint_id), status_code=201)


@get(
    "/complaints/{complaint_id:uuid}",
    tags=TAGS,
    guards=[auth.may("complaints", "handle")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one(complaint_id: FromPath[UUID], me: auth.Me, db: Db) -> Complaint:
    """A complaint to my centre."""
    async with db.read() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
        return await complaints.get(tx, complaint_id)


@put(
    "/complaints/{complaint_id:uuid}/taking-up",
    tags=TAGS,
    guards=[auth.may("complaints", "handle")],
    responses=refusals(ComplaintEnded, ComplaintAboutYou, codes=(401, 403, 404)),
)
async def take_up(complaint_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Complaint:
    """Look into it from now on. Twice is once."""
    async with db.transaction() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
        await complaints.take_up(tx, complaint_id, by=me.id, now=now)
        return await complaints.get(tx, complaint_id)


@post(
    "/complaints/{complaint_id:uuid}/answer",
    tags=TAGS,
    guards=[auth.may("complaints", "handle")],
    responses=refusals(ComplaintEnded, ComplaintNotTakenUp, ComplaintAnswerMissing, ComplaintAboutYou),
)
async def answer(
    complaint_id: FromPath[UUID], data: JSONBody[Answer], me: auth.Me, db: Db, now: Now
) -> Response[Complaint]:
    """Say what was found and what follows."""
    async with db.transaction() as tx:
        await outcome_reach.runs_complaint(tx, me, complaint_id)
        await complaints.answer(tx, complaint_id, data.finding, data.answer, by=me.id, now=now)
        return Response(await complaints.get(tx, complaint_id), status_code=201)


HANDLERS = [mine, lodge, withdraw, one, take_up, answer]
