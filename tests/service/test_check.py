"""`preuve check`: a world made by the verbs has no violation; each rule, broken by raw SQL with the guards away, is found."""

import argparse
import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from assessments.marking import Rating, agreed, propose
from service import check
from service.settings import SettingsFault
from tests.builders.assessments import GRID, INDICATORS
from tests.builders.breaks import BREAKS
from tests.builders.outcomes import World, a_world
from tests.builders.undone import undone
from tests.builders.web import settings_for

Tx = asyncpg.Connection
Broken = Callable[[], Awaitable[dict[str, int]]]


@pytest.fixture(scope="module")
async def made(shared_url: str) -> AsyncIterator[tuple[Tx, World]]:
    """One world for all, in a transaction that is undone at the end."""
    async with undone(shared_url) as connection:
        yield connection, await a_world(connection, datetime(2026, 9, 1, 8, tzinfo=UTC))


@pytest.fixture
async def tx(made: tuple[Tx, World]) -> AsyncIterator[Tx]:
    """What a test does to the world goes back to a savepoint."""
    savepoint = made[0].transaction()
    await savepoint.start()
    yield made[0]
    await savepoint.rollback()


@pytest.fixture
def world(made: tuple[Tx, World]) -> World:
    return made[1]


@pytest.fixture
def broken(tx: Tx, world: World) -> Broken:
    """What the audit finds on the evening of the test day: the rules and how often each is broken."""

    async def rules() -> dict[str, int]:
        return {found.rule: found.violations for found in await check.audit(tx, now=world.now) if found.violations}

    return rules


async def test_a_world_made_by_the_verbs_has_no_violation(tx: Tx, world: World) -> None:
    findings = await check.audit(tx, now=world.now)
    assert [found for found in findings if found.violations] == []
    assert {found.invariant for found in findings} == {*range(1, 19), None}
    assert [found.rule for found in findings if not found.looked_at] == ["erasures"]
    assert "All 31 rules hold." in check.table(findings)


@pytest.mark.parametrize(("rule", "how", "sql"), BREAKS, ids=[f"{rule}: {how}" for rule, how, _ in BREAKS])
async def test_a_broken_rule_is_found_and_no_other(
    tx: Tx, world: World, broken: Broken, rule: str, how: str, sql: str
) -> None:
    await tx.execute("set local session_replication_role = replica")  # no triggers, no foreign keys
    await tx.execute(sql.format(**msgspec.structs.asdict(world), early=world.passed.test_day - timedelta(days=15)))
    assert list(await broken()) == [rule]


def test_every_rule_has_its_break() -> None:
    assert len({rule for rule, _, _ in BREAKS}) == 31


async def test_every_violation_belongs_to_a_rule_that_is_listed(tx: Tx) -> None:
    """And every view of violations is in the union: a new rule is a view, and a line in each of two lists."""
    listed = {row["rule"] for row in await tx.fetch("select rule from service.audited")}
    text = await tx.fetchval("select pg_get_viewdef('service.violations')")
    views = await tx.fetch(
        "select viewname from pg_views where schemaname = 'service' and starts_with(viewname, 'violations_')"
    )
    assert listed == {rule for rule, _, _ in BREAKS}
    assert all(f"service.{row['viewname']} " in text for row in views)
    assert len(views) == len(listed)


async def test_proposals_are_marked_a_second_time_like_the_first(tx: Tx, world: World) -> None:
    """Whatever two evaluators saw, the audit's SQL comes to the outcome of assessments/marking.py, and to no other."""
    await tx.execute("set local session_replication_role = replica")
    chance = random.Random(2023)
    await tx.execute("delete from assessments.entries")  # what the ratings say is written below their log
    await tx.execute(  # a second evaluator, who rates what the observer had to rate
        "update assessments.recordings set role = 'evaluator' where assessor_id = $1", world.failed.observer
    )
    seen = set()
    criteria = tuple(replace(one, weight=weight) for one, weight in zip(GRID.criteria, (3, 2), strict=True))
    weighed = replace(GRID, pass_percent=60, criteria=criteria)
    for turn in range(120):
        grid = weighed if turn % 2 else GRID
        await tx.execute("update assessments.standards set grid = $1", msgspec.to_builtins(grid))
        rated = []
        for assessor in (world.failed.evaluator, world.failed.observer):
            likely = chance.choice([(8, 1, 1), (1, 1, 1), (30, 0, 1), (30, 1, 0), (1, 15, 0)])
            marks = {code: chance.choices(("met", "not_met", "not_observed"), likely)[0] for code in INDICATORS}
            rated.append([Rating(code, mark) for code, mark in marks.items()])  # type: ignore[arg-type]
            await tx.executemany(
                """update assessments.ratings g set rating = $3, reason = 'hors de vue' from assessments.recordings r
                   where r.id = g.recording_id and r.booking_id = $1 and r.assessor_id = $4 and g.indicator = $2""",
                [(world.failed.booking, code, mark, assessor) for code, mark in marks.items()],
            )
        proposal = propose(grid, agreed(rated)).outcome
        seen.add((grid.pass_percent, proposal))
        for claimed in ("pass", "fail", "undecided"):
            await tx.execute(
                "update assessments.deliberations set proposal = $2 where booking_id = $1",
                world.failed.booking,
                claimed,
            )
            found = await tx.fetchval("select count(*) from service.violations_11_ratings")
            assert found == (claimed != proposal)
    assert seen == {(percent, outcome) for percent in (0, 60) for outcome in ("pass", "fail", "undecided")}


async def test_what_a_reaction_still_has_to_do_is_no_violation(tx: Tx, world: World, broken: Broken) -> None:
    """A pass whose certificate is on its way; ten minutes after the release it should have been there."""
    await tx.execute("set local session_replication_role = replica")
    await tx.execute("delete from certificates.register; delete from certificates.numbers")
    released_at = world.now - timedelta(minutes=10)
    await tx.execute(
        "update service.outbox set done_at = null, occurred_at = $2 where topic = 'decision.released' and aggregate = $1",
        world.passed.booking,
        released_at + timedelta(seconds=1),
    )
    assert await broken() == {}
    await tx.execute("update service.outbox set occurred_at = $1 where done_at is null", released_at)
    assert await broken() == {"outbox": 1}


async def test_guidance_after_the_failures_opens_the_unit_again(tx: Tx, world: World, broken: Broken) -> None:
    await tx.execute("set local session_replication_role = replica")
    failures = next(sql for rule, _, sql in BREAKS if rule == "guidance")
    await tx.execute(failures.format(**msgspec.structs.asdict(world), early=world.passed.test_day - timedelta(days=15)))
    await tx.execute(
        """insert into assessments.enrolments (candidate_id, unit_id, enrolled_at, guided_at, advice)
           select candidate_id, unit_id, booked_at, booked_at, 'unfavourable' from scheduling.bookings where id = $1""",
        world.coming_booking,
    )
    assert await broken() == {}


async def test_ties_that_ended_before_or_came_after_are_none(tx: Tx, world: World, broken: Broken) -> None:
    await tx.executemany(
        """insert into assessments.links (assessor_id, candidate_id, kind, declared_at, ended_at)
           values ($1, $2, 'professional', $3, $4)""",
        [
            (
                world.passed.observer,
                world.passed.candidate,
                datetime(2020, 1, 1, tzinfo=UTC),
                datetime(2021, 1, 1, tzinfo=UTC),
            ),
            (world.failed.observer, world.failed.candidate, world.now, None),
        ],
    )
    assert await broken() == {}


async def test_an_erased_candidate_leaves_the_register_the_decision_and_the_report(
    tx: Tx, world: World, broken: Broken
) -> None:
    await tx.execute(
        """update assessments.candidates set erased_at = $2, given_name = '–', family_name = left(id::text, 8), phone = null,
               municipality = null, email = id || '@erased.invalid', birth_date = date_trunc('year', birth_date)
           where id = $1""",
        world.passed.candidate,
        world.now,
    )
    assert await broken() == {}
    findings = {found.rule: found.looked_at for found in await check.audit(tx, now=world.now)}
    assert (findings["erasures"], findings["serials"], findings["occupied spots"]) == (1, 1, 2)


async def test_findings_name_rows_and_no_people(tx: Tx, world: World) -> None:
    await tx.execute("update assessments.candidates set erased_at = $1", world.now)
    finding = next(found for found in await check.audit(tx, now=world.now) if found.rule == "erasures")
    assert finding.violations == 5  # the words of an appeal, too
    assert "Peeters" not in check.table([finding])
    assert finding.examples[0].detail == "erased, and still known by name, address, birth date"
    many = msgspec.structs.replace(finding, violations=7)
    assert "and 2 more" in check.table([many])


@pytest.mark.parametrize("as_json", [True, False])
async def test_the_command_prints_and_answers_by_its_status(
    database_url: str, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    connection = await asyncpg.connect(database_url)
    settings = settings_for(database_url, "redis://localhost:1", tmp_path)
    arguments = argparse.Namespace(json=as_json)
    assert await asyncio.to_thread(check.command, arguments, settings) == 0
    await connection.execute(
        "insert into certificates.numbers (year, last) values (2026, 1)"  # given, and never issued
    )
    assert await asyncio.to_thread(check.command, arguments, settings) == 2
    printed = capsys.readouterr().out
    assert (
        ('"rule":"serials"' in printed)
        if as_json
        else ("1 BROKEN" in printed and "1 of 31 rules are broken." in printed)
    )
    await connection.execute("drop view service.violations")
    await connection.close()
    with pytest.raises(SettingsFault, match="preuve migrate"):
        await asyncio.to_thread(check.command, arguments, settings)
