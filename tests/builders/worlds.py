"""Two centres with a session in every stage of its life, and everything that hangs on it: what the matrix reaches for.

A world is one person's things in one centre: Noor's here, those of Sam who sits beside her, Kim's elsewhere.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from litestar import Litestar

from assessments import (
    accreditations,
    consents,
    decisions,
    deliberations,
    enrolments,
    photos,
    qualifications,
    ratings,
    recordings,
    schemes,
    standards,
    trades,
    units,
)
from assessments.consents import Recipient
from scheduling import (
    alerts,
    asks,
    attendance,
    bookings,
    centres,
    holds,
    jury_seats,
    openings,
    rooms,
    sessions,
)
from scheduling.places import Wish
from service import check_in_codes, exports, share_links
from service.outbox import drain
from service.reactions import BY_TOPIC
from service.settings import secret
from tests.builders import objections
from tests.builders.assessments import (
    LABEL,
    PICTURE,
    SCREENING,
    VALIDATION,
    YEARS,
    Tx,
    a_content,
    a_room,
    all_met,
    an_assessor,
)
from tests.builders.pages import a_person
from tests.builders.wishes import lose, wish

# In the order of a session's life; how many weekdays before today the test of each was.
STAGES = {
    "planned": -14, "draft": -10, "promised": -12,
    "free": -11, "open": -9, "locked": -2, "signed": -1, "running": 0, "rated": 1, "recorded": 2, "deliberated": 3,
    "decided": 4, "failed": 5, "passed": 6, "appealed": 7, "screened": 8, "lodged": 11,
    "held": -13, "missed": 9, "excused": 10, "due": 12, "turned": 13,
}  # fmt: skip
ORDER = list(STAGES)
PATIENT = holds.HoldPolicy(minutes=90 * 24 * 60)  # made weeks before, and held today


@dataclass
class World:
    """One candidate's things in one centre, stage by stage: what an address names, by the name of its parameter."""

    centre_id: UUID
    candidate_id: UUID
    reviewer_id: UUID
    spare_id: UUID
    jury: dict[str, UUID]
    room: rooms.Room
    centre_code: str = ""
    things: dict[str, dict[str, UUID | str]] = field(default_factory=dict)
    grids: dict[tuple[str, str], UUID] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The ids of sessions, bookings and all that hangs on them."""
        things = {str(one) for stage in self.things.values() for name, one in stage.items() if name.endswith("_id")}
        return things | {str(grid) for grid in self.grids.values()} | {str(self.candidate_id)}


@dataclass
class Site:
    """A centre with its room and its jury."""

    room: rooms.Room
    jury: dict[str, UUID]
    spare_id: UUID


async def two_sites(tx: Tx, now: datetime) -> tuple[Site, Site]:
    """Two centres, accredited for a trade with one unit a stage; their evaluators and observers are qualified for it."""
    long_ago = now - timedelta(days=90)
    await schemes.put(tx, VALIDATION)
    await schemes.put(tx, SCREENING)
    sites = []
    for trade, scheme in (("WRLD", VALIDATION), ("SCRN", SCREENING)):
        await trades.put(
            tx, trade, centre_code="construcity", scheme=scheme.code, label=LABEL, rome="F1703", isco="7112",
            esco=UUID(int=7), esco_label="maçon",
        )  # fmt: skip
    for stage in ORDER:
        await units.put(tx, code_of(stage), trade_code=code_of(stage)[:4], label=LABEL, proposal=False)
        unit = await units.get(tx, code_of(stage))
        await standards.publish(tx, await standards.draft(tx, unit.id, a_content()), now=long_ago)
    known = {one.code: one.id for one in await trades.every(tx)}
    for _ in range(2):
        room = await a_room(tx)
        await accreditations.grant(
            tx, room.centre_id, known["WRLD"], first_day=YEARS[0], last_day=YEARS[1], reference="AGR"
        )
        jury = {
            "evaluator": await an_assessor(tx, now=long_ago, qualified_for=known["WRLD"], centre_id=room.centre_id),
            "observer": await an_assessor(tx, now=long_ago, qualified_for=known["WRLD"], roles=("observer",)),
            "manager": await an_assessor(tx, now=long_ago, centre_id=room.centre_id),
        }
        await qualifications.qualify(
            tx, jury["evaluator"], known["SCRN"], "evaluator", first_day=YEARS[0], last_day=YEARS[1]
        )
        spare = await an_assessor(tx, now=long_ago, qualified_for=known["WRLD"], centre_id=room.centre_id)
        sites.append(Site(room, jury, spare))
    return sites[0], sites[1]


def code_of(stage: str) -> str:
    return "SCRN-1" if stage == "screened" else f"WRLD-{ORDER.index(stage) + 1}"


def weekday_before(now: datetime, count: int) -> datetime:
    """Seven o'clock, so many weekdays before today; after, if negative."""
    day, step = now.replace(hour=7, minute=0, second=0, microsecond=0), -1 if count > 0 else 1
    while count:
        day += timedelta(days=step)
        count += step if day.weekday() < 5 else 0
    return day


async def live(tx: Tx, site: Site, worlds: list[World], now: datetime) -> None:
    """Every stage at one centre, with a place for the person of each of these worlds."""
    for stage, days in STAGES.items():
        await _stage(tx, stage, site, worlds, weekday_before(now, days))


async def _stage(tx: Tx, stage: str, site: Site, worlds: list[World], starts_at: datetime) -> None:
    planned, unit = starts_at - timedelta(days=20), await units.get(tx, code_of(stage))
    plan = sessions.Plan(site.room.id, unit.id, "fr", starts_at, seats=3)
    session = await sessions.plan(tx, plan, by=None, now=planned)
    if stage == "planned":
        for world in worlds:
            world.things[stage] = {"session": session}  # those who are asked see it, whatever their line
        return
    roles = ("evaluator",) if stage == "screened" else ("evaluator", "observer", "manager")
    seats = {
        role: await jury_seats.give(tx, session, site.jury[role], role, by=None, now=planned)  # type: ignore[arg-type]
        for role in roles
    }
    for world in worlds:
        world.things[stage] = {"session_id": session, "seat_id": seats["evaluator"], "code": unit.code}
    if stage == "promised":
        opening = uuid4()
        await openings.announce(
            tx, opening, session, seed_hash=openings.seed_hash(opening.bytes), draws_at=starts_at - timedelta(days=1),
            by=None, now=planned,
        )  # fmt: skip
        for world in worlds:
            world.things[stage]["opening_id"] = opening
    if stage in ("draft", "promised"):
        return
    await sessions.open_for_booking(tx, session, by=None, now=planned)
    for world in worlds if stage != "free" else ():
        await enrolments.enrol(tx, world.candidate_id, unit.id, by=None, now=planned)
        if stage == "held":
            booking = await holds.hold(tx, session, world.candidate_id, policy=PATIENT, by=None, now=planned)
        else:
            booking = await bookings.book(tx, session, world.candidate_id, by=None, now=planned)
        world.things[stage]["booking_id"] = booking
    if stage in ("free", "open", "held"):
        return
    if stage in ("missed", "excused", "turned"):
        for world in worlds:
            await lose(tx, world.things[stage], stage, at=starts_at)
        return
    await sessions.lock(tx, session, by=None, now=planned)
    if stage in ("locked", "due"):
        return
    await _hold(tx, stage, session, worlds, starts_at)
    if ORDER.index(stage) > ORDER.index("running"):
        for world in worlds:
            await _follow_up(tx, stage, world, starts_at + timedelta(hours=5))


async def _hold(tx: Tx, stage: str, session: UUID, worlds: list[World], starts_at: datetime) -> None:
    for world in worlds:
        booking = UUID(str(world.things[stage]["booking_id"]))
        await attendance.check_in(tx, booking, by=None, now=starts_at)
        await attendance.sign_contract(tx, booking, now=starts_at)
    if stage == "signed":
        return
    await sessions.start(tx, session, by=None, now=starts_at)
    await attendance.attend_all(tx, session, now=starts_at)
    if ORDER.index(stage) > ORDER.index("rated"):
        await sessions.end(tx, session, by=None, now=starts_at + timedelta(hours=4))


async def _follow_up(tx: Tx, stage: str, world: World, at: datetime) -> None:
    """From the grids on: as far as the stage goes."""
    booking, things = UUID(str(world.things[stage]["booking_id"])), world.things[stage]
    for role in ("evaluator",) if stage == "screened" else ("evaluator", "observer"):
        grid = await recordings.start(tx, booking, world.jury[role], role, now=at)  # type: ignore[arg-type]
        await ratings.rate(tx, grid, all_met(observer=role == "observer"), by=world.jury[role], now=at)
        world.grids[stage, role] = grid
        if stage == "recorded" and role == "evaluator":
            things["photo_id"] = uuid4()
            await photos.keep(tx, things["photo_id"], booking, world.jury[role], PICTURE, now=at)
        if stage != "rated":
            await recordings.submit(tx, grid, by=world.jury[role], now=at)
    if stage in ("rated", "recorded", "screened"):
        return
    outcome = "fail" if stage in ("failed", "appealed", "lodged") else "pass"
    await deliberations.record(
        tx, booking, votes=deliberations.Votes(outcome, outcome, outcome), outcome=outcome, motivation="Vu par le jury.",
        by=world.jury["manager"], now=at,
    )  # fmt: skip
    if stage == "deliberated":
        return
    decision = await decisions.take(tx, booking, taken_by=world.jury["manager"], now=at)
    things["decision_id"] = decision
    if stage == "decided":
        return
    await decisions.release(tx, decision, by=None, now=at)
    if stage == "failed":
        await objections.complaint(tx, things, world.candidate_id, world.centre_id, world.reviewer_id, at)
    if stage in ("appealed", "lodged"):
        await objections.appeal(tx, things, decision, world.reviewer_id, ruled=stage == "appealed", at=at)


async def share(tx: Tx, world: World, token: str, now: datetime) -> None:
    """A consent, an address under it, a copy of the data asked for, and an alert."""
    consent = await consents.give(
        tx, world.candidate_id, Recipient("employer", "Bati SA"), "result", purpose="embauche",
        expires_at=now + timedelta(days=90), now=now,
    )  # fmt: skip
    link = await share_links.create(tx, consent, candidate_id=world.candidate_id, token=token, now=now)
    export = await exports.ask(tx, exports.Whose(candidate_id=world.candidate_id), language="fr", now=now)
    wanted = Wish(unit=code_of("open"), language="de")
    alert = await alerts.create(tx, world.candidate_id, wanted, query="language=de", now=now)
    world.things["shared"] = {
        "consent_id": consent, "link_id": link, "export_id": export, "token": token, "alert_id": alert,
    }  # fmt: skip


async def two_centres(app: Litestar, now: datetime) -> dict[str, World]:
    """The three worlds, and the worker has done what there was to do: certificates and copies are there."""
    async with app.state.running.db.as_house().transaction() as tx:
        here, there = await two_sites(tx, now)
        outsider = await an_assessor(tx, now=now)
        people = [
            await a_person(tx, name, f"De {name}", f"{name}@example.org".lower(), now)
            for name in ("Noor", "Sam", "Kim")
        ]
        worlds = {
            "own": World(here.room.centre_id, people[0], outsider, here.spare_id, here.jury, here.room),
            "other": World(
                here.room.centre_id, people[1], there.jury["evaluator"], here.spare_id, here.jury, here.room
            ),
            "elsewhere": World(
                there.room.centre_id, people[2], here.jury["observer"], there.spare_id, there.jury, there.room
            ),
        }
        await live(tx, here, [worlds["own"], worlds["other"]], now)
        await live(tx, there, [worlds["elsewhere"]], now)
        for opening in {world.things["promised"]["opening_id"] for world in worlds.values()}:
            for person in people:
                await asks.ask(tx, UUID(str(opening)), person, now=now)
        for name, world in worlds.items():
            await share(tx, world, f"{name:-<43}", now)
            await wish(tx, world.things, world.candidate_id, (await units.get(tx, code_of("draft"))).id, now)
    await drain(app.state.running.as_house(), BY_TOPIC)
    async with app.state.running.db.as_house().read() as tx:
        for world in worlds.values():
            world.centre_code = (await centres.get(tx, world.centre_id)).code
            scanned = UUID(str(world.things["locked"]["booking_id"]))
            world.things["locked"]["check_in"] = check_in_codes.code(secret(app.state.settings), scanned)
            row = await tx.fetchrow(
                "select id, public_code from certificates.register where decision_id = $1",
                world.things["passed"]["decision_id"],
            )
            world.things["passed"] |= {"certificate_id": row["id"], "public_code": row["public_code"]}
    return worlds
