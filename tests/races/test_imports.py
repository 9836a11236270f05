"""A line of a list is written while somebody books, plans or opens: one transaction is held open, the other begins
inside it. Whoever comes second is refused, and what is refused is this line alone."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from assessments import candidates
from scheduling import bookings, jury_seats, refusals, sessions
from service import accounts, check, import_lines, imports
from service.db import Database
from service.importing import steps
from tests.builders.lists import PEOPLE, SESSIONS, as_csv
from tests.builders.stage import Stage, a_stage
from tests.races.test_bookings import Act, Tx, book, db, meet, stage

__all__ = ["db", "stage"]  # fixtures


async def ordered(db: Database, stage: Stage, kind: imports.Kind, file: bytes) -> UUID:
    """Checked while nothing stood in its way, and ordered."""
    async with db.transaction() as tx:
        manager = await accounts.register(
            tx, email=f"{kind}@example.org", role="manager", language="fr", centre_id=stage.centre, now=stage.now
        )
        by = await accounts.get(tx, manager)
        import_id = await imports.ask(tx, kind, stage.centre, name="a.csv", file=file, by=by, now=stage.now)
    while not await is_checked(db, import_id):
        await steps.one_step(db, now=stage.now)
    async with db.transaction() as tx:
        await imports.order(tx, import_id, by=by.id, now=stage.now)
    return import_id


async def is_checked(db: Database, import_id: UUID) -> bool:
    async with db.read() as tx:
        return (await imports.get(tx, import_id)).checked_at is not None


def writing(stage: Stage) -> Act:
    """What the worker does next."""

    async def act(tx: Tx) -> None:
        asked = await imports.take(tx)
        assert asked is not None
        await steps.step(tx, asked, now=stage.now)

    return act


async def codes(db: Database, import_id: UUID) -> list[tuple[bool, list[str]]]:
    """Of each line whether it is written, and what is said of it."""
    async with db.read() as tx:
        lines = await import_lines.page(tx, import_id)
    return [(line.written_at is not None, [finding.code for finding in line.findings]) for line in lines]


async def sound(db: Database, stage: Stage) -> None:
    async with db.read() as tx:
        assert [(one.rule, one.examples) for one in await check.audit(tx, now=stage.now) if one.violations] == []


@pytest.mark.parametrize("import_first", [True, False])
async def test_a_list_moves_a_session_while_a_busy_candidate_books(
    db: Database, stage: Stage, import_first: bool
) -> None:
    """They have another test at the new hour. The other line of the list is written either way."""
    day = stage.morning.date()
    async with db.transaction() as tx:
        candidate, other = await stage.candidate(tx), await a_stage(tx, stage.now)
        elsewhere = await other.open(tx, starts_at=stage.morning + timedelta(days=1))
        await bookings.book(tx, elsewhere, candidate, by=None, now=stage.now)
        session = await stage.open(tx)
        unit = await tx.fetchval("select code from assessments.units where id = $1", stage.unit)
    moved = (str(session), "Labo CISCO", unit, "fr", str(day + timedelta(days=1)), "09:00", "2", "", "", "", "yes")
    new = ("S-2", "Labo CISCO", unit, "fr", str(day + timedelta(days=2)), "09:00", "2", "", "", "", "no")
    import_id = await ordered(db, stage, "sessions", as_csv(SESSIONS, moved, new))
    pair: tuple[Act, Act] = (writing(stage), book(session, candidate, stage.now))
    outcome = await meet(db, *(pair if import_first else pair[::-1]))
    if import_first:
        assert isinstance(outcome, refusals.CandidateBusy)
        assert await codes(db, import_id) == [(True, []), (True, [])]
    else:
        assert outcome is None
        assert await codes(db, import_id) == [(False, ["candidate-busy"]), (True, [])]
    await sound(db, stage)


@pytest.mark.parametrize("import_first", [True, False])
async def test_a_list_and_a_planner_want_the_same_room(db: Database, stage: Stage, import_first: bool) -> None:
    async with db.transaction() as tx:
        unit = await tx.fetchval("select code from assessments.units where id = $1", stage.unit)
    line = ("S-1", "Labo CISCO", unit, "fr", str(stage.morning.date()), "09:00", "2", "", "", "", "no")
    import_id = await ordered(db, stage, "sessions", as_csv(SESSIONS, line))

    async def plan(tx: Tx) -> None:
        wish = sessions.Plan(stage.room, stage.unit, "fr", stage.morning + timedelta(hours=1), 2)
        await sessions.plan(tx, wish, by=None, now=stage.now)

    pair: tuple[Act, Act] = (writing(stage), plan)
    outcome = await meet(db, *(pair if import_first else pair[::-1]))
    if import_first:
        assert isinstance(outcome, refusals.RoomBusy)
    assert await codes(db, import_id) == ([(True, [])] if import_first else [(False, ["room-busy"])])
    await sound(db, stage)


async def test_a_room_shrinks_while_a_session_in_it_opens(db: Database, stage: Stage) -> None:
    async with db.transaction() as tx:
        session = await stage.draft(tx)
        for role, person in (("evaluator", stage.evaluator), ("observer", stage.observer)):
            await jury_seats.give(tx, session, person, role, by=None, now=stage.now)  # type: ignore[arg-type]
        row = ("Auderghem", "Labo CISCO", "cisco-lab", "1")
    import_id = await ordered(db, stage, "rooms", as_csv(("site", "name", "kind", "stations"), row))

    async def open_it(tx: Tx) -> None:
        await sessions.open_for_booking(tx, session, by=None, now=stage.now)

    outcome = await meet(db, writing(stage), open_it)
    assert isinstance(outcome, refusals.SeatsExceedCapacity)
    assert await codes(db, import_id) == [(True, [])]
    await sound(db, stage)


async def test_two_workers_write_one_list_once(db: Database, stage: Stage) -> None:
    """The second finds nothing to do while the first has it, and waits for nothing."""
    people = [("", f"p{n}@example.org", "A", "B", "1990-01-01", "fr", "worker") for n in range(10)]
    await ordered(db, stage, "candidates", as_csv(PEOPLE, *people))

    async def second(tx: Tx) -> bool:
        return await imports.take(tx) is None

    assert await meet(db, writing(stage), second) is True
    async with db.read() as tx:
        assert await tx.fetchval("select count(*) from assessments.candidates") == 10


async def test_who_registers_meanwhile_is_refused_alone_among_those_brought_together(
    db: Database, stage: Stage
) -> None:
    """New lines are written by one statement; the one that it stumbles over stays out, and no other."""
    people = [("", f"p{n}@example.org", "A", "B", "1990-01-01", "fr", "worker") for n in range(7)]
    import_id = await ordered(db, stage, "candidates", as_csv(PEOPLE, *people))

    async def register(tx: Tx) -> None:
        noor = candidates.Registration("Noor", "Peeters", date(1990, 5, 17), "P4@example.org", "nl", "worker")
        await candidates.register(tx, noor, now=stage.now)

    assert await meet(db, register, writing(stage)) is None
    expected: list[tuple[bool, list[str]]] = [(True, [])] * 7
    expected[4] = (False, ["candidate-email-known"])
    assert await codes(db, import_id) == expected
    async with db.read() as tx:
        assert await tx.fetchval("select count(*) from assessments.candidates where language = 'fr'") == 6
        assert await tx.fetchval("select count(*) from service.accounts where role = 'candidate'") == 6
    await sound(db, stage)
