"""An observer is invited: the seat is theirs until they answer, and nobody closes a list on a maybe."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import invitations, jury_seats, refusals, sessions
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def invite(tx: Tx, stage: Stage, session: UUID, **changes: object) -> UUID:
    facts = {"answer_by": stage.now + timedelta(days=3), "by": None, "now": stage.now}
    return await invitations.invite(tx, session, stage.observer, "observer", **{**facts, **changes})  # type: ignore[arg-type]


async def test_two_centres_do_not_both_count_on_one_observer(tx: Tx, stage: Stage) -> None:
    await invite(tx, stage, await stage.draft(tx))
    other = await stage.draft(tx, room_id=await stage.another_room(tx))
    async with refused(tx, refusals.AssessorBusy):
        await invite(tx, stage, other)


async def test_a_list_closes_when_everybody_has_said_yes(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    await jury_seats.give(tx, session, stage.evaluator, "evaluator", by=None, now=stage.now)
    await jury_seats.give(tx, session, stage.manager, "manager", by=None, now=stage.now)
    await sessions.open_for_booking(tx, session, by=None, now=stage.now)
    invitation = await invite(tx, stage, session)
    async with refused(tx, refusals.InvitationUnanswered):
        await sessions.lock(tx, session, by=None, now=stage.now)
    for _ in range(2):
        await invitations.accept(tx, invitation, now=stage.now)
    await sessions.lock(tx, session, by=None, now=stage.now)
    with pytest.raises(refusals.InvitationOver):
        await invitations.decline(tx, invitation, by=None, now=stage.now)


async def test_who_declines_is_free_again(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    invitation = await invite(tx, stage, session)
    for _ in range(2):
        await invitations.decline(tx, invitation, by=None, now=stage.now)
    assert await jury_seats.of_session(tx, session) == []
    with pytest.raises(refusals.InvitationOver):
        await invitations.accept(tx, invitation, now=stage.now)
    topics = [row["topic"] for row in await tx.fetch("select topic from service.outbox order by id")]
    assert topics == ["jury_seat.given", "invitation.sent", "invitation.declined", "jury_seat.released"]


async def test_an_evaluator_may_decline_even_where_the_session_needs_them(tx: Tx, stage: Stage) -> None:
    """The seat stays until another has it, and the list cannot close on it."""
    session = await stage.draft(tx)
    invitation = await invitations.invite(
        tx, session, stage.evaluator, "evaluator", answer_by=stage.now + timedelta(days=3), by=None, now=stage.now
    )
    await sessions.open_for_booking(tx, session, by=None, now=stage.now)
    await jury_seats.give(tx, session, stage.observer, "observer", by=None, now=stage.now)
    await jury_seats.give(tx, session, stage.manager, "manager", by=None, now=stage.now)
    await invitations.decline(tx, invitation, by=None, now=stage.now)
    assert (await invitations.get(tx, invitation)).state == "declined"
    assert len(await jury_seats.of_session(tx, session)) == 3
    async with refused(tx, refusals.InvitationUnanswered):
        await sessions.lock(tx, session, by=None, now=stage.now)
    seat = (await invitations.get(tx, invitation)).seat_id
    await jury_seats.release(tx, seat, by=None, now=stage.now)
    await jury_seats.give(tx, session, await stage.assessor(tx, "evaluator"), "evaluator", by=None, now=stage.now)
    await tx.execute("set constraints all immediate")
    await sessions.lock(tx, session, by=None, now=stage.now)


async def test_time_passes_and_the_seat_is_free(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    invitation = await invite(tx, stage, session)
    deadline = stage.now + timedelta(days=3)
    assert not await invitations.lapse_next(tx, now=deadline - timedelta(seconds=1))
    with pytest.raises(refusals.InvitationOver):
        await invitations.accept(tx, invitation, now=deadline)
    assert await invitations.lapse_next(tx, now=deadline)
    assert not await invitations.lapse_next(tx, now=deadline)
    assert (await invitations.get(tx, invitation)).state == "lapsed"
    assert await invite(tx, stage, session)


@pytest.mark.parametrize("days", [0, -1, 14, 20])
async def test_an_answer_is_asked_for_between_now_and_the_test(tx: Tx, stage: Stage, days: int) -> None:
    with pytest.raises(refusals.AnswerDateImpossible):
        await invite(tx, stage, await stage.draft(tx), answer_by=stage.now + timedelta(days=days))
