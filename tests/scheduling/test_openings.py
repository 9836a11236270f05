"""Fair openings: announced, asked for, drawn once and verifiably."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from assessments import enrolments
from scheduling import asks, bookings, jury_seats, openings, refusals, sessions
from service import db as database
from service import draws, withdrawals
from service.accounts import Account
from service.api.openings import shown
from service.db import Database, translated
from service.draw_recipe import RECIPE
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
KEY = b"k" * 32
HOURS = timedelta(hours=1)


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


def manager(stage: Stage) -> Account:
    return Account(uuid4(), "manager@example.org", "manager", stage.centre, None, stage.manager, "fr")


async def announced(tx: Tx, stage: Stage, *, seats: int = 2, hours: int = 24) -> tuple[UUID, UUID]:
    """A session that is ready to open, and its opening: both ids."""
    session_id = await stage.draft(tx, seats=seats)
    for assessor, role in ((stage.evaluator, "evaluator"), (stage.observer, "observer"), (stage.manager, "manager")):
        await jury_seats.give(tx, session_id, assessor, role, by=None, now=stage.now)  # type: ignore[arg-type]
    draws_at = stage.now + hours * HOURS
    opening_id = await draws.announce(tx, session_id, manager(stage), draws_at=draws_at, key=KEY, now=stage.now)
    return session_id, opening_id


async def drawn(tx: Tx, opening_id: UUID, *, now: datetime) -> list[asks.Ask]:
    opening = await openings.take_due(tx, now=now)
    assert opening is not None
    assert opening.id == opening_id
    await draws.draw(tx, opening, seed=draws.seed_of(KEY, opening.id), now=now)
    return await asks.of_opening(tx, opening_id)


async def refused(tx: Tx, refusal: type[Exception], act: object) -> None:
    with pytest.raises(refusal), translated(tx):
        async with tx.transaction():
            await act  # type: ignore[misc]


async def test_who_withdraws_from_the_unit_takes_part_in_no_draw_of_it(tx: Tx, stage: Stage) -> None:
    """A draw enrols whom it places: their file would be open again behind their back."""
    _, opening_id = await announced(tx, stage)
    person, other = await stage.candidate(tx), await stage.candidate(tx)
    for each in (person, other):
        await asks.ask(tx, opening_id, each, now=stage.now)
    file = await enrolments.enrol(tx, person, stage.unit, by=None, now=stage.now)
    assert (await withdrawals.before(tx, file, now=stage.now)).draws == 1
    await withdrawals.withdraw(tx, file, by=None, now=stage.now)
    found = await drawn(tx, opening_id, now=stage.now + 24 * HOURS)
    assert [(ask.candidate_id, ask.outcome) for ask in found] == [(other, "placed")]
    assert (await enrolments.get(tx, file)).withdrawn_at is not None


async def test_places_go_by_the_published_seed_and_not_by_who_was_first(tx: Tx, stage: Stage) -> None:
    session_id, opening_id = await announced(tx, stage)
    people = [await stage.candidate(tx) for _ in range(7)]
    for minute, person in enumerate(people):
        await asks.ask(tx, opening_id, person, now=stage.now + timedelta(minutes=minute))
    assert await openings.take_due(tx, now=stage.now + 23 * HOURS) is None, "before its time"
    committed = (await openings.get(tx, opening_id)).seed_hash
    found = await drawn(tx, opening_id, now=stage.now + 24 * HOURS)

    opening = await openings.get(tx, opening_id)
    assert opening.seed is not None
    assert hashlib.sha256(opening.seed).digest() == committed
    by_hand = sorted(found, key=lambda ask: hashlib.sha256(opening.seed + ask.id.bytes).hexdigest())  # type: ignore[operator]
    assert [ask.position for ask in by_hand] == [1, 2, 3, 4, 5, 6, 7]
    assert [ask.outcome for ask in by_hand] == ["placed"] * 2 + ["no_place_left"] * 5
    assert (
        [(await bookings.get(tx, ask.booking_id)).candidate_id for ask in by_hand[:2]]
        == [  # type: ignore[arg-type]
            ask.candidate_id for ask in by_hand[:2]
        ]
    )
    assert (await sessions.get(tx, session_id)).state == "full"
    told = await tx.fetch("select topic, count(*) from service.outbox where topic ~ 'ask|opening|confirmed' group by 1")
    assert dict(tuple(row) for row in told) == {  # type: ignore[misc]
        "opening.announced": 1,
        "opening.drawn": 1,
        "ask.drawn": 7,
        "booking.confirmed": 2,
    }
    assert await openings.take_due(tx, now=stage.now + 25 * HOURS) is None, "once"


async def test_whoever_a_rule_refuses_falls_out_and_the_next_gets_the_place(tx: Tx, stage: Stage) -> None:
    session_id, opening_id = await announced(tx, stage)
    people = [await stage.candidate(tx) for _ in range(4)]
    for person in people:
        await asks.ask(tx, opening_id, person, now=stage.now)
    of_person = {ask.candidate_id: ask.id for ask in await asks.of_opening(tx, opening_id)}
    first = min(people, key=lambda person: openings.rank(draws.seed_of(KEY, opening_id), of_person[person]))
    await stage.link(tx, stage.evaluator, first)  # after the ask: looked at again in the draw
    found = await drawn(tx, opening_id, now=stage.now + 24 * HOURS)
    assert [(ask.outcome, ask.refusal) for ask in found] == [
        ("fell_out", "assessor-knows-candidate"),
        ("placed", None),
        ("placed", None),
        ("no_place_left", None),
    ]
    assert await tx.fetchval("select count(*) from assessments.enrolments where candidate_id = $1", first) == 0
    assert (await sessions.get(tx, session_id)).taken == 2


async def test_places_left_over_are_open_to_all(tx: Tx, stage: Stage) -> None:
    session_id, opening_id = await announced(tx, stage)
    await asks.ask(tx, opening_id, await stage.candidate(tx), now=stage.now)
    await drawn(tx, opening_id, now=stage.now + 24 * HOURS)
    later = stage.now + 25 * HOURS
    await bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=later)
    assert (await sessions.get(tx, session_id)).state == "full"


async def test_one_ask_each_that_can_be_taken_back_within_the_window_only(tx: Tx, stage: Stage) -> None:
    _, opening_id = await announced(tx, stage)
    noor, sam = await stage.candidate(tx), await stage.candidate(tx)
    first = await asks.ask(tx, opening_id, noor, now=stage.now)
    assert await asks.ask(tx, opening_id, noor, now=stage.now + HOURS) == first
    await asks.withdraw(tx, opening_id, noor, now=stage.now + HOURS)
    assert await asks.of_opening(tx, opening_id) == []
    assert (await asks.ask(tx, opening_id, noor, now=stage.now + 2 * HOURS)).id == first.id
    over = stage.now + 24 * HOURS
    await refused(tx, refusals.OpeningOver, asks.ask(tx, opening_id, sam, now=over))
    await refused(tx, refusals.OpeningOver, asks.withdraw(tx, opening_id, noor, now=over))
    await drawn(tx, opening_id, now=over)
    await refused(tx, refusals.OpeningOver, asks.ask(tx, opening_id, sam, now=stage.now + HOURS))


async def test_what_is_announced_is_opened_by_the_draw_alone(tx: Tx, stage: Stage) -> None:
    session_id, opening_id = await announced(tx, stage)
    await refused(
        tx, refusals.OpeningAnnounced, sessions.open_for_booking(tx, session_id, by=None, now=stage.now + HOURS)
    )
    again = draws.announce(tx, session_id, manager(stage), draws_at=stage.now + 9 * HOURS, key=KEY, now=stage.now)
    await refused(tx, refusals.OpeningAnnounced, again)
    await refused(
        tx, refusals.SessionNotOpen, bookings.book(tx, session_id, await stage.candidate(tx), by=None, now=stage.now)
    )
    await openings.call_off(tx, opening_id, by=None, now=stage.now)
    await sessions.open_for_booking(tx, session_id, by=None, now=stage.now)


async def test_a_promise_that_cannot_be_kept_is_not_made(tx: Tx, stage: Stage) -> None:
    draft = await stage.draft(tx)  # nobody evaluates
    for draws_at, refusal in (
        (stage.now + HOURS, refusals.SeatsExceedCapacity),
        (stage.morning, refusals.DrawTooLate),
        (stage.now, refusals.DrawTooLate),
    ):
        if refusal is refusals.DrawTooLate and draft is not None:
            draft = await ready(tx, stage, draft)
        wish = draws.announce(tx, draft, manager(stage), draws_at=draws_at, key=KEY, now=stage.now)
        await refused(tx, refusal, wish)
    assert (await sessions.get(tx, draft)).state == "draft"
    assert await tx.fetchval("select count(*) from service.outbox where topic = 'session.opened'") == 0


async def ready(tx: Tx, stage: Stage, session_id: UUID) -> UUID:
    if not await jury_seats.of_session(tx, session_id):
        await jury_seats.give(tx, session_id, stage.evaluator, "evaluator", by=None, now=stage.now)
    return session_id


async def test_a_draw_that_cannot_be_is_called_off(tx: Tx, stage: Stage) -> None:
    session_id, opening_id = await announced(tx, stage)
    await asks.ask(tx, opening_id, await stage.candidate(tx), now=stage.now)
    await tx.execute("delete from assessments.accreditations where centre_id = $1", stage.centre)
    await drawn(tx, opening_id, now=stage.now + 24 * HOURS)
    assert (await openings.get(tx, opening_id)).state == "called_off"
    assert (await sessions.get(tx, session_id)).state == "draft"
    topics = [row["topic"] for row in await tx.fetch("select topic from service.outbox where topic ~ 'opening'")]
    assert topics == ["opening.announced", "opening.called_off"]


async def test_another_key_draws_nothing(tx: Tx, stage: Stage) -> None:
    _, opening_id = await announced(tx, stage)
    opening = await openings.take_due(tx, now=stage.now + 24 * HOURS)
    assert opening is not None
    await draws.draw(tx, opening, seed=draws.seed_of(b"x" * 32, opening_id), now=stage.now + 24 * HOURS)
    assert (await openings.get(tx, opening_id)).state == "called_off"


async def test_postgresql_takes_no_other_seed_than_the_one_that_was_published(tx: Tx, stage: Stage) -> None:
    _, opening_id = await announced(tx, stage)
    with pytest.raises(asyncpg.CheckViolationError, match="seed"):
        await openings.reveal(tx, opening_id, b"\1" * 32, now=stage.now + 24 * HOURS)


# Races, staged; what commits needs a database of its own.


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = await database.connect(database_url, house=True)
    yield opened
    await opened.close()


async def test_two_workers_draw_once(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        stage = await a_stage(tx, now)
        _, opening_id = await announced(tx, stage)
        for _ in range(3):
            await asks.ask(tx, opening_id, await stage.candidate(tx), now=now)
    due = now + 24 * HOURS
    async with db.transaction() as tx:
        await drawn(tx, opening_id, now=due)
        async with db.transaction() as rival:
            assert await openings.take_due(rival, now=due) is None, "it is being drawn"
    async with db.transaction() as rival:
        assert await openings.take_due(rival, now=due) is None, "it was drawn"
        assert await rival.fetchval("select count(*) from scheduling.bookings") == 2


async def test_an_ask_that_meets_the_draw_waits_and_is_too_late(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        stage = await a_stage(tx, now)
        _, opening_id = await announced(tx, stage)
        late = await stage.candidate(tx)

    async def ask() -> None:
        async with db.transaction() as tx:
            await asks.ask(tx, opening_id, late, now=now + 23 * HOURS)  # its clock is behind

    async with db.transaction() as tx:
        await drawn(tx, opening_id, now=now + 24 * HOURS)
        rival = asyncio.create_task(ask())
        await asyncio.sleep(0.2)
        assert not rival.done()
    with pytest.raises(refusals.OpeningOver):
        await rival


async def test_the_recipe_on_the_page_finds_the_same_order(tx: Tx, stage: Stage, tmp_path: Path) -> None:
    """A stranger's twenty lines, run as a program of its own on what the interface publishes."""
    _, opening_id = await announced(tx, stage)
    for _ in range(9):
        await asks.ask(tx, opening_id, await stage.candidate(tx), now=stage.now)
    await drawn(tx, opening_id, now=stage.now + 24 * HOURS)
    published = shown(await openings.get(tx, opening_id), await asks.of_opening(tx, opening_id))
    said = json.loads(msgspec.json.encode(published))
    program, document = tmp_path / "verify.py", tmp_path / "opening.json"
    program.write_text(RECIPE)

    def verdict() -> tuple[int, str]:
        document.write_text(json.dumps(said))
        done = subprocess.run(
            [sys.executable, "-I", str(program), str(document)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    assert len(RECIPE.splitlines()) <= 20
    status, printed = verdict()
    assert (status, "The draw is true" in printed) == (0, True), printed
    said["asks"][0], said["asks"][1] = said["asks"][1], said["asks"][0]
    assert verdict()[0] == 1
    said["asks"][0], said["asks"][1] = said["asks"][1], said["asks"][0]
    said["seed"] = "00" * 32
    assert verdict()[0] == 1
