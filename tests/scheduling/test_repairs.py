"""An evaluator falls ill, a room floods, a pod breaks: everybody affected, the best repair, all of it or nothing."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import (
    availability_exceptions,
    bookings,
    jury_seats,
    outages,
    priorities,
    refusals,
    repairs,
    sessions,
)
from scheduling.repair_plans import Trouble
from service import check
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
DAY = timedelta(days=1)


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now, pods=8)


async def trouble(tx: Tx, stage: Stage, kind: Trouble, subject: UUID, *, days: int = 1) -> repairs.Repair:
    begin = stage.morning.replace(hour=0)
    repair = await repairs.propose(
        tx, centre_id=stage.centre, trouble=kind, subject_id=subject, starts_at=begin, ends_at=begin + days * DAY,
        reason="Imprévu", by=None, now=stage.now,
    )  # fmt: skip
    return await repairs.get(tx, repair)


async def planned(tx: Tx, stage: Stage, repair: repairs.Repair, **wanted: str) -> repairs.Proposal:
    choices = {UUID(session): name for session, name in wanted.items()}
    return await repairs.plan(tx, repair, wanted=choices, by=None, now=stage.now)


async def applied(tx: Tx, stage: Stage, repair: repairs.Repair, proposal: repairs.Proposal) -> None:
    chosen = {one.session_id: one.chosen for one in proposal.mended}
    await repairs.apply(tx, repair.id, chosen, by=None, now=stage.now)
    await tx.execute("set constraints all immediate")
    await tx.execute("set constraints all deferred")
    assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


async def topics(tx: Tx) -> list[str]:
    return [row["topic"] for row in await tx.fetch("select topic from service.outbox where id > 0 order by id")]


async def test_an_evaluator_falls_ill_and_another_sits_in(tx: Tx, stage: Stage) -> None:
    session, booking = await stage.booked(tx)
    substitute = await stage.assessor(tx, "evaluator", of_centre=True)
    repair = await trouble(tx, stage, "assessor", stage.evaluator)
    proposal = await planned(tx, stage, repair)
    assert [(one.chosen.kind, one.chosen.to) for one in proposal.mended] == [("swap", substitute)]
    assert proposal.refused == {}
    before = len(await topics(tx))
    await applied(tx, stage, repair, proposal)
    assert (await topics(tx))[before:] == ["jury_seat.released", "jury_seat.given", "repair.applied"]
    assert substitute in {seat.assessor_id for seat in await jury_seats.of_session(tx, session)}
    assert (await bookings.get(tx, booking)).released_at is None
    async with refused(tx, refusals.AssessorAway):
        other = await stage.draft(tx, room_id=await stage.another_room(tx))
        await jury_seats.give(tx, other, stage.evaluator, "evaluator", by=None, now=stage.now)


async def test_nobody_is_asked_to_sit_in_twice_at_once(tx: Tx, stage: Stage) -> None:
    """One substitute, two parallel juries of the same manager: the second session goes to another day."""
    manager, room = stage.manager, await stage.another_room(tx)
    await stage.open(tx)
    second = await stage.draft(tx, room_id=room)
    for role in ("evaluator", "observer"):
        person = await stage.assessor(tx, role)
        await jury_seats.give(tx, second, person, role, by=None, now=stage.now)  # type: ignore[arg-type]
    await jury_seats.give(tx, second, manager, "manager", by=None, now=stage.now)
    substitute = await stage.assessor(tx, None, of_centre=True)
    proposal = await planned(tx, stage, await trouble(tx, stage, "assessor", manager))
    assert next((one.chosen.kind, one.chosen.to) for one in proposal.mended) == ("swap", substitute)
    assert len({(one.chosen.kind, one.chosen.to) for one in proposal.mended}) == 2


async def test_a_room_floods_and_the_test_goes_next_door_at_the_same_hour(tx: Tx, stage: Stage) -> None:
    session, booking = await stage.booked(tx)
    beside = await stage.another_room(tx)
    repair = await trouble(tx, stage, "room", stage.room)
    proposal = await planned(tx, stage, repair)
    assert [(one.chosen.kind, one.chosen.to) for one in proposal.mended] == [("room", beside)]
    await applied(tx, stage, repair, proposal)
    assert (await sessions.get(tx, session)).room_id == beside
    assert (await bookings.get(tx, booking)).starts_at == stage.morning
    async with refused(tx, refusals.RoomClosed):
        await stage.draft(tx)


async def test_without_another_room_it_moves_to_the_first_possible_day(tx: Tx, stage: Stage) -> None:
    _session, booking = await stage.booked(tx)
    repair = await trouble(tx, stage, "room", stage.room, days=2)
    proposal = await planned(tx, stage, repair)
    assert [(one.chosen.kind, one.chosen.starts_at) for one in proposal.mended] == [("move", stage.morning + 2 * DAY)]
    await applied(tx, stage, repair, proposal)
    assert (await bookings.get(tx, booking)).starts_at == stage.morning + 2 * DAY


async def test_a_pod_breaks_and_another_takes_its_place(tx: Tx, stage: Stage) -> None:
    session, _ = await stage.booked(tx)
    broken = await tx.fetchval("select equipment_id from scheduling.equipment_reservations limit 1")
    repair = await trouble(tx, stage, "equipment", broken)
    proposal = await planned(tx, stage, repair)
    assert [one.chosen.kind for one in proposal.mended] == ["piece"]
    await applied(tx, stage, repair, proposal)
    held = await tx.fetch(
        "select equipment_id from scheduling.equipment_reservations where session_id = $1 and released_at is null",
        session,
    )
    assert len(held) == 2
    assert broken not in {row["equipment_id"] for row in held}
    async with refused(tx, refusals.EquipmentShort):
        await stage.draft(tx, room_id=await stage.another_room(tx), seats=6)
    (outage,) = await outages.of_centre(tx, stage.centre, now=stage.now)
    await outages.put_back(tx, outage.id, by=None, now=stage.now)
    await stage.draft(tx, room_id=await stage.another_room(tx), seats=6)


async def test_who_cannot_be_moved_is_rebooked_or_goes_first_in_line(tx: Tx, stage: Stage) -> None:
    """A person chooses to give the day up: one place is left a week later, for one of two candidates."""
    session = await stage.open(tx, seats=2)
    people = [await stage.candidate(tx) for _ in range(2)]
    for person in people:
        await bookings.book(tx, session, person, by=None, now=stage.now)
    later = await stage.open(tx, seats=1, starts_at=stage.morning + 7 * DAY)
    repair = await trouble(tx, stage, "room", stage.room)
    proposal = await planned(tx, stage, repair, **{str(session): "rebook"})
    assert [one.chosen.kind for one in proposal.mended] == ["rebook"]
    await applied(tx, stage, repair, proposal)
    assert (await sessions.get(tx, session)).state == "cancelled"
    assert (await sessions.get(tx, later)).taken == 1
    assert sorted([await priorities.is_first(tx, person, stage.unit) for person in people]) == [False, True]


async def test_one_notice_that_cannot_be_written_and_nothing_has_changed(tx: Tx, stage: Stage) -> None:
    """The morning's session could be mended; the afternoon's news is refused by the outbox: neither is mended."""
    first = await stage.open(tx)
    second = await stage.draft(tx, starts_at=stage.morning + timedelta(hours=5))
    await jury_seats.give(tx, second, stage.evaluator, "evaluator", by=None, now=stage.now)
    await stage.assessor(tx, "evaluator", of_centre=True)
    repair = await trouble(tx, stage, "assessor", stage.evaluator)
    proposal = await planned(tx, stage, repair)
    assert [one.chosen.kind for one in proposal.mended] == ["swap", "swap"]
    state = await everything(tx)
    await tx.execute(f"alter table service.outbox add check (aggregate <> '{second}' or id < 1) not valid")
    with pytest.raises(asyncpg.CheckViolationError):
        async with tx.transaction():
            await applied(tx, stage, repair, proposal)
    assert await everything(tx) == state
    assert {seat.assessor_id for seat in await jury_seats.of_session(tx, first)} >= {stage.evaluator}


async def test_one_step_that_a_rule_refuses_and_nothing_has_changed(tx: Tx, stage: Stage) -> None:
    """Between the proposal and the order the substitute was taken by another jury, in the afternoon only."""
    await stage.open(tx)
    second = await stage.draft(tx, starts_at=stage.morning + timedelta(hours=5))
    await jury_seats.give(tx, second, stage.evaluator, "evaluator", by=None, now=stage.now)
    substitute = await stage.assessor(tx, "evaluator", of_centre=True)
    repair = await trouble(tx, stage, "assessor", stage.evaluator)
    proposal = await planned(tx, stage, repair)
    rival = await stage.draft(
        tx, room_id=await stage.another_room(tx), starts_at=stage.morning + timedelta(hours=5), seats=1
    )
    await jury_seats.give(tx, rival, substitute, "evaluator", by=None, now=stage.now)
    state = await everything(tx)
    async with refused(tx, refusals.AssessorBusy):
        await applied(tx, stage, repair, proposal)
    assert await everything(tx) == state
    wanted = {str(second): proposal.mended[1].chosen.name}
    assert (await planned(tx, stage, repair, **wanted)).mended[1].chosen.kind == "move"  # no longer offered


async def test_a_repair_of_yesterdays_sessions_says_what_has_changed(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx)
    await stage.assessor(tx, "evaluator", of_centre=True)
    repair = await trouble(tx, stage, "assessor", stage.evaluator)
    proposal = await planned(tx, stage, repair)
    await bookings.book(tx, session, await stage.candidate(tx), by=None, now=stage.now)
    assert await repairs.changes(tx, repair, now=stage.now) == [(session, "bookings")]
    async with refused(tx, refusals.RepairOutdated):
        await applied(tx, stage, repair, proposal)
    await repairs.renew(tx, repair.id, now=stage.now)
    renewed = await repairs.get(tx, repair.id)
    assert await repairs.changes(tx, renewed, now=stage.now) == []
    await applied(tx, stage, renewed, await planned(tx, stage, renewed))
    async with refused(tx, refusals.RepairOutdated):
        await applied(tx, stage, renewed, proposal)


async def test_what_a_rule_would_refuse_is_not_proposed(tx: Tx, stage: Stage) -> None:
    """The only day left in the snapshot is one on which the observer has said no: the rehearsal finds it out."""
    await stage.open(tx)
    repair = await trouble(tx, stage, "room", stage.room)
    await availability_exceptions.say(
        tx, assessor_id=stage.observer, starts_at=stage.morning + DAY - timedelta(hours=2),
        ends_at=stage.morning + DAY + timedelta(hours=9), can_come=False, by=None, now=stage.now,
    )  # fmt: skip
    proposal = await planned(tx, stage, repair)
    assert [(one.chosen.kind, one.chosen.starts_at) for one in proposal.mended] == [("move", stage.morning + 2 * DAY)]


async def everything(tx: Tx) -> list[object]:
    counted = [
        await tx.fetch(f"select md5(t::text) as row from {table} t order by 1")
        for table in (
            "scheduling.sessions", "scheduling.jury_seats", "scheduling.bookings", "scheduling.equipment_reservations",
            "scheduling.closures", "scheduling.availability_exceptions", "scheduling.repairs", "service.outbox",
        )
    ]  # fmt: skip
    return [[row["row"] for row in rows] for rows in counted]
