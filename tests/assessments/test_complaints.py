"""Complaints: states of their own, an answer by somebody who was not of the jury, and no result ever touched."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from assessments import complaints, decisions, outcome_refusals
from service import accounts
from tests.builders.assessments import Sitting, a_candidate, a_released_decision, a_room, news
from tests.builders.refused import refused

Tx = asyncpg.Connection


@pytest.fixture
async def told(tx: Tx, now: datetime) -> tuple[Sitting, UUID]:
    return await a_released_decision(tx, now=now)


async def an_account(tx: Tx, now: datetime, email: str, assessor_id: UUID | None = None) -> UUID:
    return await accounts.register(
        tx, email=email, role="administrator", language="fr", assessor_id=assessor_id, now=now
    )


async def lodged(tx: Tx, sitting: Sitting, now: datetime, about: complaints.About = "facility") -> UUID:
    return await complaints.lodge(
        tx, sitting.candidate, sitting.centre, about, "L’atelier était glacial.", booking_id=sitting.booking, now=now
    )


async def test_it_is_taken_up_then_answered_and_changes_no_result(
    tx: Tx, told: tuple[Sitting, UUID], now: datetime
) -> None:
    sitting, decision = told
    before = await decisions.get(tx, decision)
    handler = await an_account(tx, now, "h@example.org")
    async with refused(tx, outcome_refusals.ComplaintMissing):
        await complaints.lodge(tx, sitting.candidate, sitting.centre, "staff", " ", now=now)
    complaint = await lodged(tx, sitting, now)
    waiting = await complaints.get(tx, complaint)
    assert (waiting.deadline, waiting.due_on) == (date(2026, 9, 8), date(2026, 9, 29))
    async with refused(tx, outcome_refusals.ComplaintNotTakenUp):
        await complaints.answer(tx, complaint, "founded", "Réparé", by=handler, now=now)
    for _ in range(2):
        await complaints.take_up(tx, complaint, by=handler, now=now)
    async with refused(tx, outcome_refusals.ComplaintAnswerMissing):
        await complaints.answer(tx, complaint, "founded", " ", by=handler, now=now)
    await complaints.answer(tx, complaint, "founded", "Le chauffage est réparé.", by=handler, now=now)
    async with refused(tx, outcome_refusals.ComplaintEnded):
        await complaints.withdraw(tx, complaint, now=now)
    assert await decisions.of_booking(tx, sitting.booking) == [before]
    assert await news(tx, "complaint") == ["complaint.lodged", "complaint.taken_up", "complaint.answered"]


async def test_nobody_of_the_jury_answers_for_its_conduct(tx: Tx, told: tuple[Sitting, UUID], now: datetime) -> None:
    sitting, _ = told
    juror = await an_account(tx, now, "j@example.org", sitting.manager)
    about_staff, about_heating = await lodged(tx, sitting, now, "staff"), await lodged(tx, sitting, now)
    async with refused(tx, outcome_refusals.ComplaintAboutYou):
        await complaints.take_up(tx, about_staff, by=juror, now=now)
    await complaints.take_up(tx, about_heating, by=juror, now=now)
    await complaints.take_up(tx, about_staff, by=await an_account(tx, now, "h@example.org"), now=now)
    async with refused(tx, outcome_refusals.ComplaintAboutYou):
        await complaints.answer(tx, about_staff, "unfounded", "Non.", by=juror, now=now)


async def test_it_is_about_a_test_of_ones_own_at_that_centre(tx: Tx, told: tuple[Sitting, UUID], now: datetime) -> None:
    sitting, _ = told
    elsewhere, stranger = (await a_room(tx)).centre_id, await a_candidate(tx, now=now)
    for candidate, centre in ((sitting.candidate, elsewhere), (stranger, sitting.centre)):
        with pytest.raises(asyncpg.CheckViolationError, match="not a test of this candidate"):
            async with tx.transaction():
                await complaints.lodge(tx, candidate, centre, "staff", "Non", booking_id=sitting.booking, now=now)


async def test_late_ones_are_told_once_and_ended_ones_go_in_time(
    tx: Tx, told: tuple[Sitting, UUID], now: datetime
) -> None:
    sitting, _ = told
    complaint = await lodged(tx, sitting, now)
    assert [await complaints.find_late(tx, today=date(2026, 9, 9), now=now) for _ in range(2)] == [1, 0]
    assert await complaints.forget(tx, before=now + timedelta(days=9), most=9) == 0
    await complaints.withdraw(tx, complaint, now=now)
    assert await complaints.find_late(tx, today=date(2027, 1, 1), now=now) == 0
    assert await complaints.forget(tx, before=now + timedelta(days=9), most=9) == 1


async def test_of_an_erased_candidate_the_words_go_and_what_waits_is_taken_back(
    tx: Tx, told: tuple[Sitting, UUID], now: datetime
) -> None:
    complaint = await lodged(tx, told[0], now)
    await complaints.wipe(tx, told[0].candidate, now=now)
    left = await complaints.get(tx, complaint)
    assert (left.complaint, left.withdrawn_at) == ("–", now)
