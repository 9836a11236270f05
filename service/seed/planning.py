"""A sitting is planned: a free room, its equipment, a jury that may sit; then it is open. Or it is cancelled."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from assessments import assessors, links
from scheduling import bookings, equipment_reservations, jury_seats, sessions
from scheduling.refusals import AssessorBusy, RoomBusy
from service import db
from service.seed.replay import Replay, Sitting


async def plan(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, *, now: datetime) -> None:
    """Draft the session in the first free room, with its equipment and its jury."""
    sitting.session = await _in_a_free_room(tx, sitting, now=now)
    await equipment_reservations.reserve_what_is_needed(tx, sitting.session)
    evaluators = -(-sitting.places // sitting.standard.content.candidates_per_evaluator)
    await _seat(tx, replay, sitting, "evaluator", max(evaluators, sitting.scheme.evaluators_min), now=now)
    await _seat(tx, replay, sitting, "observer", sitting.scheme.observers_min, now=now)
    if sitting.scheme.manager_required:
        sitting.jury["manager"] = [sitting.centre.manager]
        await jury_seats.give(
            tx, sitting.session, sitting.centre.manager, "manager", by=sitting.centre.account, now=now
        )


async def plan_and_open(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, *, now: datetime) -> None:
    await plan(tx, replay, sitting, now=now)
    assert sitting.session is not None
    await sessions.open_for_booking(tx, sitting.session, by=sitting.centre.account, now=now)


async def _in_a_free_room(tx: asyncpg.Connection, sitting: Sitting, *, now: datetime) -> UUID:
    kind = sitting.standard.content.room_kind
    fitting = [room for room in sitting.centre.rooms if room.kind == kind and room.stations >= sitting.places]
    for room in sorted(fitting, key=lambda one: one.stations):
        wish = sessions.Plan(room.id, sitting.unit.id, sitting.language, sitting.starts_at, sitting.places)  # type: ignore[arg-type]
        try:
            with db.translated(tx):
                async with tx.transaction():
                    return await sessions.plan(tx, wish, by=sitting.centre.account, now=now)
        except RoomBusy:
            continue
    raise RoomBusy


async def _seat(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, role: assessors.Role, count: int, *, now: datetime
) -> None:
    """Those who were asked for, else whoever has no obstacle, offers that time and knows nobody on the list."""
    chosen = sitting.jury.setdefault(role, [])
    if len(chosen) < count:
        standing = await assessors.standing(
            tx,
            centre_id=sitting.centre.id,
            unit_id=sitting.unit.id,
            role=role,
            language=sitting.language,
            during=_occupied(sitting),
        )
        known = await _known_by_the_cast(tx, replay, sitting)
        free = [one for one in standing if not one.obstacles and one.assessor_id not in known | set(chosen)]
        free = [one for one in free if one.offered] if sum(one.offered for one in free) >= count else free
        if len(free) < count - len(chosen):
            raise AssessorBusy
        chosen += [one.assessor_id for one in replay.chance.sample(free, count - len(chosen))]
    assert sitting.session is not None
    for assessor_id in chosen:
        await jury_seats.give(tx, sitting.session, assessor_id, role, by=sitting.centre.account, now=now)


def _occupied(sitting: Sitting) -> "asyncpg.Range[datetime]":
    content = sitting.standard.content
    return asyncpg.Range(
        sitting.starts_at - timedelta(minutes=content.setup_minutes),
        sitting.ends_at + timedelta(minutes=content.teardown_minutes),
    )


async def _known_by_the_cast(tx: asyncpg.Connection, replay: Replay, sitting: Sitting) -> set[UUID]:
    cast = {seat.role.who for seat in sitting.seats if seat.role.who}
    persons = [person.id for person in replay.crowd.persons if person.known_as in cast]
    return {link.assessor_id for person in persons for link in await links.of_candidate(tx, person)}


async def cancel(tx: asyncpg.Connection, sitting: Sitting, reason: str, *, now: datetime) -> None:
    """Cancel it with everything in it; its candidates may book elsewhere."""
    assert sitting.session is not None
    by = sitting.centre.account
    await sessions.cancel(tx, sitting.session, reason=reason, by=by, now=now)
    await equipment_reservations.release_all(tx, sitting.session, now=now)
    await jury_seats.release_all(tx, sitting.session, by=by, now=now)
    await bookings.cancel_all(tx, sitting.session, by=by, now=now)
    for seat in sitting.seats:
        if seat.person:
            seat.person.live.discard(sitting.unit.code)
            seat.person.days.discard(sitting.starts_at.date())
