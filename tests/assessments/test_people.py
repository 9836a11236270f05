"""Candidates and assessors, what ties them, and a candidate's file for a unit."""

from datetime import date, datetime, time, timedelta

import asyncpg

from assessments import (
    accommodations,
    accreditations,
    assessors,
    candidates,
    enrolment_refusals,
    enrolments,
    links,
    qualifications,
    refusals,
    units,
)
from scheduling import availability, sessions
from tests.builders.assessments import a_candidate, a_room, a_sitting, a_unit, an_assessor, news
from tests.builders.refused import refused

Tx = asyncpg.Connection


def at(now: datetime, hours: float) -> "asyncpg.Range[datetime]":
    start = now + timedelta(days=14)
    return asyncpg.Range(start, start + timedelta(hours=hours))


async def test_a_candidate_registers_once_per_address(tx: Tx, now: datetime) -> None:
    registration = candidates.Registration(
        given_name="Noor",
        family_name="Peeters",
        birth_date=date(1990, 5, 17),
        email="noor@example.org",
        language="nl",
        status="worker",
    )
    noor = await candidates.get(tx, await candidates.register(tx, registration, now=now))
    assert (noor.name, noor.registered_at, noor.municipality) == ("Noor Peeters", now, None)
    async with refused(tx, refusals.CandidateEmailKnown):
        await candidates.register(tx, registration, now=now)
    assert await news(tx) == ["candidate.registered"]


async def test_an_assessor_registers_once_per_address_until_retired(tx: Tx, now: datetime) -> None:
    first = await an_assessor(tx, now=now)
    email = (await assessors.get(tx, first)).email.upper()
    async with refused(tx, refusals.AssessorEmailKnown):
        await assessors.register(tx, given_name="A", family_name="L", email=email, languages=["fr"], now=now)
    await assessors.retire(tx, first, now=now)
    assert await assessors.register(tx, given_name="A", family_name="L", email=email, languages=["fr"], now=now)


async def test_a_person_who_is_both_keeps_one_id(tx: Tx, now: datetime) -> None:
    person = await an_assessor(tx, now=now)
    assert await a_candidate(tx, now=now, candidate_id=person) == person


async def test_qualifications_of_a_role_do_not_overlap(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    assessor = await an_assessor(tx, now=now, qualified_for=unit.trade_id)
    async with refused(tx, refusals.QualificationOverlaps):
        await qualifications.qualify(tx, assessor, unit.trade_id, "evaluator", first_day=date(2027, 12, 31))
    await qualifications.qualify(tx, assessor, unit.trade_id, "evaluator", first_day=date(2028, 1, 1))
    days = [(one.first_day, one.last_day) for one in await qualifications.of(tx, assessor)]
    assert days == [(date(2025, 1, 1), date(2027, 12, 31)), (date(2028, 1, 1), None)]


async def test_a_planner_sees_why_an_assessor_cannot_take_the_seat(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    centre = (await a_room(tx)).centre_id
    fit = await an_assessor(tx, now=now, qualified_for=unit.trade_id, roles=("observer",))
    own = await an_assessor(tx, now=now, qualified_for=unit.trade_id, roles=("observer",), centre_id=centre)
    flemish = await an_assessor(tx, now=now, qualified_for=unit.trade_id, languages=("nl",))
    gone = await an_assessor(tx, now=now, qualified_for=unit.trade_id, roles=("observer",))
    await assessors.retire(tx, gone, now=now)
    found = await assessors.standing(
        tx, centre_id=centre, unit_id=unit.id, role="observer", language="fr", during=at(now, 4)
    )
    assert found[0].assessor_id == fit
    assert {one.assessor_id: one.obstacles for one in found} == {
        fit: [],
        own: ["observer_not_external"],
        flemish: ["assessor_unqualified", "language_not_spoken"],
    }


async def test_a_seat_elsewhere_is_an_obstacle_and_offered_hours_are_only_said(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    session = await sessions.get(tx, sitting.session)
    offering = await an_assessor(tx, now=now, qualified_for=sitting.unit.trade_id)
    await availability.offer(
        tx, assessor_id=offering, weekday=2, opens=time(8), closes=time(18), since=date(2026, 1, 1)
    )
    found = await assessors.standing(
        tx,
        centre_id=sitting.centre,
        unit_id=sitting.unit.id,
        role="evaluator",
        language="fr",
        during=asyncpg.Range(session.ends_at, session.ends_at + timedelta(minutes=1)),  # tear-down
    )
    by_id = {one.assessor_id: one for one in found}
    assert by_id[sitting.evaluator].obstacles == ["assessor_busy"]
    assert found[0].assessor_id == offering
    assert found[0].offered
    assert not by_id[sitting.evaluator].offered


async def test_a_managers_seat_is_for_the_centres_own(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    centre = (await a_room(tx)).centre_id
    manager, stranger = await an_assessor(tx, now=now, centre_id=centre), await an_assessor(tx, now=now)
    found = await assessors.standing(
        tx, centre_id=centre, unit_id=unit.id, role="manager", language="fr", during=at(now, 4)
    )
    assert [(one.assessor_id, one.obstacles) for one in found] == [
        (manager, []),
        (stranger, ["manager_not_of_centre"]),
    ]


async def test_a_tie_is_declared_once_and_can_end(tx: Tx, now: datetime) -> None:
    assessor, candidate = await an_assessor(tx, now=now), await a_candidate(tx, now=now)
    link = await links.declare(tx, assessor, candidate, "professional", by=None, now=now)
    async with refused(tx, refusals.LinkAlreadyDeclared):
        await links.declare(tx, assessor, candidate, "professional", by=None, now=now)
    await links.end(tx, link, now=now)
    await links.declare(tx, assessor, candidate, "professional", by=None, now=now + timedelta(days=1))
    assert [one.ended_at for one in await links.of_candidate(tx, candidate)] == [now, None]


async def test_a_tie_within_a_coming_jury_waits_for_the_seat(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now, attended=False)
    async with refused(tx, refusals.LinkInJury):
        await links.declare(tx, sitting.evaluator, sitting.candidate, "kinship", by=None, now=now)
    async with refused(tx, refusals.LinkInJury):
        await links.declare(tx, sitting.observer, sitting.candidate, "teaching", by=None, now=now)
    await links.declare(tx, sitting.evaluator, sitting.candidate, "teaching", by=None, now=now)


async def test_accreditations_count_whole_days_and_do_not_overlap(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    centre = (await a_room(tx)).centre_id
    day = (now + timedelta(days=14)).date()
    first = await accreditations.grant(
        tx, centre, unit.trade_id, first_day=date(2025, 1, 1), last_day=day, reference="AGR-1"
    )
    async with refused(tx, refusals.AccreditationOverlaps):
        await accreditations.grant(tx, centre, unit.trade_id, first_day=day, last_day=day, reference="AGR-2")
    covering = await accreditations.covering(tx, centre, unit.id, at(now, 4))
    assert covering is not None
    assert (covering.id, covering.last_day) == (first, day)
    assert await accreditations.covering(tx, centre, unit.id, at(now, 24)) is None


async def enrolled(tx: Tx, now: datetime) -> tuple[units.Unit, enrolments.Enrolment]:
    unit, candidate = await a_unit(tx, now=now), await a_candidate(tx, now=now)
    return unit, await enrolments.get(tx, await enrolments.enrol(tx, candidate, unit.id, by=None, now=now))


async def test_enrolling_twice_is_once(tx: Tx, now: datetime) -> None:
    unit, file = await enrolled(tx, now)
    assert await enrolments.enrol(tx, file.candidate_id, unit.id, by=None, now=now + timedelta(days=1)) == file.id
    assert await news(tx, "enrolment") == ["enrolment.made"]


async def test_no_advice_refuses_an_enrolment(tx: Tx, now: datetime) -> None:
    _, file = await enrolled(tx, now)
    await enrolments.guide(tx, file.id, "unfavourable", by=None, now=now)
    guided = await enrolments.get(tx, file.id)
    assert (guided.advice, guided.withdrawn_at) == ("unfavourable", None)
    assert await news(tx, "guidance") == ["guidance.given"]


async def test_a_withdrawn_file_is_opened_by_enrolling_again(tx: Tx, now: datetime) -> None:
    unit, file = await enrolled(tx, now)
    await enrolments.withdraw(tx, file.id, by=None, now=now)
    async with refused(tx, enrolment_refusals.EnrolmentWithdrawn):
        await enrolments.guide(tx, file.id, "reserved", by=None, now=now)
    assert await enrolments.enrol(tx, file.candidate_id, unit.id, by=None, now=now) == file.id
    assert (await enrolments.get(tx, file.id)).withdrawn_at is None
    assert await news(tx, "enrolment") == ["enrolment.made", "enrolment.withdrawn", "enrolment.made"]


async def test_a_measure_is_granted_or_refused_with_a_motivation_once(tx: Tx, now: datetime) -> None:
    candidate = await a_candidate(tx, now=now)
    extra = await accommodations.request(tx, candidate, "extra_time", extra_percent=25, now=now)
    reader = await accommodations.request(tx, candidate, "reader", now=now)
    await accommodations.grant(tx, extra, by=None, now=now)
    async with refused(tx, refusals.RefusalUnmotivated):
        await accommodations.refuse(tx, reader, " ", now=now)
    await accommodations.refuse(tx, reader, "L'épreuve ne comporte pas de lecture.", now=now)
    async with refused(tx, refusals.AccommodationSettled):
        await accommodations.grant(tx, reader, by=None, now=now)
    assert [one.extra_percent for one in await accommodations.granted_to(tx, candidate)] == [25]
