"""Any database, however old, comes to the same schema; once, whoever starts; and never from an edited file."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

import migrations
from service import embedded

NUMBERED = sorted(path.name for path in migrations.FOLDER.glob("[0-9]*.sql"))
# From which versions one jumps to today's: now and then of the old ones, and each of the last. None is passed over: `grown`
# comes by every one, release by release.
JUMPED = [ran for ran in range(1, len(NUMBERED)) if ran % 6 == 1 or ran > len(NUMBERED) - 6]


@pytest.fixture
async def empty(postgres: embedded.Server) -> AsyncIterator[str]:
    """The address of a database in which nothing has run."""
    administration = await asyncpg.connect(postgres.url)
    await administration.execute("drop database if exists empty with (force)")
    await administration.execute("create database empty")
    yield postgres.url.replace("@/preuve?", "@/empty?")
    await administration.execute("drop database empty with (force)")
    await administration.close()


@pytest.fixture(scope="module")
async def today(shared_url: str) -> list[str]:
    """The schema that a new database has."""
    return await schema(shared_url)


@pytest.fixture(scope="module")
async def grown(
    postgres: embedded.Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[int], Awaitable[str]]]:
    """`await grown(ran)` is the name of a database in which the first so many files have run, each in a release of its
    own; it only grows, and nobody but its copies goes further."""
    administration = await asyncpg.connect(postgres.url)
    folder, url = tmp_path_factory.mktemp("releases"), postgres.url.replace("@/preuve?", "@/grown?")
    await administration.execute("create database grown")
    have: list[str] = []

    async def until(ran: int) -> str:
        assert len(have) <= ran, "a database does not go back"
        for name in NUMBERED[len(have) : ran]:
            shutil.copy(migrations.FOLDER / name, folder)
            assert await applied(url, folder) == [name]
            have.append(name)
        return "grown"

    yield until
    await administration.execute("drop database grown with (force)")
    await administration.close()


async def applied(url: str, folder: Path = migrations.FOLDER) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return await migrations.apply(connection, folder)
    finally:
        await connection.close()


async def schema(url: str) -> list[str]:
    """Columns, constraints, indexes, functions, triggers and views, as text to compare."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(DESCRIPTION)
    await connection.close()
    return [row["line"] for row in rows]


DESCRIPTION = """
    with ours as (select oid, nspname from pg_namespace
                  where nspname in ('service', 'scheduling', 'assessments', 'certificates'))
    select line from (
        select format('%s.%s.%s %s %s', nspname, relname, attname, format_type(atttypid, atttypmod), attnotnull)
            from pg_attribute join pg_class c on c.oid = attrelid join ours on ours.oid = relnamespace
            where attnum > 0 and not attisdropped
        union all select format('%s %s', conname, pg_get_constraintdef(k.oid))
            from pg_constraint k join ours on ours.oid = connamespace
        union all select indexdef from pg_indexes where schemaname in (select nspname from ours)
        union all select pg_get_functiondef(p.oid) from pg_proc p join ours on ours.oid = pronamespace
        union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = tgrelid
            join ours on ours.oid = relnamespace where not tgisinternal
        union all select format('%s.%s %s', schemaname, viewname, definition) from pg_views
            where schemaname in (select nspname from ours)
    ) lines(line) order by line"""


async def test_everything_runs_once(empty: str) -> None:
    assert await applied(empty) == NUMBERED
    assert await applied(empty) == []


@pytest.mark.parametrize("ran", JUMPED)
async def test_every_earlier_version_comes_to_the_same_schema(
    postgres: embedded.Server, grown: Callable[[int], Awaitable[str]], today: list[str], ran: int
) -> None:
    administration = await asyncpg.connect(postgres.url)
    await administration.execute(f"create database earlier template {await grown(ran)} strategy file_copy")
    earlier = postgres.url.replace("@/preuve?", "@/earlier?")
    try:
        assert await applied(earlier) == NUMBERED[ran:]
        assert await schema(earlier) == today
    finally:
        await administration.execute("drop database earlier with (force)")
        await administration.close()


async def test_an_edited_file_is_refused_and_nothing_changes(empty: str, tmp_path: Path) -> None:
    for name in NUMBERED:
        shutil.copy(migrations.FOLDER / name, tmp_path)
    await applied(empty, tmp_path)
    before = await schema(empty)
    (tmp_path / NUMBERED[1]).write_text("create table scheduling.strange (id int);")
    (tmp_path / "9999_next.sql").write_text("create table scheduling.next (id int);")
    with pytest.raises(migrations.EditedMigration):
        await applied(empty, tmp_path)
    assert await schema(empty) == before


async def test_an_older_release_refuses_a_newer_database(empty: str, tmp_path: Path) -> None:
    await applied(empty)
    for name in NUMBERED[:-1]:
        shutil.copy(migrations.FOLDER / name, tmp_path)
    with pytest.raises(migrations.UnknownMigration):
        await applied(empty, tmp_path)


async def test_a_migration_that_fails_leaves_nothing(empty: str, tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("create schema service; create table service.good (id int);")
    (tmp_path / "0002_bad.sql").write_text("create table service.bad (id int); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await applied(empty, tmp_path)
    assert await schema(empty) == []


async def test_three_processes_at_once_all_succeed(empty: str) -> None:
    program = "import asyncio, asyncpg, migrations, sys\n" \
        "async def main():\n" \
        "    connection = await asyncpg.connect(sys.argv[1])\n" \
        "    print(len(await migrations.apply(connection)))\n" \
        "asyncio.run(main())"  # fmt: skip
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, empty, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [await process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert sorted(int(out) for out, _ in said) == [0, 0, len(NUMBERED)]
