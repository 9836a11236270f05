"""One unit of work against the real PostgreSQL: done or undone as a whole, and every trouble a named refusal."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from scheduling.refusals import RoomBusy, SeatsExceedCapacity
from service import db, embedded
from service.refusals import AccountKnown, Overloaded, TryAgain, Unavailable


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[db.Database]:
    opened = await db.connect(database_url, size=3, wait=0.3, house=True)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """For what the application's role may not do."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def milestones(database: db.Database) -> list[str]:
    async with database.read() as tx:
        return [row["name"] for row in await tx.fetch("select name from service.milestones order by name")]


async def reach(tx: asyncpg.Connection, name: str) -> None:
    await tx.execute("insert into service.milestones values ($1, '2026-09-01T08:00Z')", name)


async def test_a_unit_of_work_is_done_or_undone_as_a_whole(database: db.Database) -> None:
    async with database.transaction() as tx:
        await reach(tx, "kept")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await reach(tx, "undone")
            raise ZeroDivisionError
    assert await milestones(database) == ["kept"]


async def test_a_broken_named_constraint_is_the_refusal_of_that_name(database: db.Database) -> None:
    with pytest.raises(AccountKnown):
        async with database.transaction() as tx:
            for _ in range(2):
                await tx.execute(
                    """insert into service.accounts (email, role, language, created_at)
                       values ('admin@example.org', 'administrator', 'fr', '2026-09-01T08:00Z')"""
                )


async def test_a_rule_that_a_trigger_guards_is_refused_by_its_name_too(database: db.Database) -> None:
    with pytest.raises(RoomBusy):
        async with database.transaction() as tx:
            await tx.execute("select service.refuse('room_busy')")


async def test_a_rule_checked_at_commit_is_refused_at_commit(database: db.Database, owner: asyncpg.Connection) -> None:
    await owner.execute(
        """create function public.late() returns trigger language plpgsql as
           $$ begin perform service.refuse('seats_exceed_capacity'); return null; end $$;
           create constraint trigger late after insert on service.milestones
               deferrable initially deferred for each row execute function public.late()"""
    )
    reached_the_end = False
    with pytest.raises(SeatsExceedCapacity):
        async with database.transaction() as tx:
            await reach(tx, "late")
            reached_the_end = True
    assert reached_the_end
    assert await milestones(database) == []


async def test_an_unnamed_constraint_is_a_defect_and_stays_itself(database: db.Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute(
                "insert into service.outbox (topic, aggregate, occurred_at) values ('NO', $1, now())", uuid4()
            )


async def test_a_wrong_call_of_ours_is_a_defect_and_stays_itself(database: db.Database) -> None:
    with pytest.raises(asyncpg.InterfaceError):
        async with database.transaction() as tx:
            await tx.execute("select $1::int", 1, 2)


async def test_reading_cannot_write(database: db.Database) -> None:
    with pytest.raises(Unavailable):  # the same answer as from a standby: nothing was written
        async with database.read() as tx:
            await reach(tx, "written")


async def test_two_units_in_a_deadlock_one_is_asked_to_try_again(database: db.Database) -> None:
    async with database.transaction() as tx:
        await reach(tx, "a")
        await reach(tx, "b")
    touched = asyncio.Barrier(2)

    async def touch(first: str, second: str) -> str:
        try:
            async with database.transaction() as tx:
                await tx.execute("update service.milestones set reached_at = now() where name = $1", first)
                await touched.wait()
                await tx.execute("update service.milestones set reached_at = now() where name = $1", second)
        except TryAgain:
            return "try again"
        return "done"

    assert sorted(await asyncio.gather(touch("a", "b"), touch("b", "a"))) == ["done", "try again"]


async def test_a_lock_held_too_long_is_asked_to_try_again(database: db.Database) -> None:
    async with database.transaction() as holder:
        await holder.execute("lock table service.milestones")
        with pytest.raises(TryAgain):
            async with database.transaction() as tx:
                await tx.execute("set local lock_timeout = '50ms'")
                await reach(tx, "late")


async def test_without_a_free_connection_the_answer_is_a_quick_no(database: db.Database) -> None:
    async with database.transaction(), database.transaction(), database.transaction():
        with pytest.raises(Overloaded):
            async with database.transaction():
                pass
    assert await database.ready(1)


async def test_an_answer_that_takes_too_long_is_given_up(database: db.Database) -> None:
    with pytest.raises(Overloaded):
        async with database.transaction() as tx:
            await tx.execute("set local statement_timeout = '50ms'")
            await tx.execute("select pg_sleep(5)")


async def test_a_connection_cut_off_is_replaced(database: db.Database, owner: asyncpg.Connection) -> None:
    with pytest.raises(Unavailable):
        async with database.transaction() as tx:
            await reach(tx, "cut")
            pid = await tx.fetchval("select pg_backend_pid()")
            await owner.execute("select pg_terminate_backend($1)", pid)
            await tx.execute("select pg_sleep(1)")
    assert await milestones(database) == []


async def test_a_payload_goes_in_and_comes_back_as_what_it_was(database: db.Database) -> None:
    payload = {"who": "Zoë", "scores": [1, 2.5, None], "again": True}
    async with database.transaction() as tx:
        assert await tx.fetchval("select $1::jsonb", payload) == payload


async def test_a_server_that_is_away_comes_back(servers_folder, copies) -> None:  # type: ignore[no-untyped-def]
    folder = servers_folder / "away"
    folder.mkdir(mode=0o711)
    server = embedded.start_postgres(folder, durable=False)
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"set synchronous_commit = on; create role {db.APPLICATION}")
    await connection.close()
    database = await db.connect(server.url)
    assert await database.ready(1)
    server.process.kill()
    server.process.wait()
    assert not await database.ready(1)
    with pytest.raises(Unavailable):
        async with database.transaction():
            pass
    server = embedded.start_postgres(folder, durable=False)
    assert await database.ready(2)
    await database.close()
    server.stop()


async def test_no_server_at_the_start_is_said_at_once() -> None:
    with pytest.raises(Unavailable):
        await db.connect("postgresql://preuve@127.0.0.1:1/preuve")
