"""A small world with every kind of outcome: a Titre, a failure with its appeal, a no-show, a session to come."""

import secrets
from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import appeal_reviewers, appeals, decisions, links, units
from certificates import codes, register
from scheduling import (
    attendance,
    bookings,
    centres,
    equipment,
    jury_seats,
    opening_hours,
    outages,
    rooms,
    sessions,
    sites,
)
from tests.builders.assessments import (
    LABEL,
    Sitting,
    a_candidate,
    a_sitting,
    a_unit,
    an_assessor,
    deliberated,
    recorded,
)

Tx = asyncpg.Connection


class World(Struct, frozen=True):
    """`passed` and `failed`: the same unit and the same morning in two centres. `coming`: a session that takes bookings."""

    passed: Sitting
    pass_decision: UUID
    certificate: UUID
    failed: Sitting
    fail_decision: UUID
    appeal: UUID
    reviewer: UUID
    coming: UUID
    coming_booking: UUID
    coming_evaluator: UUID
    coming_observer: UUID
    now: datetime


async def a_world(tx: Tx, now: datetime) -> World:
    """Everything through the domain's verbs, every reaction done; `world.now` is the evening of the test day."""
    unit = await a_unit(tx, now=now)
    passed, failed = [await a_sitting(tx, now=now, unit=unit) for _ in range(2)]
    evening = passed.test_day + timedelta(hours=10)
    pass_decision = await released(tx, passed, "pass")
    certificate = await issued(tx, pass_decision, now=evening)
    fail_decision = await released(tx, failed, "fail")
    reviewer = await an_assessor(tx, now=now, centre_id=failed.centre)
    appeal = await appeals.lodge(tx, fail_decision, "Le support n’était pas conforme.", by=None, now=evening)
    await appeals.admit(tx, appeal, by=None, now=evening)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=evening)
    coming, coming_booking, evaluator, observer = await a_coming_session(tx, passed, now=now)
    await links.declare(tx, passed.evaluator, passed.candidate, "teaching", by=None, now=now)
    await tx.execute("set constraints all immediate")
    await react(tx)
    return World(
        passed, pass_decision, certificate, failed, fail_decision, appeal, reviewer, coming, coming_booking, evaluator,
        observer, evening,
    )  # fmt: skip


async def released(tx: Tx, sitting: Sitting, outcome: decisions.Outcome) -> UUID:
    """From the ratings to a released decision and a closed session; the decision's id."""
    at = sitting.test_day + timedelta(hours=6)
    await sessions.end(tx, sitting.session, by=None, now=sitting.test_day + timedelta(hours=4))
    await recorded(tx, sitting)
    await deliberated(tx, sitting, outcome)
    decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=at)
    await decisions.release(tx, decision, by=None, now=at)
    await attendance.close(tx, sitting.booking, now=at)
    await sessions.close_if_settled(tx, sitting.session, now=at)
    return decision


async def issued(tx: Tx, decision: UUID, *, now: datetime) -> UUID:
    code = codes.public_code(secrets.token_bytes(codes.RANDOM_BYTES))
    return await register.issue(tx, decision, public_code=code, now=now)


async def a_coming_session(tx: Tx, sitting: Sitting, *, now: datetime) -> tuple[UUID, UUID, UUID, UUID]:
    """Three weeks on, in another room of the same centre, where a mixer that nobody needs is broken: one booking, one
    excused in advance. The ids of the session, its booking, its evaluator and its observer."""
    mixer = await equipment.add(tx, centre_id=sitting.centre, kind="mixer", name="Malaxeur")
    await outages.enter(tx, equipment_id=mixer, starts_at=now, ends_at=None, reason="Panne", by=None, now=now)
    site = await sites.add(
        tx, centre_id=sitting.centre, name="Annexe", street="Rue Royale 45", postcode="1000", municipality="Bruxelles"
    )
    room = await rooms.add(tx, centre_id=sitting.centre, site_id=site, name="Atelier 2", kind="workshop", stations=8)
    await opening_hours.set_day(tx, room_id=room, weekday=2, opens=time(7), closes=time(21))
    starts_at = sitting.test_day + timedelta(days=7)
    wish = sessions.Plan(room_id=room, unit_id=sitting.unit.id, language="fr", starts_at=starts_at, seats=2)
    session = await sessions.plan(tx, wish, by=None, now=now)
    evaluator = await an_assessor(tx, now=now, qualified_for=sitting.unit.trade_id, centre_id=sitting.centre)
    observer = await an_assessor(tx, now=now, qualified_for=sitting.unit.trade_id, roles=("observer",))
    await jury_seats.give(tx, session, evaluator, "evaluator", by=None, now=now)
    await jury_seats.give(tx, session, observer, "observer", by=None, now=now)
    await jury_seats.give(tx, session, sitting.manager, "manager", by=None, now=now)
    await sessions.open_for_booking(tx, session, by=None, now=now)
    absent = await bookings.book(tx, session, await a_candidate(tx, now=now), by=None, now=now)
    await bookings.release_seat(tx, absent, "excused", by=None, now=now)
    booking = await bookings.book(tx, session, await a_candidate(tx, now=now), by=None, now=now)
    return session, booking, evaluator, observer


async def react(tx: Tx) -> None:
    """As if a worker had been here: every reaction is done."""
    await tx.execute("update service.outbox set done_at = occurred_at where done_at is null")


async def a_room_of(tx: Tx, code: str) -> rooms.Room:
    """A workshop, open day and night, of the centre of that code."""
    centre = await centres.found(tx, code=code, name=code.capitalize(), sector=LABEL, email=f"{code}@example.org")
    site = await sites.add(
        tx, centre_id=centre, name="Site", street="Rue de la Recherche 1", postcode="1070", municipality="Anderlecht"
    )
    room = await rooms.add(tx, centre_id=centre, site_id=site, name="Atelier", kind="workshop", stations=8)
    for weekday in range(1, 8):
        await opening_hours.set_day(tx, room_id=room, weekday=weekday, opens=time(), closes=time(23, 59))
    return await rooms.get(tx, room)


async def a_held_screening(
    tx: Tx, unit: units.Unit, room: rooms.Room, *, starts_at: datetime, attended: int = 1, no_shows: int = 0
) -> UUID:
    """A screening of at most four candidates that took place; those who did not come are marked before it starts."""
    now = starts_at - timedelta(days=14)
    wish = sessions.Plan(room_id=room.id, unit_id=unit.id, language="fr", starts_at=starts_at, seats=4)
    session = await sessions.plan(tx, wish, by=None, now=now)
    evaluator = await an_assessor(tx, now=now, qualified_for=unit.trade_id, centre_id=room.centre_id)
    await jury_seats.give(tx, session, evaluator, "evaluator", by=None, now=now)
    await sessions.open_for_booking(tx, session, by=None, now=now)
    booked = [
        await bookings.book(tx, session, await a_candidate(tx, now=now), by=None, now=now)
        for _ in range(attended + no_shows)
    ]
    await sessions.lock(tx, session, by=None, now=now)
    for booking in booked[:attended]:
        await attendance.check_in(tx, booking, by=None, now=starts_at)
        await attendance.sign_contract(tx, booking, now=starts_at)
    for booking in booked[attended:]:
        await bookings.release_seat(tx, booking, "no_show", by=None, now=starts_at)
    await sessions.start(tx, session, by=None, now=starts_at)
    await attendance.attend_all(tx, session, now=starts_at)
    return session
