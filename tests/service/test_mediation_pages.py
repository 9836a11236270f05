"""Who leads the meeting about an appeal: said to those who take part in it, in their language, and to nobody else."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from assessments import appeal_reviewers, appeals, assessors, mediations
from service import assessor_erasures
from service.db import ACTING, Actor
from tests.builders.hall import Hall, text

LEADS = {
    "fr": "Iris Lambert, de la commission, mène la réunion.",
    "nl": "Iris Lambert van de commissie leidt het gesprek.",
    "en": "Iris Lambert of the panel leads the meeting.",
    "de": "Iris Lambert aus dem Ausschuss leitet das Gespräch.",
}
LED_BY = {"fr": "Qui la mène", "nl": "Wie het leidt", "en": "Who leads it", "de": "Wer es leitet"}


async def a_planned_meeting(hall: Hall, now: datetime) -> tuple[UUID, UUID, UUID]:
    """Of a panel of two Iris Lambert leads it, not our observer: the booking, the appeal, and who leads."""
    booking, decision = await hall.street.tested(hall.street.noor_id, "fail")
    async with hall.db.transaction() as tx:
        iris = await assessors.register(
            tx,
            given_name="Iris",
            family_name="Lambert",
            email="i@example.org",
            languages=["fr"],
            centre_id=None,
            now=now,
        )
        appeal = await appeals.lodge(tx, decision, "Le mur était d’aplomb.", by=None, now=now)
        await appeals.admit(tx, appeal, by=None, now=now)
        for reviewer in (hall.observer_id, iris):
            await appeal_reviewers.appoint(tx, appeal, reviewer, now=now)
        meeting = mediations.Meeting(now + timedelta(days=7), 60, "Rue Royale 45", iris)
        await mediations.plan(tx, appeal, meeting, by=None, now=now)
    return booking, appeal, iris


async def test_who_leads_the_meeting_is_said_to_everybody_in_it(hall: Hall, now: datetime) -> None:
    booking, appeal, iris = await a_planned_meeting(hall, now)
    for language in LEADS:
        read = text(await hall.street.noor.get(f"/bookings/{booking}/result?lang={language}"))
        assert LEADS[language] in read
        for staff in (hall.manager, hall.administrator, hall.observer):
            read = text(await staff.get(f"/appeals/{appeal}?lang={language}"))
            assert f"{LED_BY[language]} Iris Lambert" in read
    async with hall.db.transaction() as tx:
        await mediations.conclude(tx, appeal, "not_agreed", "Chacun reste sur sa position.", now=now)
        await appeals.answer(tx, appeal, "rejected", "Vu", reviewer_id=iris, now=now)
        await assessor_erasures.carry_out(tx, iris, by=None, now=now + timedelta(days=40))
        assert await mediations.leader(tx, appeal) is None


@pytest.mark.parametrize(
    ("role", "known"),
    [("manager", None), ("auditor", None), ("candidate", None), ("assessor", None), ("administrator", "Iris Lambert")],
)
async def test_whoever_has_no_part_in_it_learns_no_name(
    hall: Hall, now: datetime, role: str, known: str | None
) -> None:
    """Asked in the database itself, by somebody of each role: another centre, another candidate, another assessor."""
    _, appeal, _ = await a_planned_meeting(hall, now)
    before = ACTING.set(Actor(role, uuid4(), centre=uuid4(), candidate=hall.street.sam_id, assessor=hall.evaluator_id))
    try:
        async with hall.street.app.state.running.db.read() as tx:
            assert await mediations.leader(tx, appeal) == known
    finally:
        ACTING.reset(before)
