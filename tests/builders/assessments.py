"""People, units and sittings for the stories of assessment, made through the domain's own verbs."""

from datetime import date, datetime, time, timedelta
from itertools import count
from uuid import UUID, uuid4

import asyncpg
from msgspec import Struct

from assessments import (
    accreditations,
    assessors,
    candidates,
    decisions,
    deliberations,
    qualifications,
    ratings,
    recordings,
    schemes,
    standards,
    trades,
    units,
)
from assessments.grids import ConformityItem, Criterion, Grid, Indicator
from assessments.marking import Mark, Outcome, Rating
from scheduling import attendance, bookings, centres, jury_seats, opening_hours, rooms, sessions, sites

Tx = asyncpg.Connection
NUMBERS = count(1)
LABEL = {"fr": "Monter un mur", "nl": "Een muur metselen", "en": "Build a wall", "de": "Eine Mauer bauen"}
# The smallest JPEG that photos.without_metadata leaves as it is: a header, a table, a scan of two bytes.
PICTURE = bytes.fromhex("ffd8 ffe0 0010 4a46494600 010100000100010000 ffdb 0003 01 ffda 0002 6162 ffd9")
YEARS = (date(2025, 1, 1), date(2027, 12, 31))

# Two criteria: 1.1 is eliminatory, and two of the first three are enough; one of the last two is.
GRID = Grid(
    version=1,
    languages=("fr", "nl"),
    criteria=(
        Criterion("1", LABEL, 2, (Indicator("1.1", LABEL, True), Indicator("1.2", LABEL), Indicator("1.3", LABEL))),
        Criterion("2", LABEL, 1, (Indicator("2.1", LABEL), Indicator("2.2", LABEL))),
    ),
    conformity=(ConformityItem("K1", LABEL), ConformityItem("K2", LABEL)),
)
INDICATORS = [one.code for criterion in GRID.criteria for one in criterion.indicators]
CHECKS = [item.code for item in GRID.conformity]

VALIDATION = schemes.Scheme(
    code="validation", label=LABEL, evaluators_min=1, observers_min=1, manager_required=True,
    needs_accreditation=True, issues_certificate=True, result_types=["pass", "fail"], minimum_age=18,
    failures_before_guidance=2, appeal_days=15, appeal_answer_days=20, decision_profile="cvdc",
    fee_cents=0, fee_cents_jobseeker=0,
)  # fmt: skip
SCREENING = schemes.Scheme(
    code="screening", label=LABEL, evaluators_min=1, observers_min=0, manager_required=False,
    needs_accreditation=False, issues_certificate=False, result_types=["profile"], minimum_age=18,
    failures_before_guidance=0, appeal_days=0, appeal_answer_days=0, decision_profile="none",
    fee_cents=0, fee_cents_jobseeker=0,
)  # fmt: skip


async def news(tx: Tx, prefix: str = "") -> list[str]:
    """The topics in the outbox, oldest first."""
    rows = await tx.fetch("select topic from service.outbox where starts_with(topic, $1) order by id", prefix)
    return [row["topic"] for row in rows]


def letters(number: int) -> str:
    return "".join(chr(ord("A") + number // 26**place % 26) for place in range(3))


async def a_candidate(tx: Tx, *, now: datetime, candidate_id: UUID | None = None) -> UUID:
    registration = candidates.Registration(
        given_name="Noor",
        family_name="Peeters",
        birth_date=date(1990, 5, 17),
        email=f"noor{next(NUMBERS)}@example.org",
        language="fr",
        status="jobseeker",
    )
    return await candidates.register(tx, registration, candidate_id=candidate_id, now=now)


async def an_assessor(
    tx: Tx,
    *,
    now: datetime,
    qualified_for: UUID | None = None,
    roles: tuple[str, ...] = ("evaluator",),
    centre_id: UUID | None = None,
    languages: tuple[str, ...] = ("fr", "nl"),
    assessor_id: UUID | None = None,
) -> UUID:
    """`qualified_for`: a trade, in all of `roles`, for 2025 to 2027."""
    assessor = await assessors.register(
        tx,
        given_name="Ahmed",
        family_name="Lambert",
        email=f"ahmed{next(NUMBERS)}@example.org",
        languages=list(languages),
        centre_id=centre_id,
        assessor_id=assessor_id,
        now=now,
    )
    for role in roles if qualified_for else ():
        await qualifications.qualify(tx, assessor, qualified_for, role, first_day=YEARS[0], last_day=YEARS[1])  # type: ignore[arg-type]
    return assessor


def a_content(grid: Grid = GRID) -> standards.Content:
    return standards.Content(
        duration_minutes=240, setup_minutes=30, teardown_minutes=30, candidates_per_evaluator=4, room_kind="workshop",
        equipment_kind=None, languages=("fr", "nl"), task=LABEL, conditions=LABEL, grid=grid,
    )  # fmt: skip


async def a_unit(tx: Tx, *, now: datetime, scheme: schemes.Scheme = VALIDATION, grid: Grid = GRID) -> units.Unit:
    """A trade of its own, its one unit and the unit's published standard."""
    await schemes.put(tx, scheme)
    trade = f"M{letters(next(NUMBERS))}"
    await trades.put(
        tx, trade, centre_code="construcity", scheme=scheme.code, label=LABEL, rome="F1703", isco="7112", esco=uuid4(),
        esco_label="maçon",
    )  # fmt: skip
    await units.put(tx, f"{trade}-1", trade_code=trade, label=LABEL, proposal=False)
    unit = await units.get(tx, f"{trade}-1")
    await standards.publish(tx, await standards.draft(tx, unit.id, a_content(grid)), now=now)
    return unit


async def a_room(tx: Tx) -> rooms.Room:
    """A workshop of a centre of its own, open on weekdays."""
    centre = await centres.found(
        tx, code=f"construcity{letters(next(NUMBERS)).lower()}", name="Construcity", sector=LABEL, email="c@example.org"
    )
    site = await sites.add(
        tx, centre_id=centre, name="Atelier", street="Rue Royale 45", postcode="1000", municipality="Bruxelles"
    )
    room = await rooms.add(tx, centre_id=centre, site_id=site, name="Atelier 1", kind="workshop", stations=8)
    for weekday in range(1, 6):
        await opening_hours.set_day(tx, room_id=room, weekday=weekday, opens=time(7), closes=time(21))
    return await rooms.get(tx, room)


class Sitting(Struct, frozen=True):
    """A candidate in a running session, before its jury."""

    booking: UUID
    candidate: UUID
    session: UUID
    unit: units.Unit
    centre: UUID
    evaluator: UUID
    observer: UUID
    manager: UUID
    test_day: datetime


async def a_sitting(
    tx: Tx, *, now: datetime, scheme: schemes.Scheme = VALIDATION, unit: units.Unit | None = None, attended: bool = True
) -> Sitting:
    """A candidate who attends a session with an evaluator, an observer and a manager, two weeks from now."""
    unit = unit or await a_unit(tx, now=now, scheme=scheme)
    room = await a_room(tx)
    await accreditations.grant(
        tx, room.centre_id, unit.trade_id, first_day=YEARS[0], last_day=YEARS[1], reference="AGR"
    )
    starts_at = now.replace(hour=7, minute=0) + timedelta(days=14)
    plan = sessions.Plan(room_id=room.id, unit_id=unit.id, language="fr", starts_at=starts_at, seats=2)
    session = await sessions.plan(tx, plan, by=None, now=now)
    evaluator = await an_assessor(tx, now=now, qualified_for=unit.trade_id, centre_id=room.centre_id)
    observer = await an_assessor(tx, now=now, qualified_for=unit.trade_id, roles=("observer",))
    manager = await an_assessor(tx, now=now, centre_id=room.centre_id)
    await jury_seats.give(tx, session, evaluator, "evaluator", by=None, now=now)
    await jury_seats.give(tx, session, observer, "observer", by=None, now=now)
    await jury_seats.give(tx, session, manager, "manager", by=None, now=now)
    await sessions.open_for_booking(tx, session, by=None, now=now)
    candidate = await a_candidate(tx, now=now)
    booking = await bookings.book(tx, session, candidate, by=None, now=now)
    await sessions.lock(tx, session, by=None, now=now)
    await attendance.check_in(tx, booking, by=None, now=starts_at)
    await attendance.sign_contract(tx, booking, now=starts_at)
    if attended:
        await sessions.start(tx, session, by=None, now=starts_at)
        await attendance.attend_all(tx, session, now=starts_at)
    return Sitting(booking, candidate, session, unit, room.centre_id, evaluator, observer, manager, starts_at)


def all_met(*, observer: bool = False, **changes: Mark) -> list[Rating]:
    """The whole grid met, except for `i1_1="not_met"` and the like; with the check-list for the observer."""
    marks: dict[str, Mark] = {code: "met" for code in INDICATORS + (CHECKS if observer else [])}
    marks |= {name.removeprefix("i").replace("_", "."): mark for name, mark in changes.items()}
    return [Rating(code, mark, "hors de vue" if mark == "not_observed" else "") for code, mark in marks.items()]


async def recorded(tx: Tx, sitting: Sitting, **changes: Mark) -> None:
    """Both have submitted: the evaluator with these changes, the observer with everything met."""
    at = sitting.test_day + timedelta(hours=4)
    for assessor, role in ((sitting.evaluator, "evaluator"), (sitting.observer, "observer")):
        recording = await recordings.start(tx, sitting.booking, assessor, role, now=at)  # type: ignore[arg-type]
        marks = all_met(observer=True) if role == "observer" else all_met(**changes)
        await ratings.rate(tx, recording, marks, by=assessor, now=at)
        await recordings.submit(tx, recording, by=assessor, now=at)


async def deliberated(tx: Tx, sitting: Sitting, outcome: Outcome = "pass") -> UUID:
    """The jury is of one mind, and says why where the grid says something else."""
    votes = deliberations.Votes(outcome, outcome, outcome)
    at = sitting.test_day + timedelta(hours=5)
    return await deliberations.record(
        tx, sitting.booking, votes=votes, outcome=outcome, motivation="Vu par le jury.", by=sitting.manager, now=at
    )


async def a_released_decision(
    tx: Tx, *, now: datetime, outcome: Outcome = "fail", scheme: schemes.Scheme = VALIDATION
) -> tuple[Sitting, UUID]:
    """The whole way to a decision that the candidate was told on the test day; the sitting and the decision's id."""
    sitting = await a_sitting(tx, now=now, scheme=scheme)
    await recorded(tx, sitting)
    await deliberated(tx, sitting, outcome)
    at = sitting.test_day + timedelta(hours=6)
    decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=at)
    await decisions.release(tx, decision, by=sitting.manager, now=at)
    return sitting, decision
