"""What planning adds to the worlds of the matrix: where to merge to, a repair, invitations to answer."""

from datetime import datetime, timedelta
from uuid import UUID

from assessments import enrolments, qualifications, units
from scheduling import closures, equipment, invitations, jury_seats, outages, repairs, sessions, travel_times
from service import accounts, imports
from tests.builders.assessments import YEARS, Tx
from tests.builders.worlds import World, code_of, weekday_before


async def plan_ahead(tx: Tx, worlds: list[World], now: datetime) -> None:
    """What planning names: a second open session to merge into, a repair, an invitation for everyone of the jury."""
    unit, long_ago = await units.get(tx, code_of("open")), now - timedelta(days=20)
    plan = sessions.Plan(worlds[0].room.id, unit.id, "fr", weekday_before(now, -15), seats=3)
    into = await sessions.plan(tx, plan, by=None, now=long_ago)
    await jury_seats.give(tx, into, worlds[0].jury["evaluator"], "evaluator", by=None, now=long_ago)
    await sessions.open_for_booking(tx, into, by=None, now=long_ago)
    far = weekday_before(now, -40)
    repair = await repairs.propose(
        tx, centre_id=worlds[0].room.centre_id, trouble="room", subject_id=worlds[0].room.id, starts_at=far,
        ends_at=far + timedelta(hours=8), reason="Travaux.", by=None, now=now,
    )  # fmt: skip
    closure = await closures.close(
        tx, centre_id=worlds[0].room.centre_id, room_id=worlds[0].room.id, starts_at=far + timedelta(days=200),
        ends_at=far + timedelta(days=201), reason="Travaux.", by=None, now=now,
    )  # fmt: skip
    broken, whole = [
        await equipment.add(tx, centre_id=worlds[0].room.centre_id, kind="mixer", name=name) for name in ("Un", "Deux")
    ]
    outage = await outages.enter(
        tx, equipment_id=broken, starts_at=now, ends_at=None, reason="Panne.", by=None, now=now
    )
    asked = UUID(str(worlds[0].things["planned"]["session"]))
    invited = await invitations.invite(
        tx, asked, worlds[0].spare_id, "evaluator", answer_by=now + timedelta(days=5), by=None, now=now
    )
    import_id = await _checked_import(tx, worlds[0], now)
    way = (await travel_times.of_centre(tx, worlds[0].room.centre_id))[0]
    for world in worlds:
        world.things["planned"] |= {
            "enrolment_id": (await enrolments.of(tx, world.candidate_id, unit.id)).id,
            "into": into, "repair_id": repair, "invitation_id": invited, "import_id": import_id,
            "closure_id": closure, "outage_id": outage, "piece": whole, "equipment_id": whole,
            "one_site": way.one_site, "other_site": way.other_site,
        }  # fmt: skip


async def _checked_import(tx: Tx, world: World, now: datetime) -> UUID:
    """A list with nothing in it that is not there already, whose lines wait for an order."""
    by = await accounts.register(
        tx, email=f"lists.{world.room.id}@example.org", role="manager", language="fr", centre_id=world.room.centre_id, now=now
    )  # fmt: skip
    account = await accounts.get(tx, by)
    import_id = await imports.ask(tx, "rooms", world.room.centre_id, name="salles.csv", file=b"x", by=account, now=now)
    await imports.note_read(tx, import_id, total=0, passed_over=[], now=now)
    await imports.note_checked(tx, import_id, now=now)
    return import_id


async def invite(tx: Tx, world: World, assessor_id: UUID, now: datetime) -> UUID:
    """An invitation still to be answered, for somebody who is qualified for the occasion."""
    asked, role = UUID(str(world.things["planned"]["session"])), "evaluator"
    if assessor_id == world.jury["observer"]:
        role = "observer"
    elif assessor_id != world.jury["evaluator"]:
        trade = await tx.fetchval("select id from assessments.trades where code = 'WRLD'")
        await qualifications.qualify(tx, assessor_id, trade, "evaluator", first_day=YEARS[0], last_day=YEARS[1])
    return await invitations.invite(
        tx, asked, assessor_id, role, answer_by=now + timedelta(days=5), by=None, now=now  # type: ignore[arg-type]
    )  # fmt: skip
