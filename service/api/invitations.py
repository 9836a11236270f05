"""Invitations to a jury: sent by the centre, answered by whom they are for."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import invitations, jury_seats, replacements
from scheduling.refusals import (
    AnswerDateImpossible,
    AssessorAlreadySeated,
    AssessorAway,
    AssessorBusy,
    AssessorKnowsCandidate,
    AssessorLeaving,
    AssessorOutOfReach,
    AssessorOverLimit,
    AssessorUnqualified,
    InvitationOver,
    LanguageNotSpoken,
    ObserverNotExternal,
    SessionOver,
)
from service import auth, reach
from service.api.described import refusals
from service.api.fields import Moment, refuse_unlikely
from service.provide import Db, Now

TAGS = ["invitations"]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`answer_by`: the last moment to say yes; `despite`: why they are asked against what they have said."""

    assessor_id: UUID
    role: invitations.Role
    answer_by: Moment
    despite: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")] | None = None

    def __post_init__(self) -> None:
        refuse_unlikely(self.answer_by)


@get(
    "/sessions/{session_id:uuid}/proposals/{role:str}",
    tags=TAGS,
    guards=[auth.may("jury_seats", "list")],
    responses=refusals(codes=(401, 403, 404)),
)
async def proposals(
    session_id: FromPath[UUID], role: FromPath[jury_seats.Role], me: auth.Me, db: Db
) -> list[replacements.Proposal]:
    """Every assessor before a seat of this session, best first, with what stands in the way of each."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        return await replacements.proposals(tx, session_id, role)


@post(
    "/sessions/{session_id:uuid}/invitations",
    tags=TAGS,
    guards=[auth.may("jury_seats", "invite")],
    responses=refusals(
        AnswerDateImpossible,
        AssessorAlreadySeated,
        AssessorLeaving,
        AssessorAway,
        AssessorBusy,
        AssessorKnowsCandidate,
        AssessorOutOfReach,
        AssessorOverLimit,
        AssessorUnqualified,
        LanguageNotSpoken,
        ObserverNotExternal,
        SessionOver,
    ),
)
async def invite(
    session_id: FromPath[UUID], data: JSONBody[Order], me: auth.Me, db: Db, now: Now
) -> Response[invitations.Invitation]:
    """Hold a seat for somebody until they answer; nobody else can count on them at that time."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await reach.knows_assessor(tx, data.assessor_id)
        made = await invitations.invite(
            tx,
            session_id,
            data.assessor_id,
            data.role,
            answer_by=data.answer_by,
            by=me.id,
            now=now,
            despite=data.despite,
        )
        invitation = await invitations.get(tx, made)
    return Response(invitation, status_code=201)


@put(
    "/invitations/{invitation_id:uuid}/acceptance",
    tags=TAGS,
    guards=[auth.may("invitations", "answer")],
    responses=refusals(InvitationOver, codes=(401, 403, 404)),
)
async def accept(invitation_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> invitations.Invitation:
    """Say yes. Saying it twice changes nothing."""
    async with db.transaction() as tx:
        await reach.answers_invitation(tx, me, invitation_id)
        await invitations.accept(tx, invitation_id, now=now)
        return await invitations.get(tx, invitation_id)


@put(
    "/invitations/{invitation_id:uuid}/refusal",
    tags=TAGS,
    guards=[auth.may("invitations", "answer")],
    responses=refusals(InvitationOver, codes=(401, 403, 404)),
)
async def decline(invitation_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> invitations.Invitation:
    """Say no; no reason is asked. Saying it twice changes nothing."""
    async with db.transaction() as tx:
        await reach.answers_invitation(tx, me, invitation_id)
        await invitations.decline(tx, invitation_id, by=me.id, now=now)
        return await invitations.get(tx, invitation_id)


HANDLERS = [proposals, invite, accept, decline]
