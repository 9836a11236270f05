"""An assessor who leaves: nothing is left of who they were; what they judged holds, and whoever waits for them is waited for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from assessments import appeal_reviewers, appeals, assessors, departures, recordings
from assessments.outcome_refusals import AssessorAwaited
from scheduling import availability_exceptions, jury_seats
from scheduling.refusals import BY_CONSTRAINT, AssessorLeaving
from service import assessor_erasures, audit, check, exports, logins, mails, retention, wiring
from service.db import speak_json
from service.exports import Whose
from service.outbox import drain
from service.reactions import BY_TOPIC
from tests.builders.archive import an_archive
from tests.builders.assessments import a_sitting, an_assessor
from tests.builders.outcomes import World, a_world, react
from tests.builders.privacy import everything
from tests.builders.refused import refused
from tests.builders.rivals import held_up
from tests.builders.stage import a_stage
from tests.builders.watch import Watch
from tests.builders.web import settings_for
from tests.service.test_assessor_data import on_record

Tx = asyncpg.Connection
NAMES = ("Claude", "Vandenbroucke", "claude@example.org", "claude.v@example.org", "Bati", "diplôme", "secret-token")
MONTH = timedelta(days=31)


@pytest.fixture
async def world(tx: Tx, now: datetime) -> World:
    return await a_world(tx, now)


async def known(tx: Tx, world: World, now: datetime) -> None:
    """Give the evaluator of the passed test a name of their own, and leave traces of it wherever traces can be left."""
    await on_record(tx, world.passed, now)
    one = world.passed.evaluator
    await tx.execute(
        """update assessments.assessors set given_name = 'Claude', family_name = 'Vandenbroucke', employer = 'Bati SA',
               email = 'claude.v@example.org' where id = $1""",
        one,
    )
    await tx.execute(
        "update scheduling.jury_seats set despite = 'Claude est d’accord' where assessor_id = $1 and session_id = $2",
        one,
        world.passed.session,
    )
    await exports.ask(tx, Whose(assessor_id=one), language="fr", now=now)
    await mails.write(tx, mails.Draft("claude@example.org", "Bonjour Claude", "Claude"), outbox_id=1, now=now)


async def test_of_the_assessor_nothing_is_left(tx: Tx, world: World) -> None:
    at = world.now + MONTH
    await known(tx, world, world.now)
    before = await everything(tx)
    assert all(name in before for name in NAMES)
    await assessor_erasures.carry_out(tx, world.passed.evaluator, by=None, now=at)
    after = await everything(tx)
    assert [name for name in NAMES if name in after] == []
    assert await logins.held(tx, ["cookie"], now=at) == [None]
    gone = await assessors.get(tx, world.passed.evaluator)
    assert (gone.erased_at, gone.given_name) == (at, "–")
    said = await tx.fetchval(
        "select count(*) from service.audit where subject = 'scheduling.availability_exceptions' and subject_id is not null"
    )
    assert said == 0, "when they could not come is not in the trail either"


async def test_what_they_judged_holds(tx: Tx, world: World) -> None:
    """Seals, votes, the register, the reports and the rules about juries: all as before."""
    at = world.now + MONTH
    await known(tx, world, world.now)
    await appeals.answer(tx, world.appeal, "rejected", "Non fondé", reviewer_id=world.reviewer, now=world.now)
    grids = {grid.id: grid for grid in await recordings.of_booking(tx, world.passed.booking)}
    spots = await tx.fetchval("select count(*) from service.occupied_spots")
    for one in (world.passed.evaluator, world.passed.observer, world.failed.evaluator, world.reviewer):
        await assessor_erasures.carry_out(tx, one, by=None, now=at)
    after = {grid.id: grid for grid in await recordings.of_booking(tx, world.passed.booking)}
    assert after == grids
    assert {recordings.digest(grid) for grid in after.values()} == {grid.digest for grid in grids.values()}
    assert await tx.fetchval("select count(*) from service.occupied_spots") == spots
    assert await tx.fetchval(
        "select count(*) = 1 from assessments.appeal_reviewers where assessor_id = $1", world.reviewer
    )
    await react(tx)
    findings = await check.audit(tx, now=at)
    assert [found for found in findings if found.violations] == []
    looked_at = {found.invariant: found.looked_at for found in findings if found.invariant}
    assert next(found.looked_at for found in findings if found.rule == "erasures") == 4
    assert min(looked_at[invariant] for invariant in (7, 14, 16)) > 0, "guidance, reviewers, occupied spots"


async def test_an_erasure_that_forgot_something_is_found(tx: Tx, world: World) -> None:
    await assessor_erasures.carry_out(tx, world.passed.evaluator, by=None, now=world.now + MONTH)
    await tx.execute("update assessments.assessors set employer = 'Bati' where id = $1", world.passed.evaluator)
    findings = await check.audit(tx, now=world.now + MONTH)
    assert [found.rule for found in findings if found.violations] == ["erasures"]


async def test_who_is_waited_for_waits_to_be_erased_and_hears_why(tx: Tx, world: World) -> None:
    """A coming seat; a result, and the time to appeal; an appeal that is open; an account of staff."""
    evening, later = world.now, world.now + MONTH
    assert await departures.awaits(tx, world.coming_evaluator, now=later) == ["seat"]
    assert await departures.awaits(tx, world.passed.evaluator, now=evening) == ["appeal"]
    assert await departures.awaits(tx, world.passed.evaluator, now=later) == []
    assert await departures.awaits(tx, world.passed.manager, now=evening) == ["seat", "appeal"]
    assert await departures.awaits(tx, world.failed.evaluator, now=later) == ["appeal"]
    assert await departures.awaits(tx, world.reviewer, now=later) == ["appeal"]
    async with refused(tx, AssessorAwaited):
        await assessor_erasures.carry_out(tx, world.failed.evaluator, by=None, now=later)
    await appeals.answer(tx, world.appeal, "upheld", "Vu", reviewer_id=world.reviewer, now=evening)
    assert await departures.awaits(tx, world.reviewer, now=later) == ["appeal"], "until the decision is revised"
    centre = await tx.fetchval("select id from scheduling.centres limit 1")
    await tx.execute(
        """insert into service.accounts (email, role, centre_id, assessor_id, language, created_at)
           values ('m@example.org', 'manager', $1, $2, 'fr', now())""",
        centre,
        world.passed.observer,
    )
    assert await departures.awaits(tx, world.passed.observer, now=later) == ["account"]


async def test_a_result_that_is_to_come_is_waited_for(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await tx.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, sitting.test_day)
    assert await departures.awaits(tx, sitting.observer, now=sitting.test_day + MONTH) == ["result"]


async def test_who_asked_gets_no_new_duty_until_they_change_their_mind(tx: Tx, world: World) -> None:
    one, at = world.coming_observer, world.now
    await assessors.leave(tx, one, now=at)
    await assessors.leave(tx, one, now=at + MONTH)
    assert await departures.leaving_since(tx, one) == at
    assert [(left.assessor_id, left.awaits) for left in await departures.leaving(tx, None, now=at)] == [(one, ["seat"])]
    await tx.execute("update scheduling.jury_seats set released_at = $2 where assessor_id = $1", one, at)
    async with refused(tx, AssessorLeaving):
        await jury_seats.give(tx, world.coming, one, "observer", by=None, now=at)
    async with refused(tx, AssessorLeaving):
        await appeal_reviewers.appoint(tx, world.appeal, one, now=at)
    await assessors.stay(tx, one)
    await jury_seats.give(tx, world.coming, one, "observer", by=None, now=at)
    assert await departures.leaving(tx, None, now=at) == []


async def test_the_audit_trail_can_still_be_proved(database_url: str, tmp_path: Path, now: datetime) -> None:
    """Sealed before, blanked, sealed after: each leaf still stands."""
    async with an_archive(database_url, tmp_path, now) as archive:
        async with archive.process.db.transaction() as tx:
            one = await an_assessor(tx, now=now)
            await availability_exceptions.say(
                tx, assessor_id=one, starts_at=now, ends_at=now + timedelta(days=1), can_come=False, by=None, now=now
            )
        await archive.seal()
        async with archive.process.db.transaction() as tx:
            await assessor_erasures.carry_out(tx, one, by=None, now=now + MONTH)
            assert await audit.erasures(tx)
        await archive.seal()
        assert await archive.verdict() == 0


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def process(database_url: str, tmp_path: Path, watch: Watch) -> AsyncIterator[wiring.Running]:
    settings = settings_for(database_url, "redis://127.0.0.1:1", tmp_path)
    async with wiring.running(settings, clock=watch, house=True) as process:
        yield process


async def test_the_night_carries_out_what_nothing_holds_and_the_centres_are_told(
    process: wiring.Running, watch: Watch, now: datetime
) -> None:
    async with process.db.transaction() as tx:
        world = await a_world(tx, now)
        for one in (world.passed.observer, world.coming_evaluator):
            await assessors.leave(tx, one, now=now)
    await drain(process, BY_TOPIC)
    async with process.db.read() as tx:
        letters = await tx.fetch("select body from service.mails where body like '%/centre/leaving%'")
    assert len(letters) == 1, "a centre counts on one of them; nobody on the other, who comes from outside"
    watch.now = world.now
    assert (await retention.apply(process, dry_run=True))["assessor_erasures"] == 0
    watch.now = world.now + MONTH
    assert (await retention.apply(process, dry_run=True))["assessor_erasures"] == 1
    assert (await retention.apply(process, dry_run=False))["assessor_erasures"] == 1
    async with process.db.read() as tx:
        assert (await assessors.get(tx, world.passed.observer)).erased_at == watch.now
        assert (await assessors.get(tx, world.coming_evaluator)).erased_at is None


async def test_a_seat_and_a_wish_at_the_same_moment(copies: Callable[[], Awaitable[str]], now: datetime) -> None:
    """Staged: the wish holds the assessor, the rival gives a seat meanwhile and is refused when it commits."""
    url = await copies()
    leaver, rival = await asyncpg.connect(url), await asyncpg.connect(url)
    for connection in (leaver, rival):
        await speak_json(connection)
    stage = await a_stage(leaver, now)
    session = await stage.open(leaver)
    someone = await an_assessor(leaver, now=now, qualified_for=stage.trade)
    held = leaver.transaction()
    await held.start()
    await assessors.leave(leaver, someone, now=now)
    seat = asyncio.create_task(jury_seats.give(rival, session, someone, "evaluator", by=None, now=now))
    await held_up(leaver, seat)
    assert not seat.done(), "it waits for the wish"
    await held.commit()
    with pytest.raises(asyncpg.CheckViolationError) as broken:
        await seat
    assert BY_CONSTRAINT[str(broken.value.constraint_name)] is AssessorLeaving
    await leaver.close()
    await rival.close()
